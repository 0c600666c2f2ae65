/* application/x-www-form-urlencoded. */
#include "api/form.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/scope.h"

static int
digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0'
					 : tolower((unsigned char)c) - 'a' + 10;
}

static bool
is_escape(const char *s, size_t n)
{
	return n >= 3 && s[0] == '%' && isxdigit((unsigned char)s[1]) &&
	       isxdigit((unsigned char)s[2]);
}

/* A string, or NULL when it is not UTF-8. */
static json_t *
decoded(const char *s, size_t n)
{
	scope_free char *to = malloc(n + 1);
	size_t len = 0;

	if (!to)
		abort();
	for (size_t i = 0; i < n; i++) {
		char c = s[i] == '+' ? ' ' : s[i];
		if (is_escape(s + i, n - i)) {
			c = (char)(digit(s[i + 1]) << 4 | digit(s[i + 2]));
			i += 2;
		}
		if (c == '\n' && len > 0 && to[len - 1] == '\r')
			len--;
		to[len++] = c;
	}
	return json_stringn(to, len);
}

json_t *
form_json(const char *body, size_t n)
{
	json_auto_t *form = text_need(json_object());
	size_t len;

	for (size_t at = 0; at < n; at += len + 1) {
		const char *pair = body + at;
		const char *end = memchr(pair, '&', n - at);
		len = end ? (size_t)(end - pair) : n - at;
		const char *eq = memchr(pair, '=', len);
		size_t name_len = eq ? (size_t)(eq - pair) : len;
		if (len == 0)
			continue;
		json_auto_t *name = decoded(pair, name_len);
		json_t *value = eq ? decoded(eq + 1, len - name_len - 1)
				   : text_need(json_string(""));
		/* Names with a NUL are nobody's. */
		if (!name || !value ||
			strlen(json_string_value(name)) !=
				json_string_length(name)) {
			json_decref(value);
			return NULL;
		}
		const char *key = json_string_value(name);
		if (!json_object_get(form, key))
			text_set(form, key, text_need(json_array()));
		text_append(json_object_get(form, key), value);
	}
	return json_incref(form);
}

const char *
form_first(const json_t *form, const char *name, size_t *ret_n)
{
	const json_t *value = json_array_get(json_object_get(form, name), 0);

	*ret_n = json_string_length(value);
	return value ? json_string_value(value) : "";
}
