/*
 * Who goes on next.
 *
 * With a GIL: who waits for it waits here in the place of libc's condition
 * variable, so that a drop wakes exactly one, which is chosen by the schedule's
 * numbers; and whoever gives way to another is one of those that wait before it
 * lets go, and does not try to take the GIL before it is chosen.  Nobody asks
 * for it by the clock then: between two drops of the program's own a thread
 * goes on until the schedule wants a switch.  A choice is the same each time
 * where the same threads wait; who has come back from a lock or a read by then
 * is the kernel's matter.
 *
 * A thread that has been started, or let go of, takes a while to come and wait,
 * in which another could be through with all it does.  One that has been
 * started is waited for, therefore; and a switch that is wanted while nobody
 * waits is put off until somebody comes, for half a millisecond and some dozens
 * of times.
 *
 * Without one: a thread that stops goes on when another has come by, or after
 * a while, for nobody can tell whether any is going to.
 */
#include "sandbox/lenses/races.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#include "sandbox/lenses/threads.h"

#define WAITING 256
/* So many switches, and there are half as many from then on. */
#define SELDOMER 1000
/* With a GIL: the longest that it is waited for others to come, how often. */
#define COME_NS	 500000
#define COMES	 40
#define START_NS 20000000
/* Without: the longest that one stops, and how often. */
#define STOP_NS 1000000
#define STOPS	100

/* So often the main thread is not switched when it goes first. */
#define MAIN_FIRST 500

struct thread {
	sem_t turn;
	unsigned number;
	bool known, began;
	bool within; /* it stops in a window */
};

static _Thread_local struct thread me;

static struct {
	pthread_mutex_t lock; /* taken last */
	struct races_said *said;
	uint64_t random;
	uint32_t within, elsewhere;
	unsigned main_first; /* so often still */
	unsigned seldomer;   /* switches until there are half as many */
	unsigned nthreads;
	struct thread *waiting[WAITING]; /* as they came */
	unsigned n;
	struct thread *next; /* one of them; NULL: any */
	struct thread *host; /* who waits for others to come */
	unsigned comes;
	atomic_uint expected; /* have been started, and did not come yet */
	_Atomic unsigned stopped;
	unsigned stops, passer;
	bool meets; /* who is started is waited for */
} s = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* xorshift64*, Vigna 2014. */
static uint64_t
draw(void)
{
	s.random ^= s.random >> 12;
	s.random ^= s.random << 25;
	s.random ^= s.random >> 27;
	return s.random * 0x2545f4914f6cdd1dull;
}

static struct thread *
myself(void)
{
	if (!me.known) {
		sem_init(&me.turn, 0, 0);
		me.number = s.nthreads++;
		me.known = true;
		if (me.number > 0 && atomic_load(&s.expected) > 0)
			atomic_fetch_sub(&s.expected, 1);
	}
	return &me;
}

unsigned
races_switch_me(void)
{
	if (!me.known) {
		pthread_mutex_lock(&s.lock);
		myself();
		pthread_mutex_unlock(&s.lock);
	}
	return me.number;
}

bool
races_switch_wants(bool within)
{
	/* Nobody is there yet that could go on. */
	if (__atomic_load_n(&s.said->started, __ATOMIC_RELAXED) == 0)
		return false;
	pthread_mutex_lock(&s.lock);
	uint32_t odds = within ? s.within : s.elsewhere;
	bool wants = odds && (draw() >> 48) < odds;
	s.said->chances[within]++;
	if (s.main_first > 0 && me.number == 0) {
		s.main_first--;
		wants = false;
	} else if (s.main_first > 0 && !me.began) {
		me.began = true;
		wants = odds > 0;
	}
	pthread_mutex_unlock(&s.lock);
	return wants;
}

/* With s.lock. */
static void
note(const struct races_switch *here, unsigned from, unsigned to)
{
	struct races_said *said = s.said;

	if (said->switches < RACES_SWITCHES) {
		said->first[said->switches] = *here;
		said->first[said->switches].from = (uint16_t)from;
		said->first[said->switches].to = (uint16_t)to;
	}
	said->switches++;
	if (here->window && here->window <= RACES_WINDOWS)
		said->within[here->window - 1]++;
	if (said->switches < s.seldomer)
		return;
	s.seldomer *= 2;
	s.within -= s.within / 2;
	s.elsewhere -= s.elsewhere / 2;
}

static void
wait(sem_t *sem)
{
	while (sem_wait(sem) && errno == EINTR)
		;
}

/* --- with a GIL --------------------------------------------------------------
 */

static bool
waits(pthread_mutex_t *gil_mutex)
{
	pthread_mutex_lock(&s.lock);
	struct thread *t = myself();
	bool room = s.n < WAITING;
	if (room)
		s.waiting[s.n++] = t;
	if (s.host)
		sem_post(&s.host->turn);
	s.host = NULL;
	pthread_mutex_unlock(&s.lock);
	if (!room)
		return false;
	pthread_mutex_unlock(gil_mutex);
	wait(&t->turn);
	pthread_mutex_lock(gil_mutex);
	return true;
}

/* With s.lock: which of those that wait.  The main thread, or one that has not
 * begun, while it goes first. */
static unsigned
choose(void)
{
	for (unsigned i = 0; s.main_first > 0 && i < s.n; i++)
		if (s.waiting[i]->number == 0)
			return i;
	for (unsigned i = 0; s.main_first > 0 && i < s.n; i++)
		if (!s.waiting[i]->began)
			return i;
	return (unsigned)(draw() % s.n);
}

/* With s.lock: one that waits is woken, and does not wait any more. */
static void
wake(void)
{
	unsigned i = 0;

	if (s.next)
		while (i < s.n && s.waiting[i] != s.next)
			i++;
	else
		i = choose();
	s.next = NULL;
	if (i == s.n)
		return;
	struct thread *t = s.waiting[i];
	s.n--;
	for (; i < s.n; i++)
		s.waiting[i] = s.waiting[i + 1];
	sem_post(&t->turn);
}

/* While the main thread goes first, who has been started is waited for, and
 * takes the GIL at once. */
static void
released(void)
{
	pthread_mutex_lock(&s.lock);
	bool kept = s.main_first > 0 && atomic_load(&s.expected) > 0;
	if (s.n && (s.next || !kept))
		wake();
	pthread_mutex_unlock(&s.lock);
}

/* One that has just been started does not have to wait for it. */
static void
taken(void)
{
	if (me.known)
		return;
	pthread_mutex_lock(&s.lock);
	myself();
	pthread_mutex_unlock(&s.lock);
}

/* As sem_wait(3), for so long at most. */
static bool
wait_for(sem_t *sem, long ns)
{
	struct timespec until;
	int rc;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += ns;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	do
		rc = sem_clockwait(sem, CLOCK_MONOTONIC, &until);
	while (rc && errno == EINTR);
	return rc == 0;
}

/* With the GIL: until another comes.  False when none did. */
static bool
await_others(long ns)
{
	pthread_mutex_lock(&s.lock);
	s.host = myself();
	pthread_mutex_unlock(&s.lock);
	if (wait_for(&me.turn, ns))
		return true;
	pthread_mutex_lock(&s.lock);
	bool came = s.host != &me; /* at the last moment */
	s.host = NULL;
	pthread_mutex_unlock(&s.lock);
	if (came)
		wait(&me.turn);
	return came;
}

void
races_switch_meet(void)
{
	while (__builtin_expect(
		atomic_load_explicit(&s.expected, memory_order_relaxed) > 0,
		false))
		if (!await_others(START_NS))
			atomic_store(&s.expected, 0);
}

/* A switch is wanted, and nobody waits. */
static void
put_off(void)
{
	pthread_mutex_lock(&s.lock);
	bool may = s.n == 0 && s.comes < COMES;
	s.comes += may;
	pthread_mutex_unlock(&s.lock);
	if (may)
		await_others(COME_NS);
}

static void
give_way(const struct races_switch *here)
{
	put_off();
	pthread_mutex_lock(&s.lock);
	bool any = s.n > 0 && s.n < WAITING;
	if (any) {
		s.next = s.waiting[choose()];
		s.waiting[s.n++] = myself();
		note(here, me.number, s.next->number);
	}
	pthread_mutex_unlock(&s.lock);
	if (!any)
		return;
	PyThreadState *state = PyEval_SaveThread();
	wait(&me.turn);
	PyEval_RestoreThread(state);
}

/* --- without -----------------------------------------------------------------
 */

/* With s.lock: takes this thread off the list; was it there still? */
static bool
leave(void)
{
	unsigned i = 0;

	while (i < s.n && s.waiting[i] != &me)
		i++;
	if (i == s.n)
		return false;
	s.waiting[i] = s.waiting[--s.n];
	atomic_fetch_sub(&s.stopped, 1);
	return true;
}

static void
stop(const struct races_switch *here)
{
	pthread_mutex_lock(&s.lock);
	bool may = s.n < WAITING && s.nthreads > 1 && s.stops < STOPS;
	if (may) {
		myself()->within = here->window != 0;
		s.waiting[s.n++] = &me;
		s.stops++;
		atomic_fetch_add(&s.stopped, 1);
	}
	pthread_mutex_unlock(&s.lock);
	if (!may)
		return;
	PyThreadState *state = PyEval_SaveThread();
	bool passed = wait_for(&me.turn, STOP_NS);
	pthread_mutex_lock(&s.lock);
	if (passed || !leave()) {
		if (!passed) /* at the last moment */
			wait(&me.turn);
		note(here, me.number, s.passer);
	}
	pthread_mutex_unlock(&s.lock);
	PyEval_RestoreThread(state);
}

void
races_switch_passed(bool left)
{
	if (atomic_load_explicit(&s.stopped, memory_order_relaxed) == 0)
		return;
	pthread_mutex_lock(&s.lock);
	s.passer = myself()->number;
	for (unsigned i = s.n; i-- > 0;) {
		struct thread *t = s.waiting[i];
		if (t->within && !left)
			continue;
		s.waiting[i] = s.waiting[--s.n];
		atomic_fetch_sub(&s.stopped, 1);
		sem_post(&t->turn);
	}
	pthread_mutex_unlock(&s.lock);
}

void
races_switch_now(const struct races_switch *here)
{
	if (threads_gil_is_on())
		give_way(here);
	else
		stop(here);
}

/* --- both --------------------------------------------------------------------
 */

static void
starts(void)
{
	__atomic_fetch_add(&s.said->started, 1, __ATOMIC_RELAXED);
	if (s.meets)
		atomic_fetch_add(&s.expected, 1);
}

static void
fails(void)
{
	__atomic_fetch_sub(&s.said->started, 1, __ATOMIC_RELAXED);
	if (atomic_load(&s.expected) > 0)
		atomic_fetch_sub(&s.expected, 1);
}

int
races_switch_warm(struct fail *f)
{
	return threads_hooks_warm(f);
}

void
races_switch_begin(const struct races_schedule *of, struct races_said *said)
{
	static struct threads_ear ear;

	s.said = said;
	s.random = of->seed | 1;
	s.within = of->within;
	s.elsewhere = of->elsewhere;
	s.main_first = of->main_first ? MAIN_FIRST : 0;
	s.seldomer = SELDOMER;
	myself(); /* the main thread */
	ear.starts = starts;
	if (of->kind != RACES_AS_IS && threads_gil_is_on()) {
		s.meets = true;
		ear.taken = taken;
		ear.fails = fails;
		ear.released = released;
		ear.waits = waits;
	}
	threads_hooks_lend(&ear);
}

void
races_switch_forked(void)
{
	threads_hooks_lend(NULL);
}
