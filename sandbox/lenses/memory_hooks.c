/*
 * The hooks: around the allocators of each domain (Objects/obmalloc.c), as
 * tracemalloc has them (Modules/_tracemalloc.c, Python/tracemalloc.c), of which
 * each that is called by another is not counted: what is too large for
 * pymalloc, it takes from the raw domain.
 *
 * The raw domain is used without the GIL, too: so there is a lock, held for as
 * long as the tables are looked at and never while CPython allocates.  A block
 * is taken out of the table before it is freed, for by then another thread may
 * have it.
 */
#include "sandbox/lenses/memory.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/io.h"
#include "sandbox/lenses/objects.h"
#include "wire/limits.h"

#define DOMAINS 3 /* PYMEM_DOMAIN_RAW, _MEM and _OBJ */

/* For a run that is ended from outside: what there is by then, ever more
 * seldom, as long as there is room for the last word. */
#define FIRST_SNAPSHOT_NS (5 * 1000 * 1000)
#define LOOK_AT_CLOCK	  256 /* events */
#define SNAPSHOT_ROOM	  (12 * MIB)

static struct {
	PyMemAllocatorEx before[DOMAINS];
	pthread_mutex_t lock;
	atomic_bool on;
	struct record_writer *records;
	int64_t snapshot, interval;
} hooks = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* An allocator is at work for one that is counted. */
static _Thread_local bool inside;

/* What the snippet forks has the tables in common with it, and counts
 * nothing. */
static bool
watching(void)
{
	return atomic_load_explicit(&hooks.on, memory_order_relaxed) &&
	       !inside && !hooks.records->closed;
}

static void
lock(void)
{
	pthread_mutex_lock(&hooks.lock);
}

static void
unlock(void)
{
	pthread_mutex_unlock(&hooks.lock);
}

static bool
is_raw(const PyMemAllocatorEx *a)
{
	return a == &hooks.before[PYMEM_DOMAIN_RAW];
}

/* Of the raw domain nobody knows whether the thread has the GIL; its frames are
 * its own all the same. */
static PyThreadState *
thread_of(const PyMemAllocatorEx *a)
{
	if (is_raw(a))
		return PyGILState_GetThisThreadState();
#if PY_VERSION_HEX >= PY_3_13
	return PyThreadState_GetUnchecked();
#else
	return _PyThreadState_UncheckedGet();
#endif
}

/* With the GIL only, and where there is one: records are written under a lock
 * that must not be waited for here. */
static void
write_snapshot(const PyMemAllocatorEx *a)
{
#ifndef Py_GIL_DISABLED
	int64_t now = io_now_ns();

	if (is_raw(a) || now < hooks.snapshot || hooks.records->open)
		return;
	if (hooks.records->size - hooks.records->start > SNAPSHOT_ROOM) {
		memory_tally_write(hooks.records);
		memory_tally_write_rows(hooks.records, false);
	}
	hooks.interval *= 2;
	hooks.snapshot = io_now_ns() + hooks.interval;
#else
	(void)a;
#endif
}

static void
note(const PyMemAllocatorEx *a, const void *p, size_t n, bool again)
{
	struct memory_block b = {.bytes = n,
		.row = memory_places_here(thread_of(a)),
		.fresh = true};

	memory_tally_new(&b, again, memory_blocks_put(p, b));
	if (memory_tally_events() % LOOK_AT_CLOCK == 0)
		write_snapshot(a);
}

static void *
new_block(const PyMemAllocatorEx *a, void *p, size_t n)
{
	inside = false;
	if (!p)
		return NULL;
	lock();
	note(a, p, n, false);
	unlock();
	return p;
}

static void *
hook_malloc(void *ctx, size_t n)
{
	const PyMemAllocatorEx *a = ctx;

	if (!watching())
		return a->malloc(a->ctx, n);
	inside = true;
	return new_block(a, a->malloc(a->ctx, n), n);
}

static void *
hook_calloc(void *ctx, size_t n, size_t size)
{
	const PyMemAllocatorEx *a = ctx;

	if (!watching())
		return a->calloc(a->ctx, n, size);
	inside = true;
	return new_block(a, a->calloc(a->ctx, n, size), n * size);
}

static bool
take(const void *p, struct memory_block *ret)
{
	bool had = memory_blocks_take(p, ret);

	/* One that was there before, or was not noted, may be one of code. */
	if (!had || ret->code)
		memory_places_forget(p);
	return had;
}

static void *
hook_realloc(void *ctx, void *p, size_t n)
{
	const PyMemAllocatorEx *a = ctx;
	struct memory_block b;

	if (!watching())
		return a->realloc(a->ctx, p, n);
	if (!p) {
		inside = true;
		return new_block(a, a->realloc(a->ctx, p, n), n);
	}
	lock();
	bool had = take(p, &b);
	unlock();
	inside = true;
	void *q = a->realloc(a->ctx, p, n);
	inside = false;
	lock();
	if (!q && had && !memory_blocks_put(p, b))
		memory_tally_gone(&b); /* another thread took its room */
	if (q && had)
		memory_tally_leave(&b);
	if (q)
		note(a, q, n, true);
	unlock();
	return q;
}

static void
hook_free(void *ctx, void *p)
{
	const PyMemAllocatorEx *a = ctx;
	struct memory_block b;

	if (!p || !watching()) {
		a->free(a->ctx, p);
		return;
	}
	lock();
	if (take(p, &b))
		memory_tally_gone(&b);
	unlock();
	inside = true;
	a->free(a->ctx, p);
	inside = false;
}

#if PY_VERSION_HEX >= PY_3_13
/* An object is made: in a block that was just given out, or in one that a free
 * list kept.  As tracemalloc (_PyTraceMalloc_TraceRef()) does it. */
static int
object_made(PyObject *o, PyRefTracerEvent what, void *data)
{
	struct memory_block b;

	(void)data;
	if (what != PyRefTracer_CREATE || !watching())
		return 0;
	const char *p = (char *)o - objects_class_head_bytes(o);
	lock();
	if (memory_blocks_get(p, &b)) {
		if (!b.fresh) {
			uint16_t row = memory_places_here(
				PyThreadState_GetUnchecked());
			memory_tally_move(&b, row);
			b.row = row;
		}
		b.fresh = false;
		memory_blocks_change(p, b);
	}
	unlock();
	return 0;
}
#endif

void
memory_hooks_begin(struct record_writer *r)
{
	hooks.records = r;
	hooks.interval = FIRST_SNAPSHOT_NS;
	hooks.snapshot = io_now_ns() + hooks.interval;
	for (int d = 0; d < DOMAINS; d++) {
		PyMemAllocatorEx ours = {&hooks.before[d], hook_malloc,
			hook_calloc, hook_realloc, hook_free};
		PyMem_GetAllocator((PyMemAllocatorDomain)d, &hooks.before[d]);
		PyMem_SetAllocator((PyMemAllocatorDomain)d, &ours);
	}
#if PY_VERSION_HEX >= PY_3_13
	PyRefTracer_SetTracer(object_made, NULL);
#endif
	atomic_store(&hooks.on, true);
}

/* The hooks stay, and pass everything on: other threads may be in them, and the
 * program may have put its own around them. */
bool
memory_hooks_end(void)
{
	bool ours = true;

	lock();
	atomic_store(&hooks.on, false);
	unlock();
#if PY_VERSION_HEX >= PY_3_13
	void *data;
	ours = PyRefTracer_GetTracer(&data) == object_made;
	if (ours)
		PyRefTracer_SetTracer(NULL, NULL);
#endif
	return ours;
}

void
memory_hooks_without(void (*f)(bool), bool argument)
{
	PyMemAllocatorEx now;

	PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &now);
	PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &hooks.before[PYMEM_DOMAIN_OBJ]);
	f(argument);
	PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &now);
}
