/* What the tables of the lenses share. */
#include "server/cli_lens.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

#define BAR_WIDTH 16

struct cli_source
cli_lens_source(const char *text, size_t n)
{
	struct cli_source s = {.text = text, .n = n};
	size_t room = 0;

	for (size_t at = 0; at < n; s.lines++) {
		if (s.lines == room) {
			room = room ? 2 * room : 256;
			s.at = reallocarray(s.at, room, sizeof(*s.at));
			if (!s.at)
				abort();
		}
		s.at[s.lines] = at;
		/* CPython ends lines at LF, CR LF and CR alike. */
		while (at < n && text[at] != '\n' && text[at] != '\r')
			at++;
		if (at + 1 < n && text[at] == '\r' && text[at + 1] == '\n')
			at++;
		at++;
	}
	return s;
}

void
cli_lens_source_clear(struct cli_source *s)
{
	free(s->at);
	*s = (struct cli_source){0};
}

const char *
cli_lens_line(const struct cli_source *s, json_int_t line, size_t *ret_n)
{
	*ret_n = 0;
	if (line < 1 || (size_t)line > s->lines)
		return "";
	size_t at = s->at[line - 1], end = at;
	while (end < s->n && s->text[end] != '\n' && s->text[end] != '\r')
		end++;
	*ret_n = end - at;
	return s->text + at;
}

json_int_t
cli_lens_int(const json_t *j, const char *key, json_int_t fallback)
{
	const json_t *v = json_object_get(j, key);

	return json_is_integer(v) ? json_integer_value(v) : fallback;
}

void
cli_lens_put_int(
	struct cli_table *t, enum cli_style s, const json_t *j, const char *key)
{
	const json_t *v = json_object_get(j, key);

	if (json_is_integer(v))
		cli_table_cell(
			t, s, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else
		cli_table_text(t, s, "", 0);
}

void
cli_lens_put_text(
	struct cli_table *t, enum cli_style s, const json_t *j, const char *key)
{
	const json_t *v = json_object_get(j, key);

	if (json_is_string(v))
		cli_table_text(
			t, s, json_string_value(v), json_string_length(v));
	else
		cli_table_text(t, s, "", 0);
}

void
cli_lens_put_ns(
	struct cli_table *t, enum cli_style s, const json_t *j, const char *key)
{
	json_int_t ns = cli_lens_int(j, key, -1);
	char text[CLI_NUMBER];

	if (ns < 0)
		cli_table_text(t, s, "", 0);
	else
		cli_table_cell(t, s, "%s", cli_text_ns(text, ns));
}

void
cli_lens_put_line(struct cli_table *t, enum cli_style s,
	const struct cli_source *src, json_int_t line)
{
	size_t n;
	const char *text = cli_lens_line(src, line, &n);

	cli_table_text(t, s, text, n);
}

void
cli_lens_count(struct buf *b, json_int_t n, const char *word)
{
	buf_printf(
		b, "%" JSON_INTEGER_FORMAT " %s%s", n, word, n == 1 ? "" : "s");
}

/* Eighths of a column: U+2588 is a whole one, U+258F an eighth. */
void
cli_lens_put_bar(struct cli_table *t, json_int_t part, json_int_t whole)
{
	unsigned eighths = whole > 0 ? (unsigned)((double)part / (double)whole *
							  BAR_WIDTH * 8 +
						  0.5)
				     : 0;
	scope_buf struct buf b = BUF_INIT(4 * BAR_WIDTH);

	for (; eighths >= 8; eighths -= 8)
		buf_printf(&b, "█");
	if (eighths)
		buf_printf(&b, "\xe2\x96%c", (char)(0x90 - eighths));
	cli_table_text(t, CLI_NAME, b.len ? b.data : "", b.len);
}
