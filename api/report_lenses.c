/*
 * Claims: lens values and the exception, as the child wrote them.
 *
 * The bytes come from a process that also ran a stranger's code.  They are
 * bounded by the size of the report, parsed once, and a record that is not what
 * it should be is left out, with a note.
 */
#include "api/report_lenses.h"

#include <stdio.h>
#include <string.h>

#include "api/text.h"
#include "wire/record.h"

/* The object that a record belongs to: one per lens, one for the run. */
struct claims {
	json_t *run, *lens[LENS_COUNT];
	bool damaged;
};

static void
add_record(json_t *to, const struct record *r, json_t *value)
{
	json_t *array;

	if (r->kind == RECORD_SET) {
		json_object_setn_new(to, r->member, r->member_len, value);
		return;
	}
	array = json_object_getn(to, r->member, r->member_len);
	if (!array) {
		array = text_need(json_array());
		json_object_setn_new(to, r->member, r->member_len, array);
	}
	if (json_is_array(array))
		json_array_append_new(array, value);
	else
		json_decref(value);
}

/* Reads the records of a pass for the lenses that it serves. */
static void
read_report(const struct pass_result *p, uint32_t lenses, struct claims *c)
{
	struct record r;
	size_t at = 0;
	int rc;

	while ((rc = record_next(
			p->report.data, p->report.len, &at, &r, NULL)) > 0) {
		json_t *to = r.lens == RECORD_RUN   ? c->run
			     : lenses & BIT(r.lens) ? c->lens[r.lens]
						    : NULL;
		if (!to)
			continue;
		json_t *value = json_loadb(r.json, r.json_len,
			JSON_DECODE_ANY | JSON_REJECT_DUPLICATES |
				JSON_ALLOW_NUL,
			NULL);
		if (value)
			add_record(to, &r, value);
		else
			c->damaged = true;
	}
	if (rc < 0)
		c->damaged = true;
}

static bool
is_string_or_null(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_string(v) || json_is_null(v);
}

static bool
is_int_or_null(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) || json_is_null(v);
}

static bool
exception_ok(const json_t *e)
{
	const char *phase = json_string_value(json_object_get(e, "phase"));
	json_t *frames = json_object_get(e, "traceback"), *frame;
	size_t i;

	if (!json_is_string(json_object_get(e, "type")) ||
		!is_string_or_null(e, "message") ||
		!is_string_or_null(e, "text") || !is_int_or_null(e, "line") ||
		!json_is_array(frames) || !phase ||
		(strcmp(phase, "run") != 0 && strcmp(phase, "compile") != 0))
		return false;
	json_array_foreach(frames, i, frame)
	{
		if (!is_string_or_null(frame, "file") ||
			!is_int_or_null(frame, "line") ||
			!is_string_or_null(frame, "function") ||
			!is_string_or_null(frame, "text"))
			return false;
	}
	return true;
}

json_t *
report_exception(const struct pass_result *p, json_t *notes)
{
	struct claims c = {.run = text_need(json_object())};

	read_report(p, 0, &c);
	json_t *e = json_object_get(c.run, "exception");
	json_t *out = e && exception_ok(e) ? json_incref(e) : json_null();
	if ((e && json_is_null(out)) || c.damaged)
		text_append(notes,
			text_need(json_string(
				"What the run reported of itself was damaged, "
				"by the run itself.")));
	json_decref(c.run);
	return out;
}

static void
set_default(json_t *o, const char *key, json_t *value)
{
	if (json_object_get(o, key))
		json_decref(value);
	else
		text_set(o, key, value);
}

/* Members that the contract fixes are there, whatever the pass came to. */
static void
complete(enum lens l, json_t *o, bool ended_early)
{
	switch (l) {
	case LENS_BYTECODE:
		set_default(o, "code_objects", text_need(json_array()));
		break;
	case LENS_REFCOUNTS:
		set_default(o, "steps", text_need(json_array()));
		set_default(o, "truncated", json_boolean(ended_early));
		break;
	case LENS_GC:
		set_default(o, "enabled", json_null());
		set_default(o, "thresholds", text_need(json_array()));
		set_default(o, "collections", text_need(json_array()));
		set_default(o, "totals", text_need(json_array()));
		break;
	case LENS_TIMING:
		set_default(o, "lines", text_need(json_array()));
		text_set(o, "lines_traced", json_true());
		break;
	case LENS_COUNT:
		break;
	}
}

/* The whole-program times of the timing lens are those of the undisturbed
 * pass. */
static void
add_times(json_t *timing, json_t *run)
{
	static const char *const keys[] = {
		"compile_ns", "exec_wall_ns", "exec_cpu_ns"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		json_t *v = json_object_get(run, keys[i]);
		text_set(timing, keys[i],
			json_is_integer(v) ? json_incref(v) : json_null());
	}
}

/* The pass whose word counts for a lens: ADAPTIVE knows all that STATIC does.
 */
static enum pass
pass_of(const struct run_result *r, enum lens l)
{
	const struct pass_result *p = &r->pass[PASS_ADAPTIVE];

	if (l == LENS_BYTECODE && p->made && p->killed == KILL_NONE &&
		p->exit.cause == END_SELF)
		return PASS_ADAPTIVE;
	return lens_pass(l);
}

json_t *
report_lenses(
	const struct run_request *q, const struct run_result *r, json_t *notes)
{
	json_t *out = text_need(json_object());
	struct claims clean = {.run = text_need(json_object())};
	bool damaged = false, cut = false;

	read_report(&r->pass[PASS_CLEAN], 0, &clean);
	for (int i = 0; i < LENS_COUNT; i++) {
		enum lens l = (enum lens)i;
		const struct pass_result *p = &r->pass[pass_of(r, l)];
		json_t *o = text_need(json_object());
		struct claims c = {.run = NULL};

		if (!(q->lenses & BIT(i))) {
			json_decref(o);
			continue;
		}
		c.lens[l] = o;
		read_report(p, BIT(i), &c);
		complete(l, o,
			p->killed != KILL_NONE || p->exit.cause != END_SELF);
		if (l == LENS_TIMING)
			add_times(o, clean.run);
		damaged |= c.damaged;
		cut |= p->report.len &&
		       record_was_cut(p->report.data, p->report.len);
		text_set(out, lens_name(l), o);
	}
	if (damaged)
		text_append(notes,
			text_need(json_string("Parts of a lens were damaged "
					      "by the run and left out.")));
	if (cut)
		text_append(
			notes, text_need(json_string(
				       "A lens had more to say than the report "
				       "holds; the rest was left out.")));
	json_decref(clean.run);
	return out;
}
