/*
 * Do the condition variables of the GIL tell what they are to?  Threads of ours
 * hand it over, in a process of its own: takes and drops go with CPython's own
 * count of switches, and by the way it is learned how the eval loop gives way.
 */
#include "sandbox/lenses/threads.h"

#include <stdatomic.h>

#include "sandbox/py/internal.h"

#define wrong(f, what)                                                         \
	fail_set(f, "the interpreter's lock is not as expected: %s", what)

static int
run(PyObject *space, const char *text)
{
	scope_py PyObject *done =
		PyRun_String(text, Py_file_input, space, space);

	return done ? 0 : -1;
}

#ifndef Py_GIL_DISABLED
#define FORCED_AT_LEAST 3
#define TURNS		100
#define PAUSES		2000 /* of a millisecond */
#define INTERVAL	"0.0002"

/* Threads that give way to each other; every release from `run` on is the eval
 * loop's, since these loops call nothing that waits. */
static const char program[] = "import sys, _thread\n"
			      "sys.setswitchinterval(" INTERVAL ")\n"
			      "never = _thread.allocate_lock()\n"
			      "never.acquire()\n"
			      "def pause(): never.acquire(True, 0.001)\n"
			      "def turn(n):\n"
			      "    while begun < 2: pass\n"
			      "    for i in range(n): pass\n"
			      "def other():\n"
			      "    global begun, done\n"
			      "    begun = 2\n"
			      "    turn(50000)\n"
			      "    done = True\n"
			      "def both():\n"
			      "    global begun, done\n"
			      "    begun, done = 1, False\n"
			      "    _thread.start_new_thread(other, ())\n"
			      "    turn(50000)\n"
			      "    while not done: pass\n";

static int
hand_over(PyObject *space)
{
	if (run(space, program))
		return -1;
	/* Known to be by itself. */
	threads_hooks_teach(THREADS_BY_ITSELF);
	PyThreadState *self = PyEval_SaveThread();
	PyEval_RestoreThread(self);
	/* That a thread let go for the last time nobody hears of. */
	threads_hooks_teach(THREADS_AT_END);
	if (run(space, "_thread.start_new_thread(int, ())\n"))
		return -1;
	for (int i = 0; i < PAUSES && !threads_forced_knows(THREADS_AT_END);
		i++)
		if (run(space, "pause()\n"))
			return -1;
	threads_hooks_teach(THREADS_GIVES_WAY);
	/* More often on a busy machine. */
	for (int i = 0; i < TURNS && threads_holds.forced < FORCED_AT_LEAST;
		i++)
		if (run(space, "both()\n"))
			return -1;
	return 0;
}

static int
look_at_counts(struct fail *f)
{
	const struct threads_holds *h = &threads_holds;

	if (!threads_forced_knows(THREADS_AT_END))
		return wrong(f, "how it is let go when a thread ends");
	if (threads_gil_switches() - h->switches_before != h->switches)
		return wrong(f, "how often it was handed over");
	/* The last thread may be about to let go. */
	if (h->takes > h->drops || h->drops > h->takes + 1)
		return wrong(f, "how often it was taken and let go");
	if (threads_table.n < 2 || h->interval[h->nintervals - 1].us != 200)
		return wrong(f, "threads, or the switch interval");
	if (threads_forced_learned(f))
		return -1;
	/* What was learned is known again. */
	if (h->forced < FORCED_AT_LEAST || h->requests < h->forced)
		return wrong(f, "how it is let go when it was asked for");
	return 0;
}
#else
static int
hand_over(PyObject *space)
{
	return run(space, "import _thread\n"
			  "l = _thread.allocate_lock()\n"
			  "l.acquire()\n"
			  "_thread.start_new_thread(l.release, ())\n"
			  "l.acquire()\n");
}

static int
look_at_counts(struct fail *f)
{
	if (threads_table.n != 2 || threads_holds.takes ||
		threads_table.of[1].created <= 0 ||
		threads_table.of[1].began < threads_table.of[1].created)
		return wrong(f, "a thread that is started");
	return 0;
}
#endif

static int
look(struct fail *f)
{
	static char memory[4096];
	struct record_writer nowhere;
	scope_py PyObject *code =
		Py_CompileString("pass", "/known.py", Py_file_input);
	scope_py PyObject *space =
		Py_BuildValue("{s:O}", "__builtins__", PyEval_GetBuiltins());

	record_init(&nowhere, memory, sizeof(memory));
	if (!code || !space || threads_table_begin() || threads_holds_begin() ||
		threads_places_begin((PyCodeObject *)code))
		return fail_set(f, "no memory to try threads");
	threads_hooks_begin(&nowhere);
	int rc = hand_over(space);
	threads_hooks_end();
	if (rc) {
		PyErr_Print();
		return fail_set(f, "a known program with threads fails");
	}
	return look_at_counts(f);
}

int
threads_check(struct fail *f)
{
	return py_apart(look, f);
}
