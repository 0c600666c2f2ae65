/*
 * Each instruction of the script, in a schedule's process: is it one before
 * which another thread may go on?
 *
 * At breaks: CPython looks whether another thread wants the GIL as a function
 * begins, after calls and as a loop goes back (races.py has the instructions of
 * each version; 3.9 looks after nearly all).  A call that runs code of Python
 * does not count from 3.11 on, as the eval loop then goes on in the function
 * without a look; where it is C code that called back, one is missed.  Inside:
 * before any instruction.
 */
#include "sandbox/lenses/races.h"

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/frames_check.h"
#include "sandbox/lenses/threads.h"
#include "sandbox/lenses/tracing.h"

static struct {
	enum races_kind kind;
	struct races_said *said;
	bool on, gil;
} t;

/* Of this thread: the instruction before. */
static _Thread_local struct {
	PyCodeObject *key; /* only compared */
	const struct races_code *code;
	PyFrameObject *frame; /* only compared */
	uint32_t unit;
	uint16_t window;
	bool entered, returned;
} last;

static bool
is_break(const struct races_code *c, PyFrameObject *f, uint32_t unit)
{
	if (c->breaks[unit] & RACES_NEVER_BEFORE)
		return false;
	if (last.entered)
		return true;
	if (last.returned)
		return PY_VERSION_HEX < PY_3_11;
	if (last.frame != f || last.unit >= c->n)
		return false;
	uint8_t flags = c->breaks[last.unit];
	return (flags & RACES_AFTER) ||
	       ((flags & RACES_AFTER_BACK) && unit <= last.unit);
}

static void
step(PyFrameObject *f)
{
	PyCodeObject *code = frames_code(f);

	if (last.key != code) {
		last.code = races_windows_find(code);
		last.key = code;
	}
	const struct races_code *c = last.code;
	int at = frames_at(f);
	if (!c || at < 0 || (uint32_t)at / 2 >= c->n)
		return;
	uint32_t unit = (uint32_t)at / 2;
	struct races_switch here = {
		.at = {c->number, unit}, .window = c->window[unit]};
	unsigned number = races_switch_me();
	if (number < RACES_THREADS)
		t.said->at[number] = here.at;
	if (t.gil)
		races_switch_meet();
	else
		races_switch_passed(last.window && !here.window);
	if ((t.kind == RACES_INSIDE || is_break(c, f, unit)) &&
		races_switch_wants(here.window != 0))
		races_switch_now(&here);
	last.frame = f;
	last.unit = unit;
	last.window = here.window;
	last.entered = last.returned = false;
}

static void
enter(PyFrameObject *f)
{
	PyObject *type, *value, *tb;

	last.entered = true;
	if (!races_windows_find(frames_code(f)))
		return;
	PyErr_Fetch(&type, &value, &tb);
	frames_trace_instructions(f);
	PyErr_Clear();
	PyErr_Restore(type, value, tb);
}

static int
trace(PyObject *self, PyFrameObject *f, int what, PyObject *arg)
{
	(void)self;
	(void)arg;
	if (!t.on)
		return 0;
	if (what == PyTrace_OPCODE)
		step(f);
	else if (what == PyTrace_CALL)
		enter(f);
	else if (what == PyTrace_RETURN)
		last.returned = true;
	return 0;
}

int
races_trace_warm(struct fail *f)
{
	return tracing_warm(f) || frames_trace_warm(f) || frames_check(f) ? -1
									  : 0;
}

void
races_trace_begin(enum races_kind kind, struct races_said *said)
{
	t.kind = kind;
	t.said = said;
	t.gil = threads_gil_is_on();
	t.on = true;
	tracing_begin(trace, NULL);
}

void
races_trace_forked(void)
{
	t.on = false;
}
