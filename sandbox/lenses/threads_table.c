/*
 * The threads: those that CPython starts, from the moment at which they are
 * asked for, and any other from when it first takes the GIL.
 *
 * A name is read where Thread.start() asks for the thread, out of the object
 * that it is called on, and nobody is asked: it is the name of that moment.
 */
#include "sandbox/lenses/threads.h"

#include <string.h>

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/memory.h"
#include "sandbox/lenses/objects.h"
#include "sandbox/py/lock.h"

struct threads_table threads_table;

static _Thread_local struct threads_thread *me;
static _Thread_local bool has_no_room;

static struct {
	pthread_key_t key;	   /* its destructor hears of the end */
	const PyCodeObject *start; /* of Thread.start(); only compared */
} table;

/* In a thread that ends. */
static void
ended(void *thread)
{
	int64_t now = threads_holds_now();

	if (!threads_hooks_watch())
		return;
	threads_lock();
	threads_holds_end(thread, now);
	threads_unlock();
}

int
threads_table_warm(struct fail *f)
{
	scope_py PyObject *threading = PyImport_ImportModule("threading");
	scope_py PyObject *type =
		threading ? PyObject_GetAttrString(threading, "Thread") : NULL;
	scope_py PyObject *start =
		type ? PyObject_GetAttrString(type, "start") : NULL;
	scope_py PyObject *code =
		start ? PyObject_GetAttrString(start, "__code__") : NULL;

	if (!code)
		return fail_set(f, "threading.Thread.start has no code");
	table.start = (PyCodeObject *)code;
	if (pthread_key_create(&table.key, ended))
		return fail_set(f, "no key for threads is left");
	return 0;
}

/* NULL where there is no room. */
static struct threads_thread *
add(void)
{
	if (threads_table.n == THREADS_MAX)
		return NULL;
	struct threads_thread *t = &threads_table.of[threads_table.n++];
	*t = (struct threads_thread){.number = threads_table.n,
		.created = THREADS_NEVER,
		.began = THREADS_NEVER,
		.ended = THREADS_NEVER,
		.wants = THREADS_NEVER,
		.released = THREADS_NEVER};
	return t;
}

static void
begins(struct threads_thread *t, int64_t now)
{
	t->ident = (uint64_t)pthread_self();
	t->began = now;
	me = t;
}

int
threads_table_begin(void)
{
	threads_table = (struct threads_table){
		.of = memory_map(THREADS_MAX * sizeof(*threads_table.of))};
	if (!threads_table.of)
		return -1;
	begins(add(), 0);
	strcpy(me->name, "MainThread");
	me->named = true;
	return 0;
}

struct threads_thread *
threads_table_me(int64_t now)
{
	if (me || has_no_room)
		return me;
	struct threads_thread *t = add();
	has_no_room = !t;
	if (t) {
		begins(t, now);
		pthread_setspecific(table.key, t);
	} else {
		threads_table.dropped++;
	}
	return t;
}

struct told {
	void *frame;
	struct objects_text name;
	bool has_name, has_daemon, daemon;
};

static void
look_at_attribute(const struct objects_attribute *a, void *data)
{
	struct told *told = data;

	if (!a->key || !PyUnicode_CheckExact(a->key) || !a->value)
		return;
	if (objects_text_equals(a->key, "_name", 5) &&
		PyUnicode_CheckExact(a->value)) {
		objects_text_str(&told->name, a->value);
		told->has_name = true;
	} else if (objects_text_equals(a->key, "_daemonic", 9) &&
		   PyBool_Check(a->value)) {
		told->daemon = a->value == Py_True;
		told->has_daemon = true;
	}
}

/* While no other thread changes it. */
static void
look_at_object(void *data)
{
	struct told *told = data;

	objects_instance_each_of_local(
		told->frame, "self", look_at_attribute, told);
}

/* What the caller of Thread.start() named it. */
static struct told
ask(PyThreadState *thread)
{
	struct told told = {.name = {.n = 0}};
	struct frames_at at;

	if (frames_next(thread, &told.frame, &at) && at.code == table.start)
		py_alone(look_at_object, &told);
	return told;
}

static void
put_name(struct threads_thread *t, const struct told *told)
{
	size_t n = told->name.n;

	if (!told->has_name || !told->has_daemon)
		return;
	if (n >= sizeof(t->name))
		n = sizeof(t->name) - 1;
	/* Not within a character. */
	while (n < told->name.n && n && (told->name.bytes[n] & 0xc0) == 0x80)
		n--;
	memcpy(t->name, told->name.bytes, n);
	t->name[n] = '\0';
	t->named = true;
	t->daemon = told->daemon;
}

struct threads_thread *
threads_table_new(void *(*routine)(void *), void *arg, int64_t now)
{
	PyThreadState *thread = PyGILState_GetThisThreadState();
	struct told told = {.name = {.n = 0}};

	if (thread)
		told = ask(thread);
	threads_lock();
	struct threads_thread *by = threads_table_me(now);
	struct threads_thread *t = add();
	if (t) {
		t->routine = routine;
		t->arg = arg;
		t->created = now;
		t->by = by ? by->number : 0;
		t->at = thread ? threads_places_here(thread) : 0;
		put_name(t, &told);
	} else if (!threads_gil_is_on()) {
		threads_table.dropped++; /* it never takes it */
	}
	threads_unlock();
	return t;
}

void
threads_table_undo(struct threads_thread *t)
{
	threads_lock();
	if (t->number == threads_table.n)
		threads_table.n--;
	threads_unlock();
}

void *
threads_table_run(void *thread)
{
	struct threads_thread *t = thread;
	int64_t now = threads_holds_now();

	threads_lock();
	begins(t, now);
	threads_unlock();
	pthread_setspecific(table.key, t);
	return t->routine(t->arg);
}
