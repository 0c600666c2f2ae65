/*
 * instructions: a row for each that ran, the first ones, with the value stack
 * before it, its top first; where a frame is left, what it hands on.
 */
#include "server/cli_lens.h"

#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/scope.h"

/* Rows that are shown; --json has all. */
#define STEPS 120

enum { STEP, LINE, FRAME, OFFSET, INSTRUCTION, STACK, COLUMNS };

static const struct cli_column columns[COLUMNS] = {
	[STEP] = {.title = "", .right = true},
	[LINE] = {.title = "line", .right = true},
	[FRAME] = {.title = "frame", .shrink = true, .least = 8},
	[OFFSET] = {.title = "at", .right = true},
	[INSTRUCTION] = {.title = "instruction", .shrink = true, .least = 16},
	[STACK] = {.title = "stack before it, top first",
		.shrink = true,
		.least = 12},
};

/* What is shown: the lens's value, and each frame's stack so far. */
struct view {
	const json_t *codes;
	json_t *stacks;	  /* by the frame's number as text: arrays of texts */
	json_int_t frame; /* of the row before */
};

static const json_t *
code_of(const struct view *v, const json_t *step)
{
	json_int_t n = cli_lens_int(step, "code", -1);

	return n >= 0 ? json_array_get(v->codes, (size_t)n) : NULL;
}

static const json_t *
instruction_of(const json_t *code, json_int_t offset)
{
	const json_t *i;
	size_t at;

	json_array_foreach(json_object_get(code, "instructions"), at,
		i) if (cli_lens_int(i, "offset", -1) == offset) return i;
	return NULL;
}

/* The stack of the step's frame, as it is before it. */
static json_t *
stack_of(struct view *v, const json_t *step)
{
	json_int_t keep = cli_lens_int(step, "keep", 0);
	char key[CLI_NUMBER];
	const json_t *value;
	size_t i;

	snprintf(key, sizeof(key), "%" JSON_INTEGER_FORMAT,
		cli_lens_int(step, "frame", 0));
	json_t *stack = json_object_get(v->stacks, key);
	if (!stack) {
		stack = text_need(json_array());
		text_set(v->stacks, key, stack);
	}
	while (json_array_size(stack) > (size_t)(keep < 0 ? 0 : keep))
		json_array_remove(stack, json_array_size(stack) - 1);
	json_array_foreach(json_object_get(step, "push"), i,
		value) if (json_is_string(value) &&
			   json_array_append(stack, (json_t *)value)) abort();
	return stack;
}

static void
put_stack(struct cli_table *t, const json_t *stack)
{
	scope_buf struct buf b = BUF_INIT(64 * 1024);
	const json_t *value;
	size_t i;

	for (i = json_array_size(stack); i-- > 0;) {
		value = json_array_get(stack, i);
		buf_put(&b, json_string_value(value),
			json_string_length(value));
		buf_printf(&b, "%s", i ? " │ " : "");
	}
	cli_table_text(t, CLI_PLAIN, b.data ? b.data : "", b.len);
}

/* "2 f": the second frame that there was, of f; nothing while it goes on. */
static void
put_frame(struct cli_table *t, struct view *v, const json_t *code,
	const json_t *step)
{
	const char *function =
		json_string_value(json_object_get(code, "function"));
	json_int_t frame = cli_lens_int(step, "frame", 0);

	if (frame == v->frame)
		cli_table_cell(t, CLI_PLAIN, "%s", "");
	else
		cli_table_cell(t, CLI_PLAIN, "%" JSON_INTEGER_FORMAT " %s",
			frame, function ? function : "?");
	v->frame = frame;
}

static const char *
text_of(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "";
}

/* How a frame was left, or what came to it, in the place of the instruction. */
static void
put_event(struct cli_table *t, const json_t *step)
{
	const char *left = text_of(step, "left");

	if (*left)
		cli_table_cell(
			t, CLI_DIM, "%s %s", left, text_of(step, "value"));
	else
		cli_table_cell(
			t, CLI_WARN, "raised %s", text_of(step, "raised"));
	cli_table_cell(t, CLI_PLAIN, "%s", "");
}

static void
put_step(struct cli_table *t, struct view *v, const json_t *step, size_t n)
{
	const json_t *code = code_of(v, step);
	const json_t *i =
		instruction_of(code, cli_lens_int(step, "offset", -1));

	cli_table_cell(t, CLI_DIM, "%zu", n);
	cli_lens_put_int(t, CLI_PLAIN, i, "line");
	put_frame(t, v, code, step);
	cli_lens_put_int(t, CLI_DIM, step, "offset");
	if (!json_is_array(json_object_get(step, "push"))) {
		put_event(t, step);
		return;
	}
	cli_table_cell(
		t, CLI_PLAIN, "%s %s", text_of(i, "op"), text_of(i, "arg"));
	put_stack(t, stack_of(v, step));
}

void
cli_lens_instructions(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	const json_t *steps = json_object_get(value, "steps"), *step;
	struct view v = {.codes = json_object_get(value, "code_objects"),
		.stacks = text_need(json_object())};
	scope_table struct cli_table *t = cli_table_new(columns, COLUMNS);
	scope_buf struct buf b = BUF_INIT(1024);
	size_t i;

	(void)src;
	cli_lens_count(&b, (json_int_t)json_array_size(steps), "step");
	buf_printf(&b, " in ");
	cli_lens_count(&b,
		cli_lens_int(json_object_get(value, "totals"), "frames", 0),
		"frame");
	buf_printf(&b, ".");
	fputs("  ", o->file);
	cli_text_wrap(o, 2, 2, b.data);
	json_array_foreach(steps, i, step) if (i < STEPS)
		put_step(t, &v, step, i + 1);
	cli_table_print(t, o);
	if (json_array_size(steps) > STEPS)
		cli_text_say(o, CLI_DIM, "  … and %zu more, in --json\n",
			json_array_size(steps) - STEPS);
	if (json_is_true(json_object_get(value, "truncated")))
		cli_text_say(o, CLI_WARN, "  … the rest was left out\n");
	json_decref(v.stacks);
}
