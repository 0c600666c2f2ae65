/*
 * objects: the names and what they are bound to, then what is special about
 * each of these, then what else was met; how containers grew.
 */
#include "server/cli_objects.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/scope.h"

/* Objects have numbers up to some hundreds; a claim may say any. */
#define MOST_NUMBER 4096
/* Captures that are shown with all that is special about their objects. */
#define WITH_DETAILS 3

struct cli_objects
cli_objects_of(const json_t *capture)
{
	struct cli_objects v = {.capture = capture};
	const json_t *list = json_object_get(capture, "objects"), *one;
	size_t i;

	v.by_number = calloc(MOST_NUMBER + 1, sizeof(const json_t *));
	if (!v.by_number)
		abort();
	v.n = MOST_NUMBER + 1;
	json_array_foreach(list, i, one)
	{
		json_int_t n = cli_lens_int(one, "object", 0);
		if (n > 0 && n <= MOST_NUMBER)
			v.by_number[n] = one;
	}
	return v;
}

void
cli_objects_clear(struct cli_objects *v)
{
	free(v->by_number);
	*v = (struct cli_objects){0};
}

const json_t *
cli_objects_at(const struct cli_objects *v, json_int_t number)
{
	return number > 0 && (size_t)number < v->n ? v->by_number[number]
						   : NULL;
}

const char *
cli_objects_text(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "";
}

void
cli_objects_put(
	struct buf *b, const struct cli_objects *v, const json_t *number)
{
	json_int_t n = json_is_integer(number) ? json_integer_value(number) : 0;
	const json_t *object = cli_objects_at(v, n);

	if (object)
		buf_printf(b, "%s", cli_objects_text(object, "value"));
	else
		buf_printf(b, "—");
}

bool
cli_objects_names(struct buf *b, const struct cli_objects *v, json_int_t number)
{
	const json_t *list = json_object_get(v->capture, "names"), *one;
	const char *between = "";
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (i == MAX_NAMES)
			break;
		if (cli_lens_int(one, "object", 0) != number)
			continue;
		buf_printf(b, "%s%s", between, cli_objects_text(one, "name"));
		between = ", ";
	}
	return *between;
}

void
cli_objects_line(const struct cli_out *o, enum cli_style s, unsigned indent,
	const char *fmt, ...)
{
	scope_free char *text = NULL;
	scope_buf struct buf b = BUF_INIT(1 * MIB);
	unsigned room = o->width > indent ? o->width - indent : 1;
	va_list args;

	va_start(args, fmt);
	int n = vasprintf(&text, fmt, args);
	va_end(args);
	if (n < 0)
		abort();
	cli_text_clean(&b, text, (size_t)n);
	const char *line = b.data ? b.data : "";
	bool cut = cli_text_width(line, b.len) > room;
	size_t shown = cut ? cli_text_fit(line, b.len, room - 1) : b.len;
	fprintf(o->file, "%*s", (int)indent, "");
	cli_text_on(o, s);
	fprintf(o->file, "%.*s%s", (int)shown, line, cut ? "…" : "");
	cli_text_off(o, s);
	fputc('\n', o->file);
}

enum { NAMES, NUMBER, TYPE, VALUE, SIZE, OWNS, REFS, COLUMNS };

static const struct cli_column columns[COLUMNS] = {
	[NAMES] = {.title = "name", .shrink = true, .least = 6},
	[NUMBER] = {.title = "", .right = true},
	[TYPE] = {.title = "type", .shrink = true, .least = 8},
	[VALUE] = {.title = "value", .shrink = true, .least = 12},
	[SIZE] = {.title = "bytes", .right = true},
	[OWNS] = {.title = "owns", .right = true},
	[REFS] = {.title = "refs", .right = true},
};

/* Objects that CPython 3.11 has from the start: see cli_lens_refcounts.c. */
#define STATIC_COUNT 900000000

static void
put_refs(struct cli_table *t, const json_t *object)
{
	const json_t *n = json_object_get(object, "refcount");

	if (json_is_integer(n) && json_integer_value(n) >= STATIC_COUNT)
		cli_table_cell(t, CLI_DIM, "static");
	else if (json_is_integer(n))
		cli_lens_put_int(t, CLI_PLAIN, object, "refcount");
	else
		cli_lens_put_text(t, CLI_DIM, object, "refcount");
}

static void
put_row(struct cli_table *t, const struct cli_objects *v, const json_t *object,
	bool named)
{
	scope_buf struct buf names = BUF_INIT(64 * KIB);
	json_int_t number = cli_lens_int(object, "object", 0);
	json_int_t size = cli_lens_int(object, "size_bytes", -1);
	json_int_t owns = cli_lens_int(object, "owned_bytes", -1);

	if (named) {
		cli_objects_names(&names, v, number);
		cli_table_text(
			t, CLI_NAME, names.data ? names.data : "", names.len);
	}
	cli_table_cell(t, CLI_DIM, "#%" JSON_INTEGER_FORMAT, number);
	cli_lens_put_text(t, CLI_PLAIN, object, "type");
	cli_lens_put_text(t, CLI_BOLD, object, "value");
	cli_lens_put_int(t, CLI_PLAIN, object, "size_bytes");
	if (owns != size && owns >= 0)
		cli_table_cell(t, CLI_WARN, "%" JSON_INTEGER_FORMAT, owns);
	else
		cli_table_cell(t, CLI_PLAIN, "%s", "");
	put_refs(t, object);
}

/* Those with a name, each once, or those without any. */
static size_t
put_objects(const struct cli_objects *v, const struct cli_out *o, bool named)
{
	const json_t *list = json_object_get(v->capture, "objects"), *one;
	size_t skip = named ? 0 : 1, i, n = 0;
	scope_table struct cli_table *t =
		cli_table_new(columns + skip, COLUMNS - skip);

	json_array_foreach(list, i, one)
	{
		scope_buf struct buf b = BUF_INIT(64 * KIB);
		json_int_t number = cli_lens_int(one, "object", 0);
		if (cli_objects_names(&b, v, number) != named)
			continue;
		put_row(t, v, one, named);
		n++;
	}
	if (n && !named)
		cli_text_say(o, CLI_DIM, "\n  From there:\n");
	if (n)
		cli_table_print(t, o);
	return n;
}

static void
put_details(const struct cli_objects *v, const struct cli_out *o)
{
	const json_t *list = json_object_get(v->capture, "objects"), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		cli_objects_details(v, one, o);
	}
}

/* "At the end", "Before line 3, in f, for the 2nd time". */
static void
put_title(const json_t *capture, const struct cli_source *src,
	const struct cli_out *o)
{
	json_int_t line = cli_lens_int(capture, "line", 0);
	json_int_t hit = cli_lens_int(capture, "hit", 0);
	const char *function = cli_objects_text(capture, "function");
	const char *when = cli_objects_text(capture, "when");
	scope_buf struct buf b = BUF_INIT(64 * KIB);
	size_t n;
	const char *text = cli_lens_line(src, line, &n);

	while (n && (*text == ' ' || *text == '\t')) {
		text++;
		n--;
	}
	if (strcmp(when, "end") == 0)
		buf_printf(&b, "At the end");
	else
		buf_printf(&b, "Before line %" JSON_INTEGER_FORMAT, line);
	if (*function && strcmp(function, "<module>") != 0)
		buf_printf(&b, " in %s", function);
	if (hit > 1)
		buf_printf(&b, ", time %" JSON_INTEGER_FORMAT, hit);
	if (strcmp(when, "running") == 0)
		buf_printf(&b, ", while it was running");
	if (n)
		buf_printf(&b, ": %.*s", (int)n, text);
	cli_objects_line(o, CLI_NAME, 2, "%s", b.data);
}

static void
put_dropped(const json_t *capture, const struct cli_out *o)
{
	static const struct {
		const char *member, *word;
	} all[] = {{"names", "name"}, {"objects", "object"}, {"items", "item"}};
	const json_t *dropped = json_object_get(capture, "dropped");
	scope_buf struct buf b = BUF_INIT(1 * KIB);

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		json_int_t n = cli_lens_int(dropped, all[i].member, 0);
		if (n <= 0)
			continue;
		buf_printf(&b, "%s", b.len ? ", " : "");
		cli_lens_count(&b, n, all[i].word);
	}
	if (b.len)
		cli_objects_line(
			o, CLI_WARN, 2, "… %s more, not shown", b.data);
}

static void
put_capture(const json_t *capture, bool details, const struct cli_source *src,
	const struct cli_out *o)
{
	scope_objects struct cli_objects v = cli_objects_of(capture);

	put_title(capture, src, o);
	if (!put_objects(&v, o, true))
		cli_text_say(o, CLI_DIM, "  no name is bound\n");
	cli_objects_asked(&v, o);
	if (details) {
		put_details(&v, o);
		put_objects(&v, o, false);
	}
	put_dropped(capture, o);
}

void
cli_lens_objects(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	const json_t *list = json_object_get(value, "captures"), *one;
	const json_t *running = json_object_get(value, "running");
	size_t n = json_array_size(list), i;

	json_array_foreach(list, i, one)
	{
		if (i > 0)
			fputc('\n', o->file);
		put_capture(one, n <= WITH_DETAILS || i + 1 == n, src, o);
	}
	if (json_is_object(running))
		put_capture(running, true, src, o);
	else if (n == 0)
		cli_text_say(o, CLI_DIM,
			"  the run was ended before anything could be seen\n");
	cli_objects_growth(json_object_get(value, "growth"), src, o);
	if (json_is_true(json_object_get(value, "truncated")))
		cli_text_say(o, CLI_WARN, "  … the rest was left out\n");
}
