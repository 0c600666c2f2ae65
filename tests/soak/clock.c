/*
 * A CLOCK_REALTIME that a test can set, for one server and what it starts: put
 * before the C library by LD_PRELOAD.  VITRINE_TEST_CLOCK names a file of eight
 * bytes, the seconds by which it is off.  Every other clock is the kernel's.
 *
 * What the C library asks for itself does not come by here, and what the kernel
 * counts is never shifted; so tests look whether the Date of a reply and a
 * snippet's own time.time() went along.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *shift;
static int (*real_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("VITRINE_TEST_CLOCK");
	const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *at = mmap(NULL, sizeof(*shift), PROT_READ, MAP_SHARED, fd, 0);

	/* A test that believed in a clock which it does not have would pass. */
	if (fd < 0 || at == MAP_FAILED)
		abort();
	close(fd);
	shift = at;
}

/* The names that the C library gives to these parameters are its own.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int
clock_gettime(clockid_t id, struct timespec *t)
{
	/* Others' constructors may come before ours. */
	if (!real_gettime)
		*(void **)&real_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	const int rc = real_gettime(id, t);
	if (rc == 0 && shift &&
		(id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		t->tv_sec += *shift;
	return rc;
}

int
gettimeofday(struct timeval *restrict t, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &now))
		return -1;
	*t = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
	return 0;
}

time_t
time(time_t *ret_t)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now))
		return -1;
	if (ret_t)
		*ret_t = now.tv_sec;
	return now.tv_sec;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
