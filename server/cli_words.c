/* Words of the command line as JSON. */
#include "server/cli_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/scope.h"

json_t *
cli_words_number(const char *s)
{
	char *end;

	errno = 0;
	long long v = strtoll(s, &end, 10);
	if (*s && !*end && !errno && strspn(s, "-0123456789") == strlen(s))
		return json_integer(v);
	return text_json(s, strlen(s));
}

void
cli_words_each(
	json_t *to, const char *list, void (*add)(json_t *to, const char *w))
{
	for (;;) {
		size_t n = strcspn(list, ",");
		scope_free char *w = strndup(list, n);
		if (!w)
			abort();
		add(to, w);
		if (!list[n])
			return;
		list += n + 1;
	}
}

void
cli_words_add_text(json_t *array, const char *w)
{
	text_append(array, text_json(w, strlen(w)));
}

void
cli_words_add_number(json_t *array, const char *w)
{
	text_append(array, cli_words_number(w));
}
