#include "sandbox/touched.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/scope.h"
#include "sandbox/gcov.h"

#define PAGE_BYTES 4096UL
/* As many as process_madvise(2) takes at once: UIO_MAXIOV. */
#define MAX_RANGES 1024
#define MAX_MAPS   (256 * 1024)
/* Larger areas are reserved, not used: the shadow of an address sanitizer. */
#define MAX_AREA (1UL << 30)
/* Documentation/admin-guide/mm/pagemap.rst */
#define PRESENT	  (1ULL << 63)
#define FILE_PAGE (1ULL << 61)
#define ONLY_HERE (1ULL << 56)

static struct iovec ranges[MAX_RANGES];
static size_t n_ranges;

struct found {
	uint64_t begin, bytes;
};

/* Tells of the pages from begin to end that are this process's own. */
static bool
tell_area(int pagemap, int out, uint64_t begin, uint64_t end)
{
	uint64_t page[512];
	struct found run = {0};

	for (uint64_t at = begin; at < end;) {
		size_t n = (end - at) / PAGE_BYTES;
		n = n < 512 ? n : 512;
		if (pread(pagemap, page, n * sizeof(*page),
			    (off_t)(at / PAGE_BYTES * sizeof(*page))) !=
			(ssize_t)(n * sizeof(*page)))
			return false;
		for (size_t i = 0; i < n; i++, at += PAGE_BYTES) {
			bool own = (page[i] & PRESENT) &&
				   (page[i] & ONLY_HERE) &&
				   !(page[i] & FILE_PAGE);
			if (own && run.bytes && run.begin + run.bytes == at) {
				run.bytes += PAGE_BYTES;
				continue;
			}
			if (own && run.bytes &&
				write(out, &run, sizeof(run)) != sizeof(run))
				return false;
			if (own)
				run = (struct found){at, PAGE_BYTES};
		}
	}
	return !run.bytes || write(out, &run, sizeof(run)) == sizeof(run);
}

/* Tells of all areas that can be written to and are nobody else's. */
static bool
tell_all(int proc, int out)
{
	scope_fd int maps = openat(proc, "self/maps", O_RDONLY | O_CLOEXEC);
	scope_fd int pagemap =
		openat(proc, "self/pagemap", O_RDONLY | O_CLOEXEC);
	scope_buf struct buf text = BUF_INIT(MAX_MAPS);
	struct fail f;
	unsigned long begin, end;
	char mode[5];

	if (maps < 0 || pagemap < 0 || io_read_all(maps, &text, &f))
		return false;
	buf_put(&text, "", 1);
	for (char *line = strtok(text.data, "\n"); line;
		line = strtok(NULL, "\n"))
		if (sscanf(line, "%lx-%lx %4s", &begin, &end, mode) == 3 &&
			strcmp(mode, "rw-p") == 0 && end - begin < MAX_AREA &&
			!tell_area(pagemap, out, begin, end))
			return false;
	return true;
}

/* What the child of touched_learn() tells; false when it ended otherwise. */
static bool
hear(int in, pid_t pid)
{
	struct found f;
	int status;

	n_ranges = 0;
	while (read(in, &f, sizeof(f)) == sizeof(f))
		if (n_ranges < MAX_RANGES)
			ranges[n_ranges++] = (struct iovec){
				// NOLINTNEXTLINE(performance-no-int-to-ptr)
				(void *)(uintptr_t)f.begin, f.bytes};
	return waitpid(pid, &status, 0) == pid && status == 0;
}

unsigned
touched_learn(int proc, bool (*prepare)(const void *arg), const void *arg)
{
	int pair[2];
	size_t bytes = 0;

	n_ranges = 0;
	if (pipe2(pair, O_CLOEXEC))
		return 0;
	scope_fd int in = pair[0];
	pid_t pid = fork();
	if (pid == 0) {
		bool told = prepare(arg) && tell_all(proc, pair[1]);
		gcov_flush(1);
		_exit(told ? 0 : 1);
	}
	close(pair[1]);
	if (pid < 0 || !hear(in, pid))
		n_ranges = 0;
	for (size_t i = 0; i < n_ranges; i++)
		bytes += ranges[i].iov_len;
	return (unsigned)(bytes / PAGE_BYTES);
}

/* One by one, from range i on. */
static void
copy_each(size_t i)
{
	for (; i < n_ranges; i++)
		if (madvise(ranges[i].iov_base, ranges[i].iov_len,
			    MADV_POPULATE_WRITE) &&
			errno == EINVAL)
			return; /* before Linux 5.14 */
}

void
touched_copy(void)
{
	scope_fd int self = n_ranges ? pidfd_open(getpid(), 0) : -1;
	size_t i = 0;

	while (self >= 0 && i < n_ranges) {
		/* Of oneself, any advice is taken from Linux 6.13 on. */
		long done = syscall(SYS_process_madvise, self, &ranges[i],
			n_ranges - i, MADV_POPULATE_WRITE, 0);
		if (done < 0 && errno != ENOMEM)
			break;
		/* Where there is no such area here, on to the next. */
		for (; i < n_ranges && done >= (long)ranges[i].iov_len; i++)
			done -= (long)ranges[i].iov_len;
		i++;
	}
	copy_each(i);
}
