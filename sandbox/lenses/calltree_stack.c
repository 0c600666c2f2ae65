/*
 * The stack of each thread as the events tell it.
 *
 * What was entered while nobody looked is not on it, and what is left without
 * having been entered changes nothing; a frame that is left takes along
 * whatever is above it.
 */
#include "sandbox/lenses/calltree.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "sandbox/lenses/frames.h"

/* That many are made; more than these say nothing to a reader. */
#define MAX_THREADS 1000

struct calltree_stack calltree_stack;

static _Thread_local struct calltree_thread *own;

struct calltree_thread *
calltree_stack_thread(PyFrameObject *frame, bool main_thread)
{
	struct calltree_thread *t = own;

	if (t)
		return t;
	if (calltree_stack.n < MAX_THREADS)
		t = calloc(1, sizeof(*t));
	if (!t) {
		calltree_stack.dropped_threads++;
		return NULL;
	}
	t->number = ++calltree_stack.n;
	t->next = calltree_stack.threads;
	t->every = 1;
	calltree_cstack_find(&t->c, main_thread);
	t->c_at_start = calltree_cstack_used(&t->c);
	/* Of a thread that begins here, what started it is below. */
	t->base = frame ? frames_depth(frame) - 1 : 0;
	t->depth = t->most = t->base;
	calltree_stack.threads = own = t;
	calltree_crash_thread(t);
	return t;
}

/* Two points become one. */
static void
halve(struct calltree_thread *t)
{
	for (uint32_t i = 0; i < CALLTREE_POINTS / 2; i++) {
		t->point[i] = t->point[2 * i];
		if (t->point[2 * i + 1].low < t->point[i].low)
			t->point[i].low = t->point[2 * i + 1].low;
		if (t->point[2 * i + 1].high > t->point[i].high)
			t->point[i].high = t->point[2 * i + 1].high;
	}
	t->points = CALLTREE_POINTS / 2;
	t->every *= 2;
}

/* An event of a Python frame is over, and the depth is what it is. */
static void
note_depth(struct calltree_thread *t)
{
	t->events++;
	if (!t->points || t->in_point == t->every) {
		if (t->points == CALLTREE_POINTS)
			halve(t);
		t->point[t->points].low = t->point[t->points].high = t->depth;
		t->points++;
		t->in_point = 0;
	}
	t->in_point++;
	if (t->depth < t->point[t->points - 1].low)
		t->point[t->points - 1].low = t->depth;
	if (t->depth > t->point[t->points - 1].high)
		t->point[t->points - 1].high = t->depth;
}

static bool
make_room(struct calltree_thread *t)
{
	if (t->n < t->room)
		return true;
	if (t->n >= CALLTREE_ENTRIES)
		return false;
	uint32_t room = t->room ? t->room * 2 : 64;
	struct calltree_entry *of = realloc(t->of, room * sizeof(*of));
	if (!of)
		return false;
	t->of = of;
	/* A copy is to need no memory: it may be made in a signal handler. */
	of = realloc(t->deepest.of, room * sizeof(*of));
	if (!of)
		return false;
	t->deepest.of = of;
	t->room = room;
	return true;
}

/* How many activations of the function this thread has; NULL without room. */
static uint32_t *
active(struct calltree_thread *t, uint32_t function)
{
	if (function >= t->nactive) {
		uint32_t n = t->nactive ? t->nactive : 64;
		while (n <= function)
			n *= 2;
		uint32_t *more = realloc(t->active, n * sizeof(*more));
		if (!more)
			return NULL;
		memset(more + t->nactive, 0, (n - t->nactive) * sizeof(*more));
		t->active = more;
		t->nactive = n;
	}
	return &t->active[function];
}

static void
count_function(struct calltree_thread *t, const struct calltree_entry *e,
	bool resumed, uint32_t c_bytes)
{
	if (e->function == CALLTREE_NONE) {
		calltree_functions.dropped++;
		return;
	}
	struct calltree_function *f = &calltree_functions.of[e->function];
	uint32_t *n = active(t, e->function);
	f->calls += !resumed;
	f->resumes += resumed;
	if (c_bytes > f->c_bytes)
		f->c_bytes = c_bytes;
	if (!n)
		return;
	f->nested += *n > 0;
	if (++*n > f->most_active)
		f->most_active = *n;
}

static void
count_node(const struct calltree_entry *e, bool resumed, bool folded,
	uint32_t c_bytes)
{
	if (e->node == CALLTREE_NONE) {
		calltree_tree.dropped++;
		return;
	}
	struct calltree_node *n = &calltree_tree.of[e->node];
	if (!n->first)
		n->first = calltree_stack.events;
	n->last = calltree_stack.events;
	n->calls += !resumed;
	n->resumes += resumed;
	n->deeper += folded;
	if (c_bytes > n->c_bytes)
		n->c_bytes = c_bytes;
}

/* How much of the C stack the last Python frame on it has. */
static uint32_t
used_below(const struct calltree_thread *t)
{
	for (uint32_t i = t->n; i-- > 0;)
		if (!t->of[i].is_c)
			return t->of[i].used;
	return t->c_at_start;
}

/* Both are Python's; the node is that of what calls, or of nobody. */
static struct calltree_entry
make_entry(struct calltree_thread *t, PyFrameObject *frame, uint32_t function,
	bool is_c, bool *ret_folded)
{
	struct calltree_entry e = {.frame = frame,
		.node = CALLTREE_NONE,
		.function = function,
		.used = calltree_cstack_used(&t->c),
		.is_c = is_c};
	const struct calltree_entry *up = t->n ? &t->of[t->n - 1] : NULL;

	*ret_folded = false;
	/* Of what is called by something that has no node, none has. */
	if (function != CALLTREE_NONE && !t->deeper &&
		(!up || up->node != CALLTREE_NONE))
		e.node = calltree_tree_call(up ? up->node : CALLTREE_NONE,
			function, up && !up->is_c ? up->frame : NULL, &e.line,
			ret_folded);
	if (e.node == CALLTREE_NONE && up && !up->is_c)
		e.line = PyFrame_GetLineNumber(up->frame);
	return e;
}

void
calltree_stack_enter(struct calltree_thread *t, PyFrameObject *frame,
	uint32_t function, bool resumed, bool is_c)
{
	bool folded;
	struct calltree_entry e = make_entry(t, frame, function, is_c, &folded);
	e.folded = folded;
	e.began = t->stopped - t->lens_ns;
	uint32_t below = used_below(t);
	uint32_t c_bytes = !is_c && e.used > below ? e.used - below : 0;

	if (e.used > t->c_most)
		t->c_most = e.used;
	/* A C function begins where its caller is; what it takes shows in
	 * what it calls. */
	if (is_c)
		e.used = below;

	calltree_stack.events++;
	t->calls += !is_c;
	count_node(&e, resumed, folded, c_bytes);
	count_function(t, &e, resumed, c_bytes);
	if (make_room(t)) {
		t->of[t->n++] = e;
	} else {
		t->deeper++;
		calltree_stack.lost = true;
	}
	if (is_c)
		return;
	if (++t->depth > t->most) {
		t->most = t->depth;
		t->at_most = true;
		t->deepest.event = calltree_stack.events;
	}
	note_depth(t);
}

const struct calltree_picture *
calltree_stack_deepest(struct calltree_thread *t)
{
	struct calltree_picture *p = &t->deepest;

	if (!t->at_most)
		return p;
	t->at_most = false;
	/* Without the C function that its innermost frame has called since. */
	p->n = t->n;
	while (p->n && t->of[p->n - 1].is_c)
		p->n--;
	/* Each entry is copied once at most for each call. */
	if (t->unchanged < p->n)
		memcpy(p->of + t->unchanged, t->of + t->unchanged,
			(p->n - t->unchanged) * sizeof(*p->of));
	p->depth = t->most;
	t->unchanged = p->n;
	return p;
}

/* The number of the entry that is left, or the number of entries. */
static uint32_t
find(const struct calltree_thread *t, const PyFrameObject *frame, bool is_c)
{
	uint32_t i = t->n;

	while (i-- > 0) {
		const struct calltree_entry *e = &t->of[i];
		if (e->frame == frame && e->is_c == is_c)
			return i;
		/* A C function is called by the frame that is on top. */
		if (is_c && !e->is_c)
			return t->n;
	}
	return t->n;
}

/* It is over: all of its time is that of the outermost call of the same. */
static void
count_all(const struct calltree_thread *t, const struct calltree_entry *e)
{
	uint64_t ns = (uint64_t)(t->stopped - t->lens_ns - e->began);

	if (e->function < t->nactive && !t->active[e->function])
		calltree_functions.of[e->function].all_ns += ns;
	if (e->node != CALLTREE_NONE && !e->folded)
		calltree_tree.of[e->node].all_ns += ns;
}

static void
stop_clock(struct calltree_thread *t)
{
	const struct calltree_entry *e = t->n ? &t->of[t->n - 1] : NULL;
	int64_t now = io_now_ns();
	uint64_t ns = (uint64_t)(now - t->since);

	t->stopped = now;
	/* Deeper than there is room for, it is the time of the last that is
	 * known. */
	if (e && e->function != CALLTREE_NONE)
		calltree_functions.of[e->function].own_ns += ns;
	if (e && e->node != CALLTREE_NONE)
		calltree_tree.of[e->node].own_ns += ns;
}

void
calltree_stack_start_clock(struct calltree_thread *t)
{
	int64_t now = io_now_ns();

	t->lens_ns += now - t->stopped;
	t->since = now;
}

static void
pop(struct calltree_thread *t, bool unwound)
{
	const struct calltree_entry *e = &t->of[--t->n];

	if (e->function < t->nactive && t->active[e->function])
		t->active[e->function]--;
	if (calltree_stack.timed)
		count_all(t, e);
	if (unwound && e->function != CALLTREE_NONE)
		calltree_functions.of[e->function].unwound++;
	if (unwound && e->node != CALLTREE_NONE)
		calltree_tree.of[e->node].unwound++;
	if (t->n < t->unchanged)
		t->unchanged = t->n;
	t->depth -= !e->is_c;
}

/* Is it the outermost call of its function on this stack? */
static bool
is_outermost(const struct calltree_thread *t, uint32_t i)
{
	uint32_t k = 0;

	while (t->of[k].function != t->of[i].function)
		k++;
	return k == i;
}

void
calltree_stack_running(uint64_t *functions, uint64_t *nodes)
{
	for (const struct calltree_thread *t = calltree_stack.threads; t;
		t = t->next)
		for (uint32_t i = 0; i < t->n && i < CALLTREE_SHOWN; i++) {
			const struct calltree_entry *e = &t->of[i];
			uint64_t ns =
				(uint64_t)(t->stopped - t->lens_ns - e->began);
			if (e->function != CALLTREE_NONE && is_outermost(t, i))
				functions[e->function] += ns;
			if (e->node != CALLTREE_NONE && !e->folded)
				nodes[e->node] += ns;
		}
}

void
calltree_stack_leave(struct calltree_thread *t, PyFrameObject *frame,
	bool unwound, bool is_c)
{
	if (t->deeper) {
		/* Which of them it is is not known, nor needs to be. */
		t->deeper--;
		t->depth -= !is_c;
		return;
	}
	uint32_t at = find(t, frame, is_c);
	if (at == t->n)
		return;
	calltree_stack.events++;
	if (t->at_most)
		calltree_stack_deepest(t);
	while (t->n > at + 1)
		pop(t, false);
	pop(t, unwound);
	if (!is_c)
		note_depth(t);
}

struct calltree_thread *
calltree_stack_hear(
	PyFrameObject *frame, int what, PyObject *arg, const char *script)
{
	struct calltree_thread *t = calltree_stack_thread(frame, false);

	if (!t)
		return NULL;
	if (calltree_stack.timed)
		stop_clock(t);
	switch (what) {
	case PyTrace_CALL:
		calltree_stack_enter(t, frame,
			calltree_functions_python(frames_code(frame), script),
			frames_is_resumed(frame), false);
		break;
	case PyTrace_C_CALL:
		calltree_stack_enter(
			t, frame, calltree_functions_c(arg), false, true);
		break;
	case PyTrace_RETURN:
		calltree_stack_leave(t, frame, !arg, false);
		break;
	case PyTrace_C_RETURN:
	case PyTrace_C_EXCEPTION:
		calltree_stack_leave(
			t, frame, what == PyTrace_C_EXCEPTION, true);
		break;
	}
	return t;
}
