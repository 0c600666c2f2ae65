/*
 * processes: in words how many there were and what they sent, then the tree of
 * them with what became of each, the lines at which they sent, and those that
 * could not be started.
 */
#include "server/cli_lens.h"

#include <signal.h>
#include <string.h>

#include "base/scope.h"

/* Processes and places that are shown; --json has all that were kept. */
#define ROWS   256
#define PLACES 40
/* Beyond that no further indentation. */
#define DEPTH 12

/* The rows as a tree, from the first down. */
struct tree {
	const json_t *row[ROWS];
	unsigned depth[ROWS];
	size_t n;
};

static json_int_t
count_of(const json_t *j, const char *key, const char *what)
{
	json_int_t n = cli_lens_int(json_object_get(j, key), what, 0);

	return n > 0 ? n : 0;
}

static void
put_sent(struct buf *b, const json_t *totals, const char *key, const char *word)
{
	cli_lens_count(b, count_of(totals, key, "messages"), "message");
	buf_printf(b, " %s, ", word);
	cli_lens_count(b, count_of(totals, key, "bytes"), "byte");
}

static void
put_summary(const json_t *value, const struct cli_out *o)
{
	const json_t *totals = json_object_get(value, "totals");
	json_int_t n = cli_lens_int(totals, "processes", 0);
	json_int_t failed = cli_lens_int(totals, "failures", 0);
	scope_buf struct buf b = BUF_INIT(1024);

	if (n == 1 && failed == 0) {
		buf_printf(&b, "One process: it started no other.");
	} else {
		buf_printf(&b, "%" JSON_INTEGER_FORMAT " process%s. ", n,
			n == 1 ? "" : "es");
		put_sent(&b, totals, "pickled", "pickled");
		buf_printf(&b, "; ");
		put_sent(&b, totals, "unpickled", "unpickled");
		buf_printf(&b, ".");
	}
	if (failed > 0)
		buf_printf(&b,
			" %" JSON_INTEGER_FORMAT " could not be started.",
			failed);
	fputs("  ", o->file);
	cli_text_wrap(o, 2, 2, b.data);
}

/* Behind the last that is below its parent; where that is not known, at the
 * end. */
static void
insert(struct tree *t, const json_t *row)
{
	json_int_t parent = cli_lens_int(row, "parent", 0);
	size_t at = 0;

	while (at < t->n && cli_lens_int(t->row[at], "process", -1) != parent)
		at++;
	unsigned depth = at < t->n ? t->depth[at] + 1 : 0;
	if (at < t->n)
		at++;
	while (at < t->n && t->depth[at] >= depth && depth)
		at++;
	memmove(t->row + at + 1, t->row + at, (t->n - at) * sizeof(*t->row));
	memmove(t->depth + at + 1, t->depth + at,
		(t->n - at) * sizeof(*t->depth));
	t->row[at] = row;
	t->depth[at] = depth;
	t->n++;
}

static void
grow(struct tree *t, const json_t *rows)
{
	const json_t *row;
	size_t i;

	t->n = 0;
	json_array_foreach(rows, i, row)
	{
		if (t->n == ROWS)
			return;
		insert(t, row);
	}
}

enum {
	NAME,
	PID,
	HOW,
	LINE,
	BEGAN,
	ENDED,
	AS,
	FAULTS,
	PICKLED,
	UNPICKLED,
	COLUMNS
};

static const struct cli_column columns[COLUMNS] = {
	[NAME] = {.title = "process", .shrink = true, .least = 8},
	[PID] = {.title = "pid", .right = true},
	[HOW] = {.title = "how", .shrink = true, .least = 4},
	[LINE] = {.title = "line", .right = true},
	[BEGAN] = {.title = "began", .right = true},
	[ENDED] = {.title = "ended", .right = true},
	[AS] = {.title = "as", .shrink = true, .least = 6},
	[FAULTS] = {.title = "faults", .right = true},
	[PICKLED] = {.title = "pickled", .right = true},
	[UNPICKLED] = {.title = "un-", .right = true},
};

static void
put_name(struct cli_table *t, const json_t *row, unsigned depth)
{
	const char *name = json_string_value(json_object_get(row, "name"));

	cli_table_cell(t, CLI_NAME, "%*s%" JSON_INTEGER_FORMAT "%s%s",
		2 * (int)(depth < DEPTH ? depth : DEPTH), "",
		cli_lens_int(row, "process", 0), name ? " " : "",
		name ? name : "");
}

/* "fork"; what is the library's is said once, by who asked for it. */
static void
put_how(struct cli_table *t, const json_t *row)
{
	const char *how = json_string_value(json_object_get(row, "how"));
	const char *by = json_string_value(json_object_get(row, "by"));

	if (how && strncmp(how, "multiprocessing.", 16) == 0)
		how += 16;
	if (by && strncmp(by, "multiprocessing.", 16) == 0)
		by += 16;
	cli_table_cell(t, CLI_PLAIN, "%s%s%s", how ? how : "", by ? ", " : "",
		by ? by : "");
}

static void
put_end(struct cli_table *t, const json_t *row)
{
	json_int_t code = cli_lens_int(row, "exit_code", -1);
	json_int_t sig = cli_lens_int(row, "signal", 0);
	const char *name =
		sig > 0 && sig < _NSIG ? sigabbrev_np((int)sig) : NULL;

	if (name)
		cli_table_cell(t, CLI_WARN, "SIG%s", name);
	else if (sig > 0)
		cli_table_cell(
			t, CLI_WARN, "signal %" JSON_INTEGER_FORMAT, sig);
	else if (code >= 0)
		cli_table_cell(t, code ? CLI_WARN : CLI_PLAIN,
			"exit %" JSON_INTEGER_FORMAT, code);
	else
		cli_table_text(t, CLI_DIM, "?", 1);
}

static void
put_bytes(struct cli_table *t, const json_t *row, const char *key)
{
	json_int_t n = count_of(row, key, "messages");

	if (n)
		cli_table_cell(t, CLI_PLAIN, "%" JSON_INTEGER_FORMAT,
			count_of(row, key, "bytes"));
	else
		cli_table_text(t, CLI_PLAIN, "", 0);
}

static void
put_tree(const json_t *value, const struct cli_out *o)
{
	const json_t *rows = json_object_get(value, "processes");
	scope_table struct cli_table *t = cli_table_new(columns, COLUMNS);
	static struct tree tree;

	grow(&tree, rows);
	if (!tree.n)
		return;
	for (size_t i = 0; i < tree.n; i++) {
		const json_t *row = tree.row[i];
		put_name(t, row, tree.depth[i]);
		cli_lens_put_int(t, CLI_PLAIN, row, "pid");
		put_how(t, row);
		cli_lens_put_int(t, CLI_DIM, row, "line");
		cli_lens_put_ns(t, CLI_DIM, row, "began_ns");
		/* What was killed said nothing: when its parent heard of it. */
		cli_lens_put_ns(t, CLI_DIM, row,
			cli_lens_int(row, "ended_ns", -1) < 0 ? "waited_ns"
							      : "ended_ns");
		put_end(t, row);
		cli_lens_put_int(t, CLI_PLAIN, row, "minor_faults");
		put_bytes(t, row, "pickled");
		put_bytes(t, row, "unpickled");
	}
	cli_table_print(t, o);
	if (json_array_size(rows) > tree.n)
		cli_text_say(o, CLI_DIM, "  … and %zu more, in --json\n",
			json_array_size(rows) - tree.n);
}

enum {
	P_PROCESS,
	P_OUT,
	P_OUT_BYTES,
	P_IN,
	P_IN_BYTES,
	P_LINE,
	P_SOURCE,
	P_COUNT
};

static const struct cli_column place_columns[P_COUNT] = {
	[P_PROCESS] = {.title = "process", .right = true},
	[P_OUT] = {.title = "pickled", .right = true},
	[P_OUT_BYTES] = {.title = "bytes", .right = true},
	[P_IN] = {.title = "unpickled", .right = true},
	[P_IN_BYTES] = {.title = "bytes", .right = true},
	[P_LINE] = {.title = "line", .right = true},
	[P_SOURCE] = {.title = "source", .shrink = true, .least = 10},
};

static void
put_place(struct cli_table *t, const json_t *row, const json_t *place,
	const struct cli_source *src)
{
	static const char *const keys[] = {"pickled", "unpickled"};
	json_int_t line = cli_lens_int(place, "line", 0);

	cli_lens_put_int(t, CLI_NAME, row, "process");
	for (size_t i = 0; i < 2; i++) {
		const json_t *count = json_object_get(place, keys[i]);
		cli_lens_put_int(t, CLI_PLAIN, count, "messages");
		cli_lens_put_int(t, CLI_PLAIN, count, "bytes");
	}
	cli_lens_put_int(t, CLI_DIM, place, "line");
	if (line)
		cli_lens_put_line(t, CLI_PLAIN, src, line);
	else
		cli_table_text(t, CLI_DIM, "(in a thread of the library)", 28);
}

static void
put_places(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	scope_table struct cli_table *t = cli_table_new(place_columns, P_COUNT);
	const json_t *row, *place;
	size_t i, k, n = 0;

	json_array_foreach(json_object_get(value, "processes"), i, row)
	{
		json_array_foreach(json_object_get(row, "places"), k, place)
		{
			if (n++ < PLACES)
				put_place(t, row, place, src);
		}
	}
	if (!n)
		return;
	cli_text_say(o, CLI_DIM, "\n  where it was pickled and unpickled\n");
	cli_table_print(t, o);
	if (n > PLACES)
		cli_text_say(o, CLI_DIM, "  … and %zu more, in --json\n",
			n - PLACES);
}

static void
put_failures(const json_t *value, const struct cli_out *o)
{
	const json_t *f;
	size_t i;
	char at[CLI_NUMBER];

	json_array_foreach(json_object_get(value, "failures"), i, f)
	{
		const char *error =
			json_string_value(json_object_get(f, "error"));
		if (i == PLACES)
			break;
		cli_text_say(o, CLI_WARN,
			"  line %" JSON_INTEGER_FORMAT
			": process %" JSON_INTEGER_FORMAT
			" could not start another after %s: ",
			cli_lens_int(f, "line", 0),
			cli_lens_int(f, "process", 0),
			cli_text_ns(at, cli_lens_int(f, "at_ns", 0)));
		cli_text_say(o, CLI_WARN, "%s\n", error ? error : "?");
	}
}

void
cli_lens_processes(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	put_summary(value, o);
	put_tree(value, o);
	put_places(value, src, o);
	put_failures(value, o);
	if (json_is_true(json_object_get(value, "truncated")))
		cli_text_say(o, CLI_WARN, "  … the rest was left out\n");
}
