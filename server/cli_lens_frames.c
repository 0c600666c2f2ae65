/*
 * frames: how deep and how much of the C stack in words, then the functions,
 * the tree of calls, and the deepest stack of each thread.
 */
#include "server/cli_lens.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

/* Levels of the tree that are shown; --json has all. */
#define LEVELS 16

static const char *
name_of(const json_t *functions, const json_t *row)
{
	json_int_t i = cli_lens_int(row, "function", -1);
	const char *name =
		i < 0 ? NULL
		      : json_string_value(json_object_get(
				json_array_get(functions, (size_t)i), "name"));

	return name ? name : "?";
}

static void
put_bytes(struct cli_table *t, const json_t *row, const char *key)
{
	json_int_t n = cli_lens_int(row, key, 0);
	char text[CLI_NUMBER];

	cli_table_cell(t, CLI_DIM, "%s",
		n > 0 ? cli_text_bytes(text, (uint64_t)n) : "");
}

/* A count, but nothing for none. */
static void
put_some(struct cli_table *t, const json_t *row, const char *key)
{
	json_int_t n = cli_lens_int(row, key, 0);

	if (n)
		cli_table_cell(t, CLI_PLAIN, "%" JSON_INTEGER_FORMAT, n);
	else
		cli_table_text(t, CLI_PLAIN, "", 0);
}

static json_int_t
sum(const json_t *functions, const char *kind, const char *key)
{
	json_int_t n = 0;
	const json_t *f;
	size_t i;

	json_array_foreach(functions, i, f)
	{
		const char *is = json_string_value(json_object_get(f, "kind"));
		if (is && strcmp(is, kind) == 0 &&
			__builtin_add_overflow(n, cli_lens_int(f, key, 0), &n))
			return 0;
	}
	return n;
}

static void
put_summary(const json_t *value, const struct cli_out *o)
{
	const json_t *functions = json_object_get(value, "functions");
	const json_t *limits = json_object_get(value, "limits");
	const json_t *c = json_object_get(limits, "c_recursion");
	const char *by = json_string_value(json_object_get(c, "by"));
	json_int_t most = cli_lens_int(c, "most", 0);
	scope_buf struct buf b = BUF_INIT(4096);

	cli_lens_count(&b, sum(functions, "python", "calls"), "call");
	buf_printf(&b, " of Python functions, ");
	cli_lens_count(&b, sum(functions, "python", "resumes"), "resume");
	buf_printf(&b, " of generators and coroutines, ");
	cli_lens_count(&b, sum(functions, "c", "calls"), "call");
	buf_printf(&b, " of C functions. sys.getrecursionlimit(): ");
	buf_printf(&b, "%" JSON_INTEGER_FORMAT,
		cli_lens_int(limits, "recursion_limit", 0));
	if (by && strcmp(by, "nothing") == 0)
		buf_printf(&b, "; nothing else keeps this version from the end "
			       "of the C stack");
	else if (by)
		buf_printf(&b,
			"; calls through C: at most %" JSON_INTEGER_FORMAT "%s",
			most,
			strcmp(by, "bytes") == 0 ? " bytes of the stack" : "");
	buf_printf(&b, ".");
	fputs("  ", o->file);
	cli_text_wrap(o, 2, 2, b.data);
}

enum {
	F_NAME,
	F_LINE,
	F_FILE,
	F_CALLS,
	F_RESUMES,
	F_UNWOUND,
	F_NESTED,
	F_ACTIVE,
	F_BYTES,
	F_COUNT
};

static const struct cli_column function_columns[F_COUNT] = {
	[F_NAME] = {.title = "function", .shrink = true, .least = 12},
	[F_LINE] = {.title = "line", .right = true},
	[F_FILE] = {.title = "file", .shrink = true, .least = 8},
	[F_CALLS] = {.title = "calls", .right = true},
	[F_RESUMES] = {.title = "resumed", .right = true},
	[F_UNWOUND] = {.title = "unwound", .right = true},
	[F_NESTED] = {.title = "nested", .right = true},
	[F_ACTIVE] = {.title = "at once", .right = true},
	[F_BYTES] = {.title = "C stack", .right = true},
};

static void
put_functions(const json_t *functions, const struct cli_out *o)
{
	scope_table struct cli_table *t =
		cli_table_new(function_columns, F_COUNT);
	const json_t *f;
	size_t i;

	json_array_foreach(functions, i, f)
	{
		const char *kind =
			json_string_value(json_object_get(f, "kind"));
		bool is_c = kind && strcmp(kind, "c") == 0;
		cli_lens_put_text(t, is_c ? CLI_DIM : CLI_NAME, f, "name");
		cli_lens_put_int(t, CLI_DIM, f, "line");
		if (is_c)
			cli_table_text(t, CLI_DIM, "(C)", 3);
		else
			cli_lens_put_text(t, CLI_DIM, f, "file");
		cli_lens_put_int(t, CLI_PLAIN, f, "calls");
		put_some(t, f, "resumes");
		put_some(t, f, "unwound");
		put_some(t, f, "nested");
		cli_lens_put_int(t, CLI_PLAIN, f, "most_active");
		put_bytes(t, f, "c_bytes");
	}
	if (i)
		cli_table_print(t, o);
}

enum { T_CALLS, T_RESUMES, T_BYTES, T_NAME, T_LINE, T_SOURCE, T_COUNT };

static const struct cli_column tree_columns[T_COUNT] = {
	[T_CALLS] = {.title = "calls", .right = true},
	[T_RESUMES] = {.title = "resumed", .right = true},
	[T_BYTES] = {.title = "C stack", .right = true},
	[T_NAME] = {.title = "what was called", .shrink = true, .least = 20},
	[T_LINE] = {.title = "by line", .right = true},
	[T_SOURCE] = {.title = "source", .shrink = true, .least = 10},
};

/* Rows name their parents, which come before them. */
struct tree {
	const json_t *rows, *functions;
	const struct cli_source *src;
	size_t n, *child, *next; /* 0: none, else a row's number + 1 */
	size_t hidden;
};

static void
link_rows(struct tree *t, size_t *ret_roots)
{
	*ret_roots = 0;
	for (size_t i = t->n; i-- > 0;) {
		json_int_t parent =
			cli_lens_int(json_array_get(t->rows, i), "parent", -1);
		size_t *list = parent >= 0 && parent < (json_int_t)i
				       ? &t->child[parent]
				       : ret_roots;
		t->next[i] = *list;
		*list = i + 1;
	}
}

/* Is the line one of the program's own file? */
static bool
is_ours(const struct tree *t, const json_t *row)
{
	json_int_t parent = cli_lens_int(row, "parent", -1);
	json_int_t f =
		parent < 0
			? -1
			: cli_lens_int(json_array_get(t->rows, (size_t)parent),
				  "function", -1);
	const json_t *by =
		f < 0 ? NULL : json_array_get(t->functions, (size_t)f);

	return json_is_null(json_object_get(by, "file"));
}

static void
put_row(const struct tree *t, const json_t *row, unsigned level,
	struct cli_table *table)
{
	json_int_t line = cli_lens_int(row, "line", 0);

	cli_lens_put_int(table, CLI_PLAIN, row, "calls");
	put_some(table, row, "resumes");
	put_bytes(table, row, "c_bytes");
	cli_table_cell(table, CLI_NAME, "%*s%s", (int)level * 2, "",
		name_of(t->functions, row));
	cli_lens_put_int(table, CLI_DIM, row, "line");
	if (line && is_ours(t, row))
		cli_lens_put_line(table, CLI_PLAIN, t->src, line);
	else
		cli_table_text(table, CLI_PLAIN, "", 0);
}

static void
put_level(struct tree *t, size_t list, unsigned level, struct cli_table *table)
{
	for (; list; list = t->next[list - 1]) {
		if (level == LEVELS) {
			t->hidden++;
			continue;
		}
		put_row(t, json_array_get(t->rows, list - 1), level, table);
		put_level(t, t->child[list - 1], level + 1, table);
	}
}

static void
put_tree(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	struct tree t = {.rows = json_object_get(value, "tree"),
		.functions = json_object_get(value, "functions"),
		.src = src};
	size_t roots;

	t.n = json_array_size(t.rows);
	if (!t.n)
		return;
	scope_free size_t *links = calloc(2 * t.n, sizeof(*links));
	if (!links)
		abort();
	t.child = links;
	t.next = links + t.n;
	scope_table struct cli_table *table =
		cli_table_new(tree_columns, T_COUNT);
	link_rows(&t, &roots);
	put_level(&t, roots, 0, table);
	cli_text_say(o, CLI_DIM, "\n  calls, by what made them\n");
	cli_table_print(table, o);
	if (t.hidden)
		cli_text_say(o, CLI_DIM,
			"  … and what is deeper than %d levels, in --json\n",
			LEVELS);
}

enum { S_USED, S_NAME, S_LINE, S_COUNT };

static const struct cli_column stack_columns[S_COUNT] = {
	[S_USED] = {.title = "C stack", .right = true},
	[S_NAME] = {.title = "frame", .shrink = true, .least = 12},
	[S_LINE] = {.title = "at line", .right = true},
};

static void
put_entries(const json_t *list, const json_t *functions, struct cli_table *t)
{
	const json_t *e;
	size_t i;

	json_array_foreach(list, i, e)
	{
		put_bytes(t, e, "c_used");
		cli_table_cell(t, CLI_NAME, "%s", name_of(functions, e));
		cli_lens_put_int(t, CLI_DIM, e, "line");
	}
}

static void
put_stack(const json_t *stack, const json_t *functions, const struct cli_out *o)
{
	scope_table struct cli_table *t = cli_table_new(stack_columns, S_COUNT);
	json_int_t left = cli_lens_int(stack, "left_out", 0);

	put_entries(json_object_get(stack, "outermost"), functions, t);
	if (left > 0) {
		cli_table_text(t, CLI_DIM, "", 0);
		cli_table_cell(t, CLI_DIM,
			"… %" JSON_INTEGER_FORMAT " more between", left);
		cli_table_text(t, CLI_DIM, "", 0);
	}
	put_entries(json_object_get(stack, "innermost"), functions, t);
	cli_table_print(t, o);
}

static void
put_thread(
	const json_t *thread, const json_t *functions, const struct cli_out *o)
{
	json_int_t used = cli_lens_int(thread, "c_most", 0);
	json_int_t all = cli_lens_int(thread, "c_stack", 0);
	scope_buf struct buf b = BUF_INIT(1024);
	char number[CLI_NUMBER];

	buf_printf(&b,
		"thread %" JSON_INTEGER_FORMAT
		": the deepest stack, %" JSON_INTEGER_FORMAT
		" frames; of the C stack at most %s",
		cli_lens_int(thread, "thread", 0),
		cli_lens_int(thread, "depth", 0),
		cli_text_bytes(number, used > 0 ? (uint64_t)used : 0));
	if (all > 0)
		buf_printf(&b, " of %s", cli_text_bytes(number, (uint64_t)all));
	fputs("\n  ", o->file);
	cli_text_on(o, CLI_DIM);
	cli_text_wrap(o, 2, 2, b.data);
	cli_text_off(o, CLI_DIM);
	put_stack(json_object_get(thread, "deepest"), functions, o);
}

void
cli_lens_frames(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	const json_t *functions = json_object_get(value, "functions");
	const json_t *crash = json_object_get(value, "crash");
	const json_t *thread;
	size_t i;

	put_summary(value, o);
	put_functions(functions, o);
	put_tree(value, src, o);
	json_array_foreach(json_object_get(value, "threads"), i, thread)
	{
		put_thread(thread, functions, o);
	}
	if (json_is_object(crash)) {
		cli_text_say(o, CLI_BAD, "\n  where it crashed\n");
		put_stack(json_object_get(crash, "stack"), functions, o);
	}
	if (json_is_true(json_object_get(value, "truncated")))
		cli_text_say(o, CLI_WARN, "  … the rest was left out\n");
}
