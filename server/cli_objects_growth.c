/* How containers grew: one row for each, its room from step to step, and the
 * lines that did it. */
#include "server/cli_objects.h"

#include <string.h>

/* Containers and steps that are shown; a claim may have more. */
#define MOST  64
#define STEPS 40

enum { NAME, KIND, ROOM, LINES, COLUMNS };

static const struct cli_column columns[COLUMNS] = {
	[NAME] = {.title = "name", .shrink = true, .least = 8},
	[KIND] = {.title = "type"},
	[ROOM] = {.title = "room", .shrink = true, .least = 16},
	[LINES] = {.title = "by line", .shrink = true, .least = 8},
};

/* The same container by another name is the same row. */
static bool
same(const json_t *a, const json_t *b)
{
	return cli_lens_int(a, "address", 0) == cli_lens_int(b, "address", 0) &&
	       strcmp(cli_objects_text(a, "kind"),
		       cli_objects_text(b, "kind")) == 0;
}

/* Is it the first of its container? */
static bool
is_first(const json_t *growth, size_t at)
{
	const json_t *one = json_array_get(growth, at);

	for (size_t i = 0; i < at; i++)
		if (same(json_array_get(growth, i), one))
			return false;
	return true;
}

static void
put_room(struct buf *b, const json_t *step)
{
	json_int_t to = cli_lens_int(step, "to", 0);

	buf_printf(b, "%s%" JSON_INTEGER_FORMAT, b->len ? " → " : "", to);
}

static void
put_row(struct cli_table *t, const json_t *growth, size_t from)
{
	const json_t *first = json_array_get(growth, from);
	scope_buf struct buf room = BUF_INIT(64 * KIB);
	scope_buf struct buf lines = BUF_INIT(64 * KIB);
	json_int_t last = 0;
	size_t n = 0;

	for (size_t i = from; i < json_array_size(growth); i++) {
		const json_t *step = json_array_get(growth, i);
		json_int_t line = cli_lens_int(step, "line", 0);
		if (!same(step, first))
			continue;
		if (++n > STEPS)
			break;
		put_room(&room, step);
		if (!json_is_integer(json_object_get(step, "from")) ||
			line == last)
			continue;
		buf_printf(&lines, "%s%" JSON_INTEGER_FORMAT,
			lines.len ? ", " : "", line);
		last = line;
	}
	if (n > STEPS)
		buf_printf(&room, " → …");
	cli_lens_put_text(t, CLI_NAME, first, "name");
	cli_lens_put_text(t, CLI_PLAIN, first, "kind");
	cli_table_text(t, CLI_PLAIN, room.data ? room.data : "", room.len);
	cli_table_text(t, CLI_DIM, lines.data ? lines.data : "", lines.len);
}

void
cli_objects_growth(const json_t *growth, const struct cli_source *src,
	const struct cli_out *o)
{
	scope_table struct cli_table *t = cli_table_new(columns, COLUMNS);
	size_t n = json_array_size(growth), rows = 0;

	(void)src;
	if (n == 0)
		return;
	cli_text_say(o, CLI_DIM,
		"\n  Room for items (of dicts and sets: slots), line by "
		"line:\n");
	for (size_t i = 0; i < n && rows < MOST; i++)
		if (is_first(growth, i)) {
			put_row(t, growth, i);
			rows++;
		}
	cli_table_print(t, o);
}
