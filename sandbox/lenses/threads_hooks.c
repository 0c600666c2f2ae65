/*
 * What libpython calls in the place of libc's functions, as a program's own
 * definition is found before that of a library.  They call libc's, always; and
 * where the lens looks, they tell of the GIL's condition variables.  Elsewhere
 * a flag is read.
 *
 * CPython calls with gil->mutex held: what is told of comes in its order.
 */
#include "sandbox/lenses/threads.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>

static _Atomic(const struct threads_ear *) lent;

static struct {
	atomic_bool on, teach;
	atomic_int lesson;
	pthread_t teacher;
	pthread_mutex_t lock;
	struct record_writer *records;
	struct threads_gil gil;
	const void *libpython;
	int (*signal)(pthread_cond_t *);
	int (*timedwait)(
		pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
	int (*create)(
		pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
} hooks = {.lock = PTHREAD_MUTEX_INITIALIZER};

void
threads_lock(void)
{
	pthread_mutex_lock(&hooks.lock);
}

void
threads_unlock(void)
{
	pthread_mutex_unlock(&hooks.lock);
}

/* What the snippet forks has the tables in common with it, and tells nothing;
 * whoever had the lock is not there. */
bool
threads_hooks_watch(void)
{
	return __builtin_expect(
		       atomic_load_explicit(&hooks.on, memory_order_relaxed),
		       false) &&
	       !hooks.records->closed;
}

/* A symbol of libc's by its default version. */
static void
find(void)
{
	*(void **)&hooks.signal = dlsym(RTLD_NEXT, "pthread_cond_signal");
	*(void **)&hooks.timedwait = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
	*(void **)&hooks.create = dlsym(RTLD_NEXT, "pthread_create");
}

/* In the check.  One that has no frame any more ends, and one that nobody asked
 * is not forced. */
static void
teach(void)
{
	enum threads_lesson lesson =
		(enum threads_lesson)atomic_load(&hooks.lesson);
	PyThreadState *holder = threads_gil_holder();
	bool frames = threads_places_here(holder) != 0;
	bool asked =
		threads_holds.now.requests || threads_gil_is_asked_of(holder);

	if (lesson == THREADS_BY_ITSELF ||
		(lesson == THREADS_AT_END && !frames &&
			!pthread_equal(pthread_self(), hooks.teacher)) ||
		(lesson == THREADS_GIVES_WAY && frames && asked))
		threads_forced_learn(lesson);
}

__attribute__((noinline)) static void
tell(const pthread_cond_t *c)
{
	if (c != hooks.gil.taken && c != hooks.gil.released)
		return;
	if (c == hooks.gil.released &&
		atomic_load_explicit(&hooks.teach, memory_order_relaxed))
		teach();
	threads_lock();
	if (c == hooks.gil.taken) {
		threads_write_snapshot(hooks.records);
		threads_holds_take();
	} else {
		threads_holds_drop();
	}
	threads_unlock();
}

int
pthread_cond_signal(pthread_cond_t *cond)
{
	const struct threads_ear *ear =
		atomic_load_explicit(&lent, memory_order_relaxed);

	if (threads_hooks_watch())
		tell(cond);
	if (ear && ear->taken && cond == hooks.gil.taken)
		ear->taken();
	if (ear && ear->released && cond == hooks.gil.released)
		ear->released();
	if (!hooks.signal)
		find();
	return hooks.signal(cond);
}

/* As take_gil() does: it asks when nobody else has got it meanwhile. */
static int
wait_for_gil(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *t)
{
	uint64_t switches = threads_gil_switches();

	threads_lock();
	threads_holds_wait();
	threads_unlock();
	int rc = hooks.timedwait(c, m, t);
	if (rc == ETIMEDOUT && threads_hooks_watch() && threads_gil_is_held() &&
		threads_gil_switches() == switches) {
		threads_lock();
		threads_holds_ask();
		threads_unlock();
	}
	return rc;
}

int
pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
	const struct timespec *abstime)
{
	const struct threads_ear *ear =
		atomic_load_explicit(&lent, memory_order_relaxed);

	if (!hooks.timedwait)
		find();
	if (ear && ear->waits && cond == hooks.gil.released &&
		ear->waits(mutex))
		return 0;
	if (threads_hooks_watch() && cond == hooks.gil.released)
		return wait_for_gil(cond, mutex, abstime);
	return hooks.timedwait(cond, mutex, abstime);
}

/* Is it CPython that starts it?  Other libraries have threads that never come
 * to Python. */
static bool
is_pythons(const void *routine)
{
	Dl_info info;

	return dladdr(routine, &info) && info.dli_fbase == hooks.libpython;
}

int
pthread_create(pthread_t *newthread, const pthread_attr_t *attr,
	void *(*start_routine)(void *), void *arg)
{
	const struct threads_ear *ear =
		atomic_load_explicit(&lent, memory_order_relaxed);
	struct threads_thread *t = NULL;

	if (!hooks.create)
		find();
	if (ear && !is_pythons(*(void **)&start_routine))
		ear = NULL;
	if (ear && ear->starts)
		ear->starts();
	if (threads_hooks_watch() && is_pythons(*(void **)&start_routine))
		t = threads_table_new(start_routine, arg, threads_holds_now());
	int rc = t ? hooks.create(newthread, attr, threads_table_run, t)
		   : hooks.create(newthread, attr, start_routine, arg);
	if (rc && t)
		threads_table_undo(t);
	if (rc && ear && ear->fails)
		ear->fails();
	return rc;
}

int
threads_hooks_warm(struct fail *f)
{
	PyThreadState *(*of_python)(void) = PyEval_SaveThread;
	Dl_info info;

	find();
	if (!hooks.signal || !hooks.timedwait || !hooks.create)
		return fail_set(f, "libc's functions are not found");
	if (!dladdr(*(void **)&of_python, &info))
		return fail_set(f, "libpython is not found");
	hooks.libpython = info.dli_fbase;
	hooks.gil = threads_gil();
	return 0;
}

void
threads_hooks_lend(const struct threads_ear *ear)
{
	atomic_store(&lent, ear);
}

void
threads_hooks_teach(enum threads_lesson lesson)
{
	hooks.teacher = pthread_self();
	atomic_store(&hooks.lesson, (int)lesson);
	atomic_store(&hooks.teach, true);
}

void
threads_hooks_begin(struct record_writer *r)
{
	hooks.records = r;
	atomic_store(&hooks.on, true);
}

void
threads_hooks_end(void)
{
	atomic_store(&hooks.on, false);
}
