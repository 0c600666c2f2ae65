/*
 * What is special about an object of its kind: a list's room, a dict's table, a
 * class's order.  Kinds whose value says it all have nothing.
 */
#include "server/cli_objects.h"

#include <string.h>

#define BAR	    32 /* places of a bar at most */
#define SHOWN_SLOTS 64 /* of a table, one by one */

static const json_t *
member(const json_t *object, const char *kind, const char *key)
{
	return json_object_get(json_object_get(object, kind), key);
}

static json_int_t
number(const json_t *object, const char *kind, const char *key)
{
	return cli_lens_int(json_object_get(object, kind), key, 0);
}

/* "#2 p, q = dict", or, without a name, "#3 dict {'a': 1}", and its sizes. */
static void
put_head(const struct cli_objects *v, const json_t *object,
	const struct cli_out *o)
{
	scope_buf struct buf b = BUF_INIT(64 * KIB);
	scope_buf struct buf names = BUF_INIT(64 * KIB);
	const json_t *blocks = json_object_get(object, "blocks"), *one;
	json_int_t n = cli_lens_int(object, "object", 0);
	bool class = json_object_get(object, "class");
	size_t i;

	fputc('\n', o->file);
	if (class)
		buf_printf(&b, "class %s",
			cli_objects_text(
				json_object_get(object, "class"), "name"));
	else if (cli_objects_names(&names, v, n))
		buf_printf(&b, "%s = %s", names.data,
			cli_objects_text(object, "type"));
	else
		buf_printf(&b, "%s  %s", cli_objects_text(object, "type"),
			cli_objects_text(object, "value"));
	cli_objects_line(
		o, CLI_BOLD, 2, "#%" JSON_INTEGER_FORMAT " %s", n, b.data);
	buf_clear(&b);
	buf_printf(&b, "%" JSON_INTEGER_FORMAT " bytes",
		cli_lens_int(object, "owned_bytes", 0));
	buf_printf(&b,
		": %" JSON_INTEGER_FORMAT " before it, %" JSON_INTEGER_FORMAT
		" the object",
		cli_lens_int(object, "head_bytes", 0),
		cli_lens_int(object, "object_bytes", 0));
	json_array_foreach(blocks, i, one)
	{
		bool shared = json_is_true(json_object_get(one, "shared"));
		bool counted = json_is_true(json_object_get(one, "counted"));
		if (!shared)
			buf_printf(&b, ", %" JSON_INTEGER_FORMAT " %s%s",
				cli_lens_int(one, "bytes", 0),
				cli_objects_text(one, "block"),
				counted ? ""
					: " that sys.getsizeof does not count");
	}
	fputs("    ", o->file);
	cli_text_wrap(o, 4, 6, b.data);
}

/* Full and empty places: "████░░". */
static void
put_bar(const struct cli_out *o, json_int_t full, json_int_t all)
{
	json_int_t places = all < BAR ? all : BAR;
	json_int_t filled = all > 0 ? (json_int_t)((double)full / (double)all *
							   (double)places +
						   0.5)
				    : 0;

	fputs("    ", o->file);
	cli_text_on(o, CLI_NAME);
	for (json_int_t i = 0; i < places; i++)
		fputs(i < filled ? "█" : "░", o->file);
	cli_text_off(o, CLI_NAME);
	fprintf(o->file,
		" %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
		" place%s\n",
		full, all, all == 1 ? "" : "s");
}

static void
put_list(const struct cli_objects *v, const json_t *object,
	const struct cli_out *o)
{
	const json_t *items = member(object, "list", "items"), *one;
	scope_buf struct buf b = BUF_INIT(64 * KIB);
	size_t i;

	put_bar(o, number(object, "list", "length"),
		number(object, "list", "capacity"));
	json_array_foreach(items, i, one)
	{
		buf_printf(&b, "%s[%zu] #%" JSON_INTEGER_FORMAT " ",
			i ? "  " : "", i, json_integer_value(one));
		cli_objects_put(&b, v, one);
	}
	if (b.len)
		cli_objects_line(o, CLI_PLAIN, 4, "%s", b.data);
}

static void
put_path(struct buf *b, const json_t *path)
{
	const json_t *one;
	size_t i;

	json_array_foreach(path, i, one)
	{
		buf_printf(b, "%s%" JSON_INTEGER_FORMAT, i ? " → " : "",
			json_integer_value(one));
	}
}

/* What stands in each slot, its number above it, as many as fit in a row. */
static void
put_slots(const json_t *indices, const struct cli_out *o)
{
	size_t n = json_array_size(indices), fit = (o->width - 11) / 4;

	if (n > SHOWN_SLOTS)
		return;
	for (size_t from = 0; from < n; from += fit) {
		size_t to = from + fit < n ? from + fit : n;
		cli_text_say(o, CLI_DIM, "    slot  ");
		for (size_t i = from; i < to; i++)
			cli_text_say(o, CLI_DIM, "%4zu", i);
		fputs("\n    entry ", o->file);
		for (size_t i = from; i < to; i++) {
			json_int_t at =
				json_integer_value(json_array_get(indices, i));
			if (at >= 0)
				cli_text_say(o, CLI_NAME,
					"%4" JSON_INTEGER_FORMAT, at);
			else
				cli_text_say(o, at == -1 ? CLI_DIM : CLI_BAD,
					"   %s", at == -1 ? "·" : "✗");
		}
		fputc('\n', o->file);
	}
}

enum { AT, HASH, KEY, VALUE, PATH, COLUMNS };

static void
put_entries(const struct cli_objects *v, const json_t *entries, bool dict,
	const struct cli_out *o)
{
	const struct cli_column columns[COLUMNS] = {
		[AT] = {.title = dict ? "  entry" : "  slot", .right = true},
		[HASH] = {.title = "hash", .right = true},
		[KEY] = {.title = "key", .shrink = true, .least = 8},
		[VALUE] = {.title = dict ? "value" : "",
			.shrink = true,
			.least = dict ? 8 : 0},
		[PATH] = {.title = "slots tried"}};
	scope_table struct cli_table *t = cli_table_new(columns, COLUMNS);
	const json_t *one;
	size_t i;

	json_array_foreach(entries, i, one)
	{
		scope_buf struct buf key = BUF_INIT(64 * KIB);
		scope_buf struct buf value = BUF_INIT(64 * KIB);
		scope_buf struct buf path = BUF_INIT(64 * KIB);
		bool live = json_is_integer(json_object_get(one, "key"));
		cli_objects_put(&key, v, json_object_get(one, "key"));
		cli_objects_put(&value, v, json_object_get(one, "value"));
		put_path(&path, json_object_get(one, "path"));
		cli_lens_put_int(t, CLI_DIM, one, dict ? "index" : "slot");
		cli_lens_put_int(t, CLI_DIM, one, "hash");
		if (live)
			cli_table_text(t, CLI_PLAIN, key.data, key.len);
		else
			cli_table_cell(t, CLI_BAD, "deleted");
		cli_table_text(
			t, CLI_PLAIN, value.data, dict && live ? value.len : 0);
		cli_table_text(
			t, CLI_NAME, path.data ? path.data : "", path.len);
	}
	if (i > 0)
		cli_table_print(t, o);
}

static void
put_dict(const struct cli_objects *v, const json_t *object,
	const struct cli_out *o)
{
	static const struct {
		const char *table, *words;
	} tables[] = {{"unicode", "a table for strings alone"},
		{"general", "a table for any keys"},
		{"split", "keys that are shared, values of its own"}};
	const char *table = json_string_value(member(object, "dict", "table"));
	scope_buf struct buf b = BUF_INIT(4 * KIB);

	for (size_t i = 0; table && i < sizeof(tables) / sizeof(*tables); i++)
		if (strcmp(table, tables[i].table) == 0)
			buf_printf(&b, "%s, ", tables[i].words);
	cli_lens_count(&b, number(object, "dict", "slots"), "slot");
	buf_printf(&b, ", ");
	cli_lens_count(&b, number(object, "dict", "dummies"), "deleted one");
	buf_printf(&b,
		"; room for %" JSON_INTEGER_FORMAT " more before it grows",
		number(object, "dict", "entries_free"));
	cli_objects_line(o, CLI_PLAIN, 4, "%s", b.data);
	put_slots(member(object, "dict", "indices"), o);
	put_entries(v, member(object, "dict", "entries"), true, o);
}

static void
put_set(const struct cli_objects *v, const json_t *object,
	const struct cli_out *o)
{
	scope_buf struct buf b = BUF_INIT(4 * KIB);

	cli_lens_count(&b, number(object, "set", "slots"), "slot");
	buf_printf(&b, "%s, ",
		json_is_true(member(object, "set", "in_object"))
			? " in the object itself"
			: "");
	cli_lens_count(&b, number(object, "set", "dummies"), "deleted one");
	cli_objects_line(o, CLI_PLAIN, 4, "%s", b.data);
	put_entries(v, member(object, "set", "entries"), false, o);
}

static void
put_names(struct buf *b, const char *between, const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		const char *s = json_string_value(one);
		buf_printf(b, "%s%s", i ? between : "", s ? s : "?");
	}
}

/* Each step of C3: what was taken, and what had to wait. */
static void
put_merge(const json_t *merge, const struct cli_out *o)
{
	const json_t *step, *list;
	size_t i, k;

	json_array_foreach(merge, i, step)
	{
		scope_buf struct buf b = BUF_INIT(64 * KIB);
		buf_printf(&b, "take %s", cli_objects_text(step, "taken"));
		const json_t *over = json_object_get(step, "passed_over");
		if (json_array_size(over)) {
			buf_printf(&b, ", not ");
			put_names(&b, ", ", over);
		}
		buf_printf(&b, "  from");
		json_array_foreach(json_object_get(step, "lists"), k, list)
		{
			buf_printf(&b, " [");
			put_names(&b, " ", list);
			buf_printf(&b, "]");
		}
		cli_objects_line(o, CLI_DIM, 6, "%s", b.data);
	}
}

static void
put_class(const struct cli_objects *v, const json_t *object,
	const struct cli_out *o)
{
	const json_t *slots = member(object, "class", "slots"), *one;
	const json_t *keys = member(
		json_object_get(object, "class"), "shared_keys", "names");
	scope_buf struct buf b = BUF_INIT(64 * KIB);
	size_t i;

	(void)v;
	put_names(&b, " → ", member(object, "class", "mro"));
	cli_objects_line(o, CLI_NAME, 4, "%s", b.data ? b.data : "");
	put_merge(member(object, "class", "merge"), o);
	json_array_foreach(slots, i, one)
	{
		cli_objects_line(o, CLI_PLAIN, 4,
			"slot %s at byte %" JSON_INTEGER_FORMAT,
			cli_objects_text(one, "name"),
			cli_lens_int(one, "offset", 0));
	}
	buf_clear(&b);
	put_names(&b, ", ", keys);
	if (b.len)
		cli_objects_line(o, CLI_PLAIN, 4,
			"keys that its instances share: %s", b.data);
}

static void
put_instance(const struct cli_objects *v, const json_t *object,
	const struct cli_out *o)
{
	static const struct cli_column columns[] = {
		{.title = "  attribute", .shrink = true, .least = 10},
		{.title = "where"}, {.title = "", .right = true},
		{.title = "value", .shrink = true, .least = 10}};
	scope_table struct cli_table *t = cli_table_new(columns, 4);
	const json_t *list = member(object, "instance", "attributes"), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		scope_buf struct buf value = BUF_INIT(64 * KIB);
		const char *where = cli_objects_text(one, "where");
		json_int_t at = cli_lens_int(one,
			strcmp(where, "slot") == 0 ? "offset" : "index", -1);
		json_int_t n = cli_lens_int(one, "object", 0);
		cli_objects_put(&value, v, json_object_get(one, "object"));
		cli_table_cell(
			t, CLI_NAME, "  %s", cli_objects_text(one, "name"));
		if (strcmp(where, "slot") == 0)
			cli_table_cell(t, CLI_PLAIN,
				"slot, byte %" JSON_INTEGER_FORMAT, at);
		else if (at >= 0)
			cli_table_cell(t, CLI_PLAIN,
				"%s[%" JSON_INTEGER_FORMAT "]", where, at);
		else
			cli_table_cell(t, CLI_PLAIN, "%s", where);
		if (n > 0)
			cli_table_cell(t, CLI_DIM, "#%" JSON_INTEGER_FORMAT, n);
		else
			cli_table_text(t, CLI_DIM, "", 0);
		cli_table_text(t, CLI_PLAIN, value.data, value.len);
	}
	if (i > 0)
		cli_table_print(t, o);
}

/* "a = 1, b = [2]" */
static void
put_bound(const struct cli_objects *v, const char *word, const json_t *list,
	const struct cli_out *o)
{
	scope_buf struct buf b = BUF_INIT(64 * KIB);
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		const json_t *of = json_object_get(one, "object");
		const json_t *object =
			cli_objects_at(v, json_integer_value(of));
		const json_t *cell = member(object, "cell", "contents");
		buf_printf(&b, "%s%s = ", i ? ", " : "",
			cli_objects_text(one, "name"));
		cli_objects_put(&b, v, cell ? cell : of);
	}
	if (b.len)
		cli_objects_line(o, CLI_PLAIN, 4, "%s: %s", word, b.data);
}

static void
put_function(const struct cli_objects *v, const json_t *object,
	const struct cli_out *o)
{
	put_bound(v, "defaults", member(object, "function", "defaults"), o);
	put_bound(v, "keyword defaults",
		member(object, "function", "kwdefaults"), o);
	put_bound(v, "in cells", member(object, "function", "closure"), o);
}

static void
put_generator(const struct cli_objects *v, const json_t *object,
	const struct cli_out *o)
{
	const json_t *waits = member(object, "generator", "waits_for");
	json_int_t line = number(object, "generator", "line");
	scope_buf struct buf b = BUF_INIT(64 * KIB);

	buf_printf(&b, "%s",
		cli_objects_text(
			json_object_get(object, "generator"), "state"));
	if (line > 0)
		buf_printf(&b, " at line %" JSON_INTEGER_FORMAT, line);
	if (json_is_integer(waits)) {
		buf_printf(&b, ", waits for ");
		cli_objects_put(&b, v, waits);
	}
	cli_objects_line(o, CLI_PLAIN, 4, "%s", b.data);
	put_bound(v, "variables", member(object, "generator", "locals"), o);
}

static void
put_numbers(struct buf *b, const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		buf_printf(b, "%s%" JSON_INTEGER_FORMAT, i ? ", " : "",
			json_integer_value(one));
	}
}

static void
put_array(const struct cli_objects *v, const json_t *object,
	const struct cli_out *o)
{
	const json_t *base = member(object, "array", "base");
	scope_buf struct buf b = BUF_INIT(64 * KIB);

	buf_printf(&b, "shape (");
	put_numbers(&b, member(object, "array", "shape"));
	buf_printf(&b, "), strides (");
	put_numbers(&b, member(object, "array", "strides"));
	buf_printf(&b, ") bytes; ");
	put_names(&b, " ", member(object, "array", "flags"));
	cli_objects_line(o, CLI_PLAIN, 4, "%s", b.data);
	if (!json_is_integer(base))
		return;
	buf_clear(&b);
	cli_objects_put(&b, v, base);
	cli_objects_line(o, CLI_PLAIN, 4,
		"looks into #%" JSON_INTEGER_FORMAT " %s, %" JSON_INTEGER_FORMAT
		" bytes in",
		json_integer_value(base), b.data,
		number(object, "array", "offset_in_base"));
}

static bool
any(const json_t *object, const char *kind, const char *key)
{
	return json_array_size(member(object, kind, key)) > 0;
}

/* Is there more than the value says? */
static bool
has_closure(const json_t *object)
{
	return any(object, "function", "defaults") ||
	       any(object, "function", "kwdefaults") ||
	       any(object, "function", "closure");
}

static bool
is_own_class(const json_t *object)
{
	return json_is_array(member(object, "class", "attributes"));
}

static const struct {
	const char *member;
	bool (*when)(const json_t *object); /* NULL: always */
	void (*put)(const struct cli_objects *v, const json_t *object,
		const struct cli_out *o);
} kinds[] = {{"list", NULL, put_list}, {"dict", NULL, put_dict},
	{"set", NULL, put_set}, {"class", is_own_class, put_class},
	{"instance", NULL, put_instance},
	{"function", has_closure, put_function},
	{"generator", NULL, put_generator}, {"array", NULL, put_array}};

void
cli_objects_details(const struct cli_objects *v, const json_t *object,
	const struct cli_out *o)
{
	bool head = false;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!json_is_object(json_object_get(object, kinds[i].member)) ||
			(kinds[i].when && !kinds[i].when(object)))
			continue;
		if (!head)
			put_head(v, object, o);
		head = true;
		kinds[i].put(v, object, o);
	}
}
