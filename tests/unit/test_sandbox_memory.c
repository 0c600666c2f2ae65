/* What a zygote does about pages: code in huge ones, and those that a child
 * will write to.  What is where is told by /proc: proc(5), and pagemap.rst of
 * the kernel's documentation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/huge.h"
#include "sandbox/touched.h"

#define unused __attribute__((unused))
#define PAGE   4096
#define PAGES  64
#define HUGE   (2UL << 20)

static char *pages;
static const int written[] = {3, 4, 10, 63};
static int proc;

static bool
is_written(int page)
{
	for (size_t i = 0; i < sizeof(written) / sizeof(*written); i++)
		if (written[i] == page)
			return true;
	return false;
}

/* A page that only this process has: bit 56, "page exclusively mapped". */
static bool
is_own(int page)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uintptr_t at = (uintptr_t)(pages + page * PAGE);
	uint64_t entry[1] = {0};
	ssize_t n = pread(
		fd, entry, sizeof(entry), (off_t)(at / PAGE * sizeof(entry)));

	close(fd);
	assert_int_equal(n, sizeof(entry));
	return (entry[0] >> 56 & 1) != 0;
}

static bool
prepare(const void *arg)
{
	for (size_t i = 0; i < sizeof(written) / sizeof(*written); i++)
		pages[written[i] * PAGE]++;
	return arg != NULL;
}

static int
in_child(bool (*right)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(right() ? 0 : 1);
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
	return status;
}

static bool
only_what_was_written(void)
{
	bool before = false, after = true;

	for (int i = 0; i < PAGES; i++)
		before |= is_own(i);
	touched_copy();
	for (int i = 0; i < PAGES; i++)
		after &= is_own(i) == is_written(i);
	return !before && after;
}

static bool
nothing(void)
{
	touched_copy();
	for (int i = 0; i < PAGES; i++)
		if (is_own(i))
			return false;
	return true;
}

static void
test_touched(unused void **state)
{
	/* Each page is there, or it would be nobody's. */
	memset(pages, 1, PAGES * PAGE);
	assert_true(touched_learn(proc, prepare, "") >=
		    sizeof(written) / sizeof(*written));
	assert_int_equal(in_child(only_what_was_written), 0);
	/* The child that found it out is another process. */
	assert_int_equal(pages[3 * PAGE], 1);
}

static void
test_touched_twice(unused void **state)
{
	memset(pages, 1, PAGES * PAGE);
	assert_true(touched_learn(proc, prepare, "") > 0);
	assert_int_equal(touched_learn(proc, prepare, NULL), 0);
	assert_int_equal(in_child(nothing), 0);
}

static void
test_touched_gone(unused void **state)
{
	memset(pages, 1, PAGES * PAGE);
	assert_true(touched_learn(proc, prepare, "") > 0);
	/* An area that was taken away meanwhile is left alone, and those after
	 * it are not. */
	assert_int_equal(munmap(pages + 10 * PAGE, PAGE), 0);
	int status = -1, pid = fork();
	if (pid == 0) {
		touched_copy();
		_exit(is_own(3) && is_own(4) && is_own(63) && !is_own(5) ? 0
									 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_ptr_equal(
		mmap(pages + 10 * PAGE, PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
		pages + 10 * PAGE);
}

/* The line of /proc/self/maps that has it. */
static void
find_map(const void *at, char *ret, size_t size)
{
	FILE *f = fopen("/proc/self/maps", "re");
	unsigned long begin, end;

	assert_non_null(f);
	do
		assert_non_null(fgets(ret, (int)size, f));
	while (sscanf(ret, "%lx-%lx", &begin, &end) != 2 ||
		(uintptr_t)at < begin || (uintptr_t)at >= end);
	fclose(f);
}

static void
test_huge(unused void **state)
{
	void *python = dlopen("libpython" RUNNER_VERSION ".so.1.0", RTLD_NOW);
	char before[512], after[512];

	assert_non_null(python);
	const char *(*version)(void) = NULL;
	const char *at = *(void **)&version = dlsym(python, "Py_GetVersion");
	assert_non_null(at);
	/* Code that is in a whole huge page of its library, if any is. */
	const char *base = at - ((uintptr_t)at & (HUGE - 1));
	static char copy[HUGE];
	find_map(at, before, sizeof(before));
	memcpy(copy, base, HUGE);
	if (huge_code() == 0)
		skip(); /* none to be had */
	find_map(at, after, sizeof(after));
	assert_non_null(strstr(before, "libpython"));
	assert_null(strstr(after, "libpython"));
	assert_non_null(strstr(after, " r-xp "));
	assert_memory_equal(copy, base, HUGE);
	assert_memory_equal(version(), RUNNER_VERSION, strlen(RUNNER_VERSION));
	/* What was done is not done again. */
	assert_int_equal(huge_code(), huge_code());
}

static int
set_up(unused void **state)
{
	pages = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* One page each, or the whole would be copied. */
	madvise(pages, PAGES * PAGE, MADV_NOHUGEPAGE);
	return pages == MAP_FAILED || proc < 0 ? -1 : 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_touched),
		cmocka_unit_test(test_touched_twice),
		cmocka_unit_test(test_touched_gone),
		cmocka_unit_test(test_huge),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
