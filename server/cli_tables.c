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
put_limit(const json_t *limit, const struct cli_out *o)
{
	const char *unit = json_string_value(json_object_get(limit, "unit"));
	const char *name = json_string_value(json_object_get(limit, "name"));

	cli_text_say(o, CLI_BAD, "limit");
	fprintf(o->file,
		" %s, %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
		"%s%s used",
		name ? name : "?", cli_lens_int(limit, "used", 0),
		cli_lens_int(limit, "allowed", 0), unit ? " " : "",
		unit ? unit : "");
}

static void
put_end(const json_t *reply, const struct cli_out *o)
{
	const char *status =
		json_string_value(json_object_get(reply, "status"));
	const char *signal =
		json_string_value(json_object_get(reply, "signal"));
	const json_t *limit = json_object_get(reply, "limit");
	json_int_t code = cli_lens_int(reply, "exit_code", -1);
	bool ok = status && strcmp(status, "ok") == 0;

	if (json_is_object(limit)) {
		put_limit(limit, o);
		return;
	}
	cli_text_say(o, ok ? CLI_GOOD : CLI_BAD, "%s", status ? status : "?");
	if (signal)
		fprintf(o->file, " %s", signal);
	if (code >= 0)
		fprintf(o->file, ", exit %" JSON_INTEGER_FORMAT, code);
}

static void
put_usage(const json_t *usage, const struct cli_out *o)
{
	char cpu[CLI_NUMBER], wall[CLI_NUMBER], memory[CLI_NUMBER];

	fprintf(o->file, " · CPU %s · wall %s · memory %s",
		cli_text_ns(cpu, cli_lens_int(usage, "cpu_ns", 0)),
		cli_text_ns(wall, cli_lens_int(usage, "wall_ns", 0)),
		cli_text_bytes(memory,
			(uint64_t)cli_lens_int(usage, "peak_rss_bytes", 0)));
}

static void
put_confinement(const json_t *layers, const struct cli_out *o)
{
	const json_t *layer;
	size_t i;

	fprintf(o->file, " · ");
	json_array_foreach(layers, i, layer) fprintf(
		o->file, "%s%s", i ? "+" : "", json_string_value(layer));
	if (!json_array_size(layers))
		cli_text_say(o, CLI_BAD, "not confined");
}

void
cli_tables_status(const json_t *reply, const struct cli_out *o)
{
	const json_t *runtime = json_object_get(reply, "runtime");
	const char *version =
		json_string_value(json_object_get(runtime, "version"));

	put_notes(reply, o);
	put_end(reply, o);
	put_usage(json_object_get(reply, "usage"), o);
	fprintf(o->file, " · CPython %s", version ? version : "?");
	put_confinement(json_object_get(reply, "confinement"), o);
	fputc('\n', o->file);
}
