/* A finished run as the JSON of the reply: facts first, then claims. */
#include "api/report.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "api/report_lenses.h"
#include "api/text.h"
#include "base/utf8.h"

#define NS_PER_MS 1000000ULL

/* What the facts say of the CLEAN pass. */
struct verdict {
	const char *status;
	const char *limit; /* name, or NULL */
	uint64_t allowed, used;
	int exit_code; /* -1: none */
	int signal;    /* 0: none */
};

static struct verdict
limited(const char *name, uint64_t allowed, uint64_t used)
{
	return (struct verdict){.status = "limit",
		.limit = name,
		.allowed = allowed,
		.used = used,
		.exit_code = -1};
}

static struct verdict
judge_end(const struct run_request *q, const struct pass_result *p)
{
	int status = p->exit.wait_status;

	if (WIFEXITED(status))
		return (struct verdict){
			.status = WEXITSTATUS(status) ? "error" : "ok",
			.exit_code = WEXITSTATUS(status)};
	if (WTERMSIG(status) == SIGXFSZ)
		return limited(
			"disk", q->limits.disk_bytes, q->limits.disk_bytes);
	/* The kernel's own fence for CPU time ends with SIGKILL. */
	if (p->exit.cpu_ns >= q->limits.cpu_ms * NS_PER_MS)
		return limited(
			"cpu", q->limits.cpu_ms, p->exit.cpu_ns / NS_PER_MS);
	return (struct verdict){.status = "signal",
		.exit_code = -1,
		.signal = WTERMSIG(status)};
}

static struct verdict
judge(const struct run_request *q, const struct pass_result *p)
{
	switch (p->killed) {
	case KILL_WALL:
		return limited(
			"wall", q->limits.wall_ms, p->exit.wall_ns / NS_PER_MS);
	case KILL_OUTPUT:
		return limited(
			"output", q->limits.output_bytes, p->output_seen);
	case KILL_CANCEL:
		return (struct verdict){.status = "cancelled", .exit_code = -1};
	case KILL_NONE:
		break;
	}
	if (p->exit.cause == END_CPU)
		return limited(
			"cpu", q->limits.cpu_ms, p->exit.cpu_ns / NS_PER_MS);
	return judge_end(q, p);
}

static void
note(json_t *notes, const char *text)
{
	text_append(notes, text_need(json_string(text)));
}

json_t *
report_stream(const char *bytes, size_t n, bool truncated)
{
	json_t *o = text_need(json_object());
	/* A cut may have gone through a character. */
	size_t keep = truncated ? utf8_cut(bytes, n) : n;

	if (utf8_valid_prefix(bytes, keep) == keep)
		text_set(o, "text",
			text_need(json_stringn(keep ? bytes : "", keep)));
	else
		text_set(o, "base64", text_base64(bytes, n));
	text_set(o, "truncated", json_boolean(truncated));
	return o;
}

json_t *
report_runtime(const struct msg_hello *h)
{
	json_t *lenses = text_need(json_array());
	json_t *o = text_need(json_pack("{s:s, s:s, s:b, s:s}", "id", h->id,
		"version", h->version, "gil", (int)h->gil, "build", h->build));

	for (int i = 0; i < LENS_COUNT; i++)
		if (h->lenses & BIT(i))
			text_append(lenses, text_need(json_string(
						    lens_name((enum lens)i))));
	text_set(o, "lenses", lenses);
	text_set(o, "numpy",
		h->numpy[0] ? text_need(json_string(h->numpy)) : json_null());
	return o;
}

static json_t *
limit_json(const struct verdict *v)
{
	if (!v->limit)
		return json_null();
	return text_need(
		json_pack("{s:s, s:I, s:I}", "name", v->limit, "allowed",
			(json_int_t)v->allowed, "used", (json_int_t)v->used));
}

static json_t *
signal_json(const struct verdict *v)
{
	const char *name = v->signal ? sigabbrev_np(v->signal) : NULL;

	if (!v->signal)
		return json_null();
	return text_need(name ? json_sprintf("SIG%s", name)
			      : json_sprintf("signal %d", v->signal));
}

static json_t *
layers_json(uint32_t layers)
{
	json_t *a = text_need(json_array());

	for (int i = 0; i < LAYER_COUNT; i++)
		if (layers & BIT(i))
			text_append(a, text_need(json_string(
					       layer_name((enum layer)i))));
	return a;
}

static json_t *
usage_json(const struct run_result *r)
{
	const struct msg_exited *x = &r->pass[PASS_CLEAN].exit;

	return text_need(json_pack("{s:I, s:I, s:I, s:I}", "wall_ns",
		(json_int_t)x->wall_ns, "cpu_ns", (json_int_t)x->cpu_ns,
		"peak_rss_bytes", (json_int_t)x->peak_rss_bytes, "queue_ns",
		(json_int_t)r->queue_ns));
}

/* Passes that should have done the same and did not. */
static void
compare_passes(const struct run_result *r, json_t *notes)
{
	const struct pass_result *clean = &r->pass[PASS_CLEAN];

	for (int i = 0; i < PASS_COUNT; i++) {
		const struct pass_result *p = &r->pass[i];
		if (i == PASS_CLEAN || !p->made || !pass_runs((enum pass)i))
			continue;
		if (p->killed != KILL_NONE || p->exit.cause != END_SELF) {
			text_append(notes, text_need(json_sprintf(
						   "The pass \"%s\" was ended "
						   "early; what it "
						   "saw until then is shown.",
						   pass_name((enum pass)i))));
			continue;
		}
		bool same =
			p->out.len == clean->out.len &&
			(!p->out.len || !memcmp(p->out.data, clean->out.data,
						p->out.len));
		if (same && p->exit.wait_status == clean->exit.wait_status)
			continue;
		if (clean->killed != KILL_NONE || clean->exit.cause != END_SELF)
			continue;
		text_append(notes, text_need(json_sprintf(
					   "The program did something else in "
					   "the pass \"%s\" "
					   "than in the undisturbed one (%s).",
					   pass_name((enum pass)i),
					   same ? "another exit status"
						: "other output")));
	}
}

static void
explain(const struct verdict *v, json_t *notes)
{
	if (v->signal == SIGSEGV)
		note(notes,
			"The interpreter itself crashed (SIGSEGV). The usual "
			"causes are recursion through C code with a raised "
			"recursion limit, which overflows the C stack, and "
			"ctypes.");
	if (v->signal == SIGSYS)
		note(notes,
			"A system call of a foreign ABI was made; that ends "
			"the process.");
	if (v->limit && strcmp(v->limit, "wall") == 0)
		note(notes, "The run was ended because its time was up.");
}

json_t *
report_json(const struct run_request *q, const struct run_result *r)
{
	const struct pass_result *clean = &r->pass[PASS_CLEAN];
	struct verdict v = judge(q, clean);
	json_t *notes = text_need(json_array());
	json_t *o = text_need(json_object());
	bool cut = clean->killed == KILL_OUTPUT;

	text_set(o, "id", text_need(json_string(r->id)));
	text_set(o, "status", text_need(json_string(v.status)));
	text_set(o, "limit", limit_json(&v));
	text_set(o, "exit_code",
		v.exit_code >= 0 ? text_need(json_integer(v.exit_code))
				 : json_null());
	text_set(o, "signal", signal_json(&v));
	text_set(o, "exception",
		strcmp(v.status, "error") == 0 ? report_exception(clean, notes)
					       : json_null());
	text_set(o, "stdout",
		report_stream(clean->out.data, clean->out.len,
			cut || clean->out.dropped));
	text_set(o, "stderr",
		report_stream(clean->err.data, clean->err.len,
			cut || clean->err.dropped));
	text_set(o, "runtime",
		text_need(json_pack("{s:s, s:s, s:b}", "id", r->runtime->id,
			"version", r->runtime->version, "gil",
			(int)r->runtime->gil)));
	text_set(o, "usage", usage_json(r));
	text_set(o, "denied", text_need(json_array()));
	text_set(o, "confinement", layers_json(r->runtime->layers));
	text_set(o, "start", text_need(json_string(q->cold ? "cold" : "warm")));
	text_set(o, "hash_seed",
		q->hash_seed >= 0 ? text_need(json_integer(q->hash_seed))
		: q->cold	  ? text_need(json_string("random"))
			  : text_need(json_string("shared-per-zygote")));
	text_set(o, "lenses", report_lenses(q, r, notes));
	compare_passes(r, notes);
	explain(&v, notes);
	text_set(o, "claims",
		text_need(json_pack("[s, s]", "exception", "lenses")));
	text_set(o, "notes", notes);
	return o;
}
