/* A finished run as the JSON of the reply. */
#include "api/report.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "api/plan.h"
#include "api/report_crash.h"
#include "api/report_parts.h"
#include "api/steps_tutor.h"
#include "api/text.h"
#include "base/utf8.h"

/* A reply in the making. */
struct reply {
	const struct run_request *q;
	const struct run_result *r;
	struct limits limits;	/* what the runtime has of those asked for */
	struct verdict verdict; /* of the CLEAN pass */
	json_t *notes;
	json_t *lenses;
	size_t memory; /* that claims may still take */
	/* Lenses whose passes took too long, as the run itself did. */
	uint32_t out_of_time;
};

static void
set_bytes(json_t *j, const char *bytes, size_t n, bool text)
{
	text_set(j, text ? "text" : "base64",
		text ? text_json(bytes, n) : text_base64(bytes, n));
}

json_t *
report_stream(const char *bytes, size_t n, bool truncated)
{
	json_t *j = text_need(json_object());
	size_t good = utf8_valid_prefix(bytes, n);

	/* The cut may have gone through a character; what came of it is no
	 * reason to call the whole not text. */
	if (truncated && good < n && utf8_cut(bytes, n) == good)
		n = good;
	set_bytes(j, bytes, n, good == n);
	text_set(j, "truncated", json_boolean(truncated));
	return j;
}

json_t *
report_output(const char *bytes, size_t *n, bool last)
{
	*n = last ? *n : utf8_cut(bytes, *n);
	if (*n == 0)
		return NULL;
	json_t *j = text_need(json_object());
	set_bytes(j, bytes, *n, utf8_valid_prefix(bytes, *n) == *n);
	return j;
}

static json_t *
stream(const struct pass_result *p, const struct buf *b)
{
	bool cut = b->dropped > 0 || (p->killed == KILL_OUTPUT && b->len > 0);

	return report_stream(b->data ? b->data : "", b->len, cut);
}

static json_t *
usage(const struct run_result *r)
{
	const struct msg_exited *x = &r->pass[PASS_CLEAN].exit;
	json_t *j = text_need(json_object());

	text_set(j, "queue_ns", json_integer((json_int_t)r->queue_ns));
	text_set(j, "wall_ns", json_integer((json_int_t)x->wall_ns));
	text_set(j, "cpu_ns", json_integer((json_int_t)x->cpu_ns));
	text_set(j, "peak_rss_bytes",
		json_integer((json_int_t)x->peak_rss_bytes));
	return j;
}

/* The names of the lenses that a pass served, for a note. */
static void
put_lenses(struct buf *b, uint32_t lenses)
{
	const char *between = "";

	for (enum lens l = 0; l < LENS_COUNT; l++) {
		if (!(lenses & BIT(l)))
			continue;
		buf_printf(b, "%s%s", between, lens_name(l));
		between = ", ";
	}
}

static bool
is_out_of_time(const struct verdict *v)
{
	return v->status == VERDICT_LIMIT && strcmp(v->unit, "ms") == 0;
}

/* How the pass of a lens ended, when that needs saying. */
static void
note_end(struct reply *y, enum pass p, uint32_t lenses)
{
	const struct pass_result *pass = &y->r->pass[p];
	struct verdict v = report_verdict(pass, &y->limits);
	const struct verdict *clean = &y->verdict;
	scope_buf struct buf b = BUF_INIT(1 * KIB);

	if (!pass_runs(p) && v.status <= VERDICT_ERROR)
		return;
	bool same = v.status == clean->status &&
		    v.exit_code == clean->exit_code &&
		    v.signal == clean->signal && v.limit == clean->limit;
	if (same && v.status <= VERDICT_ERROR)
		return;
	if (is_out_of_time(&v) && is_out_of_time(clean)) {
		y->out_of_time |= lenses;
		return;
	}
	buf_printf(&b, "The extra run for the lens ");
	put_lenses(&b, lenses);
	if (pass->exit.cause == END_JAIL) {
		report_note(y->notes, "%s could not be made: %s", b.data,
			pass->exit.text);
		return;
	}
	buf_put(&b, " ", 1);
	report_verdict_words(&v, &b);
	if (!same) {
		buf_printf(&b, ", unlike the run shown here, which ");
		report_verdict_words(clean, &b);
	}
	if (v.status > VERDICT_ERROR)
		buf_printf(&b, "; what it recorded until then is shown");
	report_note(y->notes, "%s.", b.data);
}

/* One note for all of them: which limit it was says nothing more. */
static void
note_out_of_time(struct reply *y)
{
	scope_buf struct buf b = BUF_INIT(1 * KIB);

	if (!y->out_of_time)
		return;
	put_lenses(&b, y->out_of_time);
	report_note(y->notes,
		"What was run again for %s took too long as well; what was "
		"recorded until then is shown.",
		b.data);
}

/* Where two outputs part: the offset, or -1.  When either run was ended by
 * force, only what both had time to write is compared. */
static ssize_t
first_difference(
	const struct pass_result *a, const struct pass_result *b, bool forced)
{
	size_t n = a->out.len < b->out.len ? a->out.len : b->out.len;

	if (n == 0 || memcmp(a->out.data, b->out.data, n) == 0)
		return forced || a->out.len == b->out.len ? -1 : (ssize_t)n;
	n = 0;
	while (a->out.data[n] == b->out.data[n])
		n++;
	return (ssize_t)n;
}

static void
note_output(struct reply *y, enum pass p, uint32_t lenses)
{
	const struct pass_result *pass = &y->r->pass[p];
	struct verdict v = report_verdict(pass, &y->limits);
	bool forced =
		v.status > VERDICT_ERROR || y->verdict.status > VERDICT_ERROR;
	ssize_t at = first_difference(&y->r->pass[PASS_CLEAN], pass, forced);
	scope_buf struct buf b = BUF_INIT(1 * KIB);

	if (at < 0 || !pass_runs(p))
		return;
	put_lenses(&b, lenses);
	report_note(y->notes,
		"The extra run for the lens %s printed something else than the "
		"run shown here, from byte %zd of standard output on. Programs "
		"that read the clock, addresses or random numbers, and those "
		"that look at the tracing itself, do that; the lens shows its "
		"own run.",
		b.data, at);
}

/* What was printed is that of the run that is shown. */
static void
put_tutor(struct reply *y, json_t *value)
{
	const struct buf *out = &y->r->pass[PASS_CLEAN].out;

	text_set(value, "python_tutor",
		steps_tutor(value, y->q->code.data, y->q->code.n,
			out->data ? out->data : "", out->len));
}

/* The lens's own values out of the claims of a pass.  In one that runs nothing
 * lenses look one after the other: what ended it in one of them takes nothing
 * from one that had said that all was there. */
static void
put_lens(struct reply *y, enum pass p, enum lens l, struct claims *c,
	bool ended_early)
{
	json_t *value = json_incref(c->lens[l]);
	const json_t *said = json_object_get(value, "truncated");
	bool over = !pass_runs(p) && json_is_false(said);

	bool truncated = c->cut || (ended_early && !over) || json_is_true(said);
	report_shape_complete(l, value);
	text_set(value, "truncated", json_boolean(truncated));
	if (l == LENS_STEPS && y->q->python_tutor)
		put_tutor(y, value);
	text_set(y->lenses, lens_name(l), value);
}

/* The specialised code stands in for the plain one when it is there. */
static bool
superseded(struct reply *y, enum pass p, enum lens l, const struct claims *c)
{
	const json_t *plain = json_object_get(y->lenses, lens_name(l));
	size_t have = json_array_size(json_object_get(plain, "code_objects"));
	size_t now =
		json_array_size(json_object_get(c->lens[l], "code_objects"));

	if (p != PASS_ADAPTIVE || now >= have)
		return false;
	report_note(y->notes,
		"The specialised instructions could not be read: the bytecode "
		"shown is as the compiler made it.");
	return true;
}

static void
put_pass(struct reply *y, enum pass p)
{
	const struct pass_result *pass = &y->r->pass[p];
	uint32_t lenses = plan_lenses(y->q, p);
	scope_claims struct claims c = {0};
	bool early = true;

	if (!lenses || p == PASS_CLEAN)
		return;
	report_claims_read(&c, p, &pass->report, lenses, &y->memory, y->notes);
	if (pass->made) {
		struct verdict v = report_verdict(pass, &y->limits);
		early = v.status > VERDICT_ERROR;
		note_end(y, p, lenses);
		note_output(y, p, lenses);
	} else {
		scope_buf struct buf b = BUF_INIT(1 * KIB);
		put_lenses(&b, lenses);
		report_note(y->notes,
			"The extra run for the lens %s was not made, because "
			"%s before its turn.",
			b.data,
			pass->killed == KILL_DEADLINE ? "the deadline was over"
						      : "the run had ended");
	}
	for (enum lens l = 0; l < LENS_COUNT; l++)
		if ((lenses & BIT(l)) && !superseded(y, p, l, &c))
			put_lens(y, p, l, &c, early);
}

/* What ADAPTIVE claims stands in for what STATIC does, which is there before.
 */
static size_t
weight(const struct reply *y, enum pass p)
{
	size_t n = y->r->pass[p].report.len;
	size_t plain = y->r->pass[PASS_STATIC].report.len;

	return p == PASS_ADAPTIVE && plain > n ? plain : n;
}

/* Those that claim little come first, or one that claims much would leave them
 * no room. */
static void
put_passes(struct reply *y)
{
	enum pass order[PASS_COUNT];

	for (enum pass p = 0; p < PASS_COUNT; p++) {
		size_t at = p;
		for (; at > 0 && weight(y, order[at - 1]) > weight(y, p); at--)
			order[at] = order[at - 1];
		order[at] = p;
	}
	for (size_t i = 0; i < PASS_COUNT; i++)
		put_pass(y, order[i]);
}

/* Times of the undisturbed pass go beside the lines of the traced one. */
static void
put_times(struct reply *y, const json_t *clean)
{
	static const char *const members[] = {
		"compile_ns", "exec_wall_ns", "exec_cpu_ns"};
	json_t *timing = json_object_get(y->lenses, lens_name(LENS_TIMING));

	if (!timing)
		return;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		json_t *v = json_object_get(clean, members[i]);
		text_set(timing, members[i], v ? json_incref(v) : json_null());
	}
	text_set(timing, "lines_traced", json_true());
}

static void
put_end(struct reply *y, json_t *j, const json_t *claimed)
{
	const struct verdict *v = &y->verdict;
	bool error = v->status == VERDICT_ERROR;

	text_set(j, "status", json_string(report_verdict_status(v)));
	text_set(j, "limit", report_verdict_limit(v));
	text_set(j, "exit_code",
		v->status <= VERDICT_ERROR ? json_integer(v->exit_code)
					   : json_null());
	text_set(j, "signal", report_verdict_signal(v));
	json_t *e =
		error ? report_exception(
				json_object_get(claimed, "exception"), y->notes)
		      : json_null();
	if (json_is_object(e))
		text_set(e, "limit",
			report_limit_met(e, &y->r->pass[PASS_CLEAN].exit,
				&y->limits, y->notes));
	text_set(j, "exception", e);
}

/* Why it died, by what the lens frames saw if that is the reason. */
static void
note_why(struct reply *y)
{
	if (y->verdict.status == VERDICT_SIGNAL &&
		y->verdict.signal == SIGSEGV &&
		report_crash_note(
			json_object_get(y->lenses, lens_name(LENS_FRAMES)),
			y->r->runtime->version, y->notes))
		return;
	report_verdict_explain(&y->verdict, y->notes);
}

/* Facts: counted by the init of the cell. */
static json_t *
denied(const struct msg_exited *x, json_t *notes)
{
	json_t *list = text_need(json_array());

	for (int i = 0; i < MAX_DENIED && x->denied[i].count; i++) {
		const struct msg_denied *d = &x->denied[i];
		const char *name = strerrorname_np(d->error);
		json_t *one = text_need(json_object());
		text_set(one, "syscall",
			text_json(d->syscall, strlen(d->syscall)));
		text_set(one, "count", json_integer(d->count));
		text_set(one, "errno", json_string(name ? name : "unknown"));
		text_append(list, one);
	}
	if (x->denied_others)
		report_note(notes,
			"More than %d kinds of system calls were refused; the "
			"others, refused %u times, are not named.",
			MAX_DENIED, x->denied_others);
	return list;
}

/* A limit that is lower than asked for has to be known. */
static void
note_room(struct reply *y)
{
	if (y->limits.disk_bytes < y->q->limits.disk_bytes)
		report_note(y->notes,
			"There is room for %" PRIu64 " bytes of files here, "
			"fewer than limits.disk_bytes allows.",
			y->limits.disk_bytes);
}

static void
put_start(json_t *j, const struct run_request *q, const struct run_result *r)
{
	bool fixed = q->hash_seed >= 0;

	text_set(j, "start", json_string(q->cold ? "cold" : "warm"));
	text_set(j, "zygote",
		json_string(zygote_name(r->pass[PASS_CLEAN].zygote)));
	text_set(j, "hash_seed",
		fixed ? json_integer(q->hash_seed) : json_null());
	/* Children of one zygote share its secret by nature. */
	text_set(j, "hash_secret",
		json_string(fixed     ? "fixed"
			    : q->cold ? "own"
				      : "shared"));
}

json_t *
report_json(const struct run_request *q, const struct run_result *r)
{
	return report_json_within(q, r, REPORT_MEMORY);
}

json_t *
report_json_within(
	const struct run_request *q, const struct run_result *r, size_t memory)
{
	const struct pass_result *clean = &r->pass[PASS_CLEAN];
	const struct limits limits = plan_limits(q, r->runtime);
	scope_claims struct claims c = {0};
	json_t *j = text_need(json_object());
	struct reply y = {
		.q = q,
		.r = r,
		.limits = limits,
		.verdict = report_verdict(clean, &limits),
		.notes = text_need(json_array()),
		.lenses = text_need(json_object()),
		.memory = memory,
	};

	report_claims_read(
		&c, PASS_CLEAN, &clean->report, 0, &y.memory, y.notes);
	text_set(j, "id", text_json(r->id, strlen(r->id)));
	put_end(&y, j, c.run);
	text_set(j, "stdout", stream(clean, &clean->out));
	text_set(j, "stderr", stream(clean, &clean->err));
	text_set(j, "runtime", report_runtime_brief(r->runtime));
	text_set(j, "usage", usage(r));
	put_start(j, q, r);
	note_room(&y);
	text_set(j, "denied", denied(&clean->exit, y.notes));
	text_set(j, "workdir",
		text_json(r->runtime->workdir, strlen(r->runtime->workdir)));
	text_set(j, "posture", json_string(posture_name(r->runtime->layers)));
	text_set(j, "confinement", report_confinement(r->runtime));
	put_passes(&y);
	note_why(&y);
	note_out_of_time(&y);
	put_times(&y, c.run);
	text_set(j, "claims", json_pack("[ss]", "exception", "lenses"));
	text_set(j, "notes", y.notes);
	text_set(j, "lenses", y.lenses);
	return j;
}
