/* How a pass ended, by what was measured outside the child. */
#include "api/report_parts.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "api/text.h"

#define NS_PER_MS 1000000

static const char *const statuses[VERDICT_COUNT] = {
	[VERDICT_OK] = "ok",
	[VERDICT_ERROR] = "error",
	[VERDICT_LIMIT] = "limit",
	[VERDICT_SIGNAL] = "signal",
	[VERDICT_CANCELLED] = "cancelled",
};

static struct verdict
limit(const char *name, const char *unit, uint64_t allowed, uint64_t used)
{
	return (struct verdict){
		.status = VERDICT_LIMIT,
		.limit = name,
		.unit = unit,
		.allowed = allowed,
		.used = used,
	};
}

static struct verdict
cpu_limit(const struct pass_result *p, const struct limits *l)
{
	return limit("cpu", "ms", l->cpu_ms, p->exit.cpu_ns / NS_PER_MS);
}

/* A signal that a limit sends is that limit, when the figures agree; a snippet
 * can send itself any signal. */
static struct verdict
signalled(const struct pass_result *p, const struct limits *l, int sig)
{
	bool cpu_used = p->exit.cpu_ns / NS_PER_MS >= l->cpu_ms;

	if (cpu_used && (sig == SIGXCPU || sig == SIGKILL))
		return cpu_limit(p, l);
	if (sig == SIGXFSZ)
		return limit("disk", "bytes", l->disk_bytes, l->disk_bytes);
	if (sig == SIGKILL && p->exit.peak_rss_bytes >= l->memory_bytes)
		return limit("memory", "bytes", l->memory_bytes,
			p->exit.peak_rss_bytes);
	return (struct verdict){.status = VERDICT_SIGNAL, .signal = sig};
}

static struct verdict
killed(const struct pass_result *p, const struct limits *l)
{
	switch (p->killed) {
	case KILL_WALL:
		return limit(
			"wall", "ms", l->wall_ms, p->exit.wall_ns / NS_PER_MS);
	case KILL_OUTPUT:
		return limit(
			"output", "bytes", l->output_bytes, p->output_seen);
	case KILL_DEADLINE:
		return limit(
			"deadline", "ms", p->deadline_ms, p->deadline_used_ms);
	case KILL_CANCEL:
		return (struct verdict){.status = VERDICT_CANCELLED};
	case KILL_NONE:
		break;
	}
	return signalled(p, l, SIGKILL);
}

struct verdict
report_verdict(const struct pass_result *p, const struct limits *l)
{
	int status = p->exit.wait_status;

	if (p->killed != KILL_NONE)
		return killed(p, l);
	if (p->exit.cause == END_CPU)
		return cpu_limit(p, l);
	if (p->exit.cause == END_MEMORY)
		return limit("memory", "bytes", l->memory_bytes,
			p->exit.peak_rss_bytes);
	if (p->exit.cause == END_DISK)
		return limit(
			"disk", "bytes", l->disk_bytes, p->exit.disk_bytes);
	if (p->exit.cause != END_SELF)
		return killed(p, l);
	if (WIFSIGNALED(status))
		return signalled(p, l, WTERMSIG(status));
	return (struct verdict){
		.status = WEXITSTATUS(status) ? VERDICT_ERROR : VERDICT_OK,
		.exit_code = WEXITSTATUS(status),
	};
}

const char *
report_verdict_status(const struct verdict *v)
{
	return statuses[v->status];
}

json_t *
report_verdict_limit(const struct verdict *v)
{
	if (v->status != VERDICT_LIMIT)
		return json_null();
	json_t *j = text_need(json_object());
	text_set(j, "name", json_string(v->limit));
	text_set(j, "allowed", json_integer((json_int_t)v->allowed));
	text_set(j, "used", json_integer((json_int_t)v->used));
	text_set(j, "unit", json_string(v->unit));
	return j;
}

static void
signal_name(int sig, char *name, size_t n)
{
	const char *abbrev = sigabbrev_np(sig);

	if (abbrev)
		snprintf(name, n, "SIG%s", abbrev);
	else if (sig >= SIGRTMIN && sig <= SIGRTMAX)
		snprintf(name, n, "SIGRTMIN+%d", sig - SIGRTMIN);
	else
		snprintf(name, n, "signal %d", sig);
}

json_t *
report_verdict_signal(const struct verdict *v)
{
	char name[32];

	if (v->status != VERDICT_SIGNAL)
		return json_null();
	signal_name(v->signal, name, sizeof(name));
	return text_need(json_string(name));
}

void
report_verdict_words(const struct verdict *v, struct buf *b)
{
	char name[32];

	switch (v->status) {
	case VERDICT_OK:
	case VERDICT_ERROR:
		buf_printf(b, "ended with exit code %d", v->exit_code);
		break;
	case VERDICT_LIMIT:
		buf_printf(b, "was ended by the %s limit (%" PRIu64 " %s)",
			v->limit, v->allowed, v->unit);
		break;
	case VERDICT_SIGNAL:
		signal_name(v->signal, name, sizeof(name));
		buf_printf(b, "died of %s", name);
		break;
	case VERDICT_CANCELLED:
		buf_printf(b, "was cancelled");
		break;
	case VERDICT_COUNT:
		abort();
	}
}

void
report_verdict_explain(const struct verdict *v, json_t *notes)
{
	if (v->status != VERDICT_SIGNAL)
		return;
	if (v->signal == SIGSEGV || v->signal == SIGBUS)
		report_note(notes,
			"The interpreter itself crashed. The usual cause is "
			"that the C stack overflowed: recursion without end "
			"through C code (repr, json, map, __getattr__, "
			"isinstance; before 3.11 any) after "
			"sys.setrecursionlimit was raised, which Python before "
			"3.12 does not stop; the lens frames says where. "
			"Memory that was touched through ctypes is another.");
	else if (v->signal == SIGABRT)
		report_note(notes,
			"The interpreter gave up by itself (abort): standard "
			"error usually says why, such as \"Fatal Python "
			"error\".");
	else if (v->signal == SIGSYS)
		report_note(notes,
			"The program made a system call by a foreign or "
			"outdated convention (32-bit or x32), which ends a "
			"program here.");
	else if (v->signal == SIGKILL)
		report_note(notes,
			"The program was killed by SIGKILL, and none of the "
			"limits sent it: the program sent it itself, or the "
			"machine ran out of memory.");
}
