/*
 * An end by SIGSEGV: where the program was, and whether the C stack was over.
 *
 * The handler runs on a stack of its own, calls nothing of CPython's until what
 * it knows is written, and lets the signal do what it does without it: the
 * faulting instruction runs again, or the signal is sent again.  sigaction(2)
 * is not what signal.getsignal() tells.  A program that sets a handler of its
 * own, as faulthandler does, takes this one's place.
 */
#include "sandbox/lenses/calltree.h"

#include <signal.h>
#include <sys/mman.h>

#include "wire/limits.h"

/* A frame may reach that far below the end of the stack; what the kernel keeps
 * free there is as much (stack_guard_gap).  Above it is what the kernel wants
 * for a system call's, or glibc for its guard. */
#define BELOW (1 * MIB)
#define ABOVE (64 * KIB)
#define STACK (64 * KIB)

static struct {
	struct lens_run run;
	bool on;
} crash;

static _Thread_local struct calltree_thread *own;

static bool
is_overflow(const struct calltree_thread *t, const siginfo_t *info)
{
	uintptr_t at = (uintptr_t)info->si_addr;
	uintptr_t end = t->c.top - t->c.bytes;

	return info->si_code > 0 && t->c.bytes && at < end + ABOVE &&
	       at >= end - BELOW;
}

/* `line`: that the innermost frame is at, 0: not known. */
static void
write_crash(
	const struct calltree_thread *t, bool overflow, size_t used, int line)
{
	struct jsonw *w = record_begin(
		crash.run.records, RECORD_SET, LENS_FRAMES, "crash");

	jsonw_object(w);
	jsonw_key(w, "overflow");
	jsonw_bool(w, overflow);
	jsonw_key(w, "thread");
	jsonw_uint(w, t->number);
	jsonw_key(w, "c_used");
	jsonw_uint(w, used);
	jsonw_key(w, "c_stack");
	jsonw_uint(w, t->c.bytes);
	jsonw_key(w, "line");
	if (line > 0)
		jsonw_int(w, line);
	else
		jsonw_null(w);
	jsonw_key(w, "stack");
	calltree_write_picture(w, t->of, t->n, t->depth, calltree_stack.events);
	jsonw_end(w);
	record_commit(crash.run.records);
}

/* The line of the innermost Python frame, or 0. */
static int
innermost_line(const struct calltree_thread *t)
{
	const struct calltree_entry *e = t->n ? &t->of[t->n - 1] : NULL;

	if (!e)
		return 0;
	return e->is_c ? e->line : PyFrame_GetLineNumber(e->frame);
}

static void
handler(int sig, siginfo_t *info, void *context)
{
	const struct calltree_thread *t = own;
	struct record_writer *r = crash.run.records;

	(void)context;
	if (t && crash.on && r && !r->closed) {
		bool overflow = is_overflow(t, info);
		size_t used = overflow ? t->c.top - (uintptr_t)info->si_addr
			      : t->n   ? t->of[t->n - 1].used
				       : t->c_at_start;
		if (r->open)
			record_abandon(r);
		write_crash(t, overflow, used, 0);
		calltree_write(&crash.run, true);
		write_crash(t, overflow, used, innermost_line(t));
	}
	/* One that was sent does not come by itself again. */
	if (info->si_code <= 0)
		raise(sig);
}

void
calltree_crash_thread(struct calltree_thread *t)
{
	stack_t s = {.ss_size = STACK}, had;

	own = t;
	if (!crash.on || t->number > CALLTREE_THREADS ||
		sigaltstack(NULL, &had) || !(had.ss_flags & SS_DISABLE))
		return;
	s.ss_sp = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s.ss_sp != MAP_FAILED && sigaltstack(&s, NULL))
		munmap(s.ss_sp, STACK);
}

void
calltree_crash_begin(const struct lens_run *r)
{
	struct sigaction a = {.sa_sigaction = handler,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND};

	crash.run = *r;
	sigemptyset(&a.sa_mask);
	crash.on = sigaction(SIGSEGV, &a, NULL) == 0;
}

void
calltree_crash_end(void)
{
	struct sigaction a;

	crash.on = false;
	if (sigaction(SIGSEGV, NULL, &a) == 0 && a.sa_sigaction == handler)
		signal(SIGSEGV, SIG_DFL);
}
