/* A reply to a run, as people read it in a terminal. */
#include "server/cli_tables.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "server/cli_lens.h"
#include "wire/tables.h"

static cli_lens_fn *const tables[LENS_COUNT] = {
	[LENS_BYTECODE] = cli_lens_bytecode,
	[LENS_REFCOUNTS] = cli_lens_refcounts,
	[LENS_GC] = cli_lens_gc,
	[LENS_TIMING] = cli_lens_timing,
	[LENS_OBJECTS] = cli_lens_objects,
	[LENS_STEPS] = cli_lens_steps,
	[LENS_AST] = cli_lens_ast,
	[LENS_MEMORY] = cli_lens_memory,
	[LENS_FRAMES] = cli_lens_frames,
	[LENS_THREADS] = cli_lens_threads,
	[LENS_TASKS] = cli_lens_tasks,
	[LENS_COUNTS] = cli_lens_counts,
	[LENS_PROFILE] = cli_lens_profile,
	[LENS_PROCESSES] = cli_lens_processes,
	[LENS_RACES] = cli_lens_races,
	[LENS_INSTRUCTIONS] = cli_lens_instructions,
};

static void
put_json(const json_t *value, const struct cli_out *o)
{
	scope_free char *text =
		json_dumps(value, JSON_INDENT(2) | JSON_ENSURE_ASCII);

	fprintf(o->file, "%s\n", text ? text : "");
}

void
cli_tables_lenses(const json_t *reply, const char *source, size_t n,
	const struct cli_out *o)
{
	struct cli_source src = cli_lens_source(source, n);
	const json_t *lenses = json_object_get(reply, "lenses");

	for (enum lens l = 0; l < LENS_COUNT; l++) {
		const json_t *value = json_object_get(lenses, lens_name(l));
		if (!value)
			continue;
		cli_text_say(o, CLI_BOLD, "\n%s\n", lens_name(l));
		if (tables[l])
			tables[l](value, &src, o);
		else
			put_json(value, o);
	}
	cli_lens_source_clear(&src);
}

static void
put_notes(const json_t *reply, const struct cli_out *o)
{
	const json_t *note;
	size_t i;

	json_array_foreach(json_object_get(reply, "notes"), i, note)
	{
		cli_text_say(o, CLI_WARN, "note: ");
		cli_text_wrap(o, 6, 6, json_string_value(note));
	}
}

static void
limit_words(const json_t *limit, struct buf *b)
{
	const char *unit = json_string_value(json_object_get(limit, "unit"));
	const char *name = json_string_value(json_object_get(limit, "name"));

	buf_printf(b,
		"limit %s, %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
		"%s%s used",
		name ? name : "?", cli_lens_int(limit, "used", 0),
		cli_lens_int(limit, "allowed", 0), unit ? " " : "",
		unit ? unit : "");
}

/* How it ended, in words; true when it ended well. */
static bool
end_words(const json_t *reply, struct buf *b)
{
	const char *status =
		json_string_value(json_object_get(reply, "status"));
	const char *signal =
		json_string_value(json_object_get(reply, "signal"));
	const json_t *limit = json_object_get(reply, "limit");
	json_int_t code = cli_lens_int(reply, "exit_code", -1);

	if (json_is_object(limit)) {
		limit_words(limit, b);
		return false;
	}
	buf_printf(b, "%s", status ? status : "?");
	if (signal)
		buf_printf(b, " %s", signal);
	if (code >= 0)
		buf_printf(b, ", exit %" JSON_INTEGER_FORMAT, code);
	return status && strcmp(status, "ok") == 0;
}

static void
confinement_words(const json_t *layers, struct buf *b)
{
	const json_t *layer;
	size_t i;

	json_array_foreach(layers, i, layer)
	{
		buf_printf(b, "%s%s", i ? "+" : "", json_string_value(layer));
	}
	if (!json_array_size(layers))
		buf_printf(b, "not confined");
}

/* One part of the status line, on a new line when this one is full. */
static void
put_part(const struct cli_out *o, unsigned *at, enum cli_style s,
	const char *label, const char *words)
{
	unsigned w = cli_text_width(label, strlen(label)) +
		     cli_text_width(words, strlen(words));

	if (*at && *at + 3 + w > o->width) {
		fputs("\n  ", o->file);
		*at = 2;
	} else if (*at) {
		fputs(" · ", o->file);
		*at += 3;
	}
	cli_text_say(o, s, "%s%s", label, words);
	*at += w;
}

/* "socket ×3 (EPERM), ptrace (EPERM)". */
static void
put_denied(const json_t *reply, const struct cli_out *o)
{
	const json_t *denied = json_object_get(reply, "denied"), *d;
	scope_buf struct buf b = BUF_INIT(8 * KIB);
	size_t i;

	if (!json_array_size(denied))
		return;
	buf_printf(&b, "refused:");
	json_array_foreach(denied, i, d)
	{
		json_int_t count = cli_lens_int(d, "count", 0);
		buf_printf(&b, "%s %s", i ? "," : "",
			json_string_value(json_object_get(d, "syscall")));
		if (count > 1)
			buf_printf(&b, " ×%" JSON_INTEGER_FORMAT, count);
		buf_printf(&b, " (%s)",
			json_string_value(json_object_get(d, "errno")));
	}
	cli_text_on(o, CLI_WARN);
	cli_text_wrap(o, 0, 2, b.data);
	cli_text_off(o, CLI_WARN);
}

void
cli_tables_status(const json_t *reply, const struct cli_out *o)
{
	const json_t *usage = json_object_get(reply, "usage");
	const json_t *runtime = json_object_get(reply, "runtime");
	const char *version =
		json_string_value(json_object_get(runtime, "version"));
	json_int_t memory = cli_lens_int(usage, "peak_rss_bytes", 0);
	scope_buf struct buf end = BUF_INIT(1 * KIB);
	scope_buf struct buf layers = BUF_INIT(1 * KIB);
	char number[CLI_NUMBER];
	unsigned at = 0;

	put_notes(reply, o);
	put_denied(reply, o);
	bool well = end_words(reply, &end);
	put_part(o, &at, well ? CLI_GOOD : CLI_BAD, "", end.data);
	put_part(o, &at, CLI_PLAIN, "CPU ",
		cli_text_ns(number, cli_lens_int(usage, "cpu_ns", 0)));
	put_part(o, &at, CLI_PLAIN, "wall ",
		cli_text_ns(number, cli_lens_int(usage, "wall_ns", 0)));
	put_part(o, &at, CLI_PLAIN, "memory ",
		cli_text_bytes(number, memory > 0 ? (uint64_t)memory : 0));
	put_part(o, &at, CLI_PLAIN, "CPython ", version ? version : "?");
	confinement_words(json_object_get(reply, "confinement"), &layers);
	put_part(o, &at, CLI_PLAIN, "", layers.data);
	fputc('\n', o->file);
}
