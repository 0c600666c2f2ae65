/* Descriptor I/O, and descriptors over sockets, on the kernel's own ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/scope.h"

#define unused __attribute__((unused))
#define MANY   (3 << 20) /* more than a pipe holds */

/* Descriptors that this process has open. */
static int
open_fds(void)
{
	scope_dir DIR *d = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	return n;
}

static char
pattern(size_t i)
{
	return (char)(i * 31 + i / 4093);
}

static char *
pattern_of(size_t n)
{
	char *p = malloc(n);

	assert_non_null(p);
	for (size_t i = 0; i < n; i++)
		p[i] = pattern(i);
	return p;
}

/* --- Whole reads and writes ---------------------------------------------- */

static void
ignore(unused int sig)
{
}

/* A pipe that takes a part at a time, while signals come in between: nothing is
 * lost and nothing comes twice. */
static void
test_write_all(unused void **state)
{
	scope_free char *bytes = pattern_of(MANY);
	const struct sigaction on_usr1 = {.sa_handler = ignore};
	pid_t parent = getpid();
	int ends[2], status;

	assert_int_equal(pipe(ends), 0);
	sigaction(SIGUSR1, &on_usr1, NULL);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		char chunk[4097];
		size_t at = 0;
		ssize_t n;
		close(ends[1]);
		while ((n = read(ends[0], chunk, sizeof(chunk))) > 0) {
			kill(parent, SIGUSR1);
			for (ssize_t i = 0; i < n; i++, at++)
				if (chunk[i] != pattern(at))
					_exit(1);
		}
		_exit(at == MANY ? 0 : 2);
	}
	close(ends[0]);
	assert_int_equal(io_write_all(ends[1], bytes, MANY), 0);
	close(ends[1]);
	while (waitpid(pid, &status, 0) != pid)
		;
	assert_int_equal(status, 0);
	signal(SIGUSR1, SIG_DFL);
}

static void
test_write_fails(unused void **state)
{
	scope_free char *bytes = pattern_of(MANY);
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(io_set_nonblock(ends[1], true), 0);
	assert_int_equal(io_write_all(ends[1], bytes, MANY), -1);
	assert_int_equal(errno, EAGAIN);
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(io_write_all(ends[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	signal(SIGPIPE, SIG_DFL);
	close(ends[1]);
	assert_int_equal(io_write_all(-1, "", 0), 0);
}

static void
test_read_all(unused void **state)
{
	scope_free char *bytes = pattern_of(MANY);
	scope_fd int fd = io_memfd("test", bytes, MANY, NULL);
	scope_buf struct buf exact = BUF_INIT(MANY);
	scope_buf struct buf small = BUF_INIT(MANY - 1);
	struct fail f = {0};

	assert_int_equal(io_read_all(fd, &exact, &f), 0);
	assert_int_equal(exact.len, MANY);
	assert_memory_equal(exact.data, bytes, MANY);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(io_read_all(fd, &small, &f), -1);
	assert_string_equal(f.text, "is larger than 3145727 bytes");
	assert_int_equal(io_read_all(-1, &exact, &f), -1);
	assert_string_equal(f.text, "cannot read: Bad file descriptor");
	assert_int_equal(f.err, EBADF);
}

static void
test_pread_all(unused void **state)
{
	scope_fd int fd = io_memfd("test", "0123456789", 10, NULL);
	char got[11] = "..........";
	struct fail f = {0};

	assert_int_equal(io_pread_all(fd, got, 4, 6, &f), 0);
	assert_memory_equal(got, "6789......", 10);
	/* The offset of the descriptor is not moved. */
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
	assert_int_equal(io_pread_all(fd, got, 4, 7, &f), -1);
	assert_string_equal(f.text, "ends 1 bytes early");
	assert_int_equal(io_pread_all(fd, got, 1, 10, &f), -1);
	assert_int_equal(io_pread_all(fd, got, 0, 99, &f), 0);
	assert_int_equal(io_pread_all(fd, got, 1, -1, &f), -1);
	assert_int_equal(f.err, EINVAL);
}

/* --- Descriptors over sockets -------------------------------------------- */

static void
make_pair(int pair[2])
{
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
}

/* Numbered files: the nth holds n. */
static void
make_files(int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = (char)i;
		fds[i] = io_memfd("numbered", &c, 1, NULL);
		assert_true(fds[i] >= 0);
	}
}

static void
close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
}

static void
test_fds_pass(unused void **state)
{
	int pair[2], files[IO_MAX_FDS];
	int before = open_fds();

	make_pair(pair);
	make_files(files, IO_MAX_FDS);
	for (size_t n = 0; n <= IO_MAX_FDS; n++) {
		int got[IO_MAX_FDS];
		size_t ngot = IO_MAX_FDS;
		char text[16], c;

		assert_int_equal(io_send_fds(pair[0], "hello", 5, files, n), 0);
		assert_int_equal(
			io_recv_fds(pair[1], text, sizeof(text), got, &ngot),
			5);
		assert_memory_equal(text, "hello", 5);
		assert_int_equal(ngot, n);
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(pread(got[i], &c, 1, 0), 1);
			assert_int_equal(c, i);
			assert_int_equal(fcntl(got[i], F_GETFD), FD_CLOEXEC);
		}
		close_all(got, ngot);
	}
	close_all(files, IO_MAX_FDS);
	close_all(pair, 2);
	assert_int_equal(open_fds(), before);
}

/* As many as a stranger likes, which io_send_fds does not. */
static void
send_raw(int sock, const void *bytes, size_t len, const int *fds, size_t n)
{
	char room[CMSG_SPACE(sizeof(int) * 200)] = {0};
	struct iovec v = {(void *)bytes, len};
	struct msghdr m = {.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = CMSG_SPACE(sizeof(int) * n)};
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	if (!h)
		abort();
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(h), fds, sizeof(int) * n);
	assert_int_equal(sendmsg(sock, &m, 0), len);
}

/* What is received of a datagram that is refused: nothing, and nothing of it
 * stays open; the next one is whole. */
static void
refused(int pair[2], size_t size, size_t room, ssize_t rc, int err)
{
	int got[IO_MAX_FDS];
	size_t ngot = room;
	char text[64];
	int before = open_fds();

	errno = 0;
	assert_int_equal(io_recv_fds(pair[1], text, size, got, &ngot), rc);
	assert_int_equal(errno, err);
	assert_int_equal(ngot, 0);
	assert_int_equal(open_fds(), before);
	assert_int_equal(io_send_fds(pair[0], "next", 4, pair, 1), 0);
	ngot = 1;
	assert_int_equal(
		io_recv_fds(pair[1], text, sizeof(text), got, &ngot), 4);
	assert_int_equal(ngot, 1);
	close(got[0]);
}

static void
test_too_many_fds(unused void **state)
{
	int pair[2], files[200];

	make_pair(pair);
	make_files(files, 200);
	/* 9 is one more than is ever taken; the kernel cuts those. */
	for (size_t n = IO_MAX_FDS + 1; n <= 200; n += 19) {
		send_raw(pair[0], "x", 1, files, n);
		refused(pair, 64, IO_MAX_FDS, -1, EMSGSIZE);
	}
	/* One more than this caller takes; the kernel does not cut those. */
	for (size_t n = 1; n <= IO_MAX_FDS; n++) {
		send_raw(pair[0], "x", 1, files, n);
		refused(pair, 64, n - 1, -1, EMSGSIZE);
	}
	close_all(files, 200);
	close_all(pair, 2);
}

static void
test_too_many_bytes(unused void **state)
{
	int pair[2], files[3];

	make_pair(pair);
	make_files(files, 3);
	send_raw(pair[0], "12345", 5, files, 3);
	refused(pair, 4, IO_MAX_FDS, -1, EMSGSIZE);
	close_all(files, 3);
	close_all(pair, 2);
}

/* An empty datagram is not the end, but cannot be told from it; what it brings
 * is closed. */
static void
test_empty_with_fds(unused void **state)
{
	int pair[2], files[3];

	make_pair(pair);
	make_files(files, 3);
	send_raw(pair[0], "", 0, files, 3);
	refused(pair, 64, IO_MAX_FDS, 0, 0);
	close_all(files, 3);
	close_all(pair, 2);
}

/* No number is left in this process for what comes. */
static void
test_no_numbers_left(unused void **state)
{
	int pair[2], files[3], got[IO_MAX_FDS];
	size_t ngot = IO_MAX_FDS;
	struct rlimit was, tight;
	char c;

	make_pair(pair);
	make_files(files, 3);
	send_raw(pair[0], "x", 1, files, 3);
	/* The lowest free numbers: room for one of the three. */
	int next = dup(pair[0]);
	close(next);
	int before = open_fds();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	tight = (struct rlimit){(rlim_t)next + 1, was.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	ssize_t rc = io_recv_fds(pair[1], &c, 1, got, &ngot);
	int err = errno;
	setrlimit(RLIMIT_NOFILE, &was);
	assert_int_equal(rc, -1);
	assert_int_equal(err, EMSGSIZE);
	assert_int_equal(ngot, 0);
	assert_int_equal(open_fds(), before);
	close_all(files, 3);
	close_all(pair, 2);
}

static void
test_ends(unused void **state)
{
	int pair[2], got[IO_MAX_FDS];
	size_t ngot = IO_MAX_FDS;
	char text[1024] = {0};

	make_pair(pair);
	assert_int_equal(io_set_nonblock(pair[0], true), 0);
	assert_int_equal(io_set_nonblock(pair[1], true), 0);
	assert_int_equal(io_recv_fds(pair[1], text, 1, got, &ngot), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(ngot, 0);
	/* Until the socket is full. */
	while (io_send_fds(pair[0], text, sizeof(text), NULL, 0) == 0)
		;
	assert_int_equal(errno, EAGAIN);
	/* Larger than any datagram. */
	scope_free char *large = calloc(1, 1 << 24);
	assert_int_equal(io_send_fds(pair[1], large, 1 << 24, NULL, 0), -1);
	assert_int_equal(errno, EMSGSIZE);
	close(pair[0]);
	ngot = IO_MAX_FDS;
	while (io_recv_fds(pair[1], text, sizeof(text), got, &ngot) > 0)
		;
	assert_int_equal(
		io_recv_fds(pair[1], text, sizeof(text), got, &ngot), 0);
	assert_int_equal(ngot, 0);
	/* No SIGPIPE, which would end this program. */
	assert_int_equal(io_send_fds(pair[1], "x", 1, NULL, 0), -1);
	assert_int_equal(errno, EPIPE);
	close(pair[1]);
}

/* --- The others ---------------------------------------------------------- */

static void
test_nonblock(unused void **state)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(io_set_nonblock(ends[0], true), 0);
	assert_int_equal(fcntl(ends[0], F_GETFL), O_RDONLY | O_NONBLOCK);
	assert_int_equal(io_set_nonblock(ends[0], false), 0);
	assert_int_equal(fcntl(ends[0], F_GETFL), O_RDONLY);
	close_all(ends, 2);
	assert_int_equal(io_set_nonblock(-1, true), -1);
	assert_int_equal(errno, EBADF);
}

static void
test_clock(unused void **state)
{
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	int64_t now = io_now_ns();
	clock_gettime(CLOCK_MONOTONIC, &b);
	assert_true(now >= a.tv_sec * 1000000000LL + a.tv_nsec);
	assert_true(now <= b.tv_sec * 1000000000LL + b.tv_nsec);
}

/* Nothing that a holder of it can do changes it, nor makes it shorter under
 * somebody who maps it. */
static void
test_memfd(unused void **state)
{
	scope_fd int fd = io_memfd("named", "abc", 3, NULL);
	scope_fd int none = io_memfd("empty", NULL, 0, NULL);
	char got[4] = "";
	struct stat st;

	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(read(fd, got, 4), 3);
	assert_string_equal(got, "abc");
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, 2), -1);
	assert_int_equal(ftruncate(fd, 4), -1);
	assert_ptr_equal(
		mmap(NULL, 3, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0),
		MAP_FAILED);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, 0), -1);
	assert_int_equal(fcntl(fd, F_GET_SEALS),
		F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	assert_int_equal(fstat(none, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(pwrite(none, "x", 1, 0), -1);
}

/* A large one at a limit on file sizes: a failure in words, nothing is open. */
static void
test_memfd_fails(unused void **state)
{
	scope_free char *bytes = pattern_of(MANY);
	struct rlimit was, tight;
	struct fail f = {0};
	int before = open_fds();

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	tight = (struct rlimit){MANY - 1, was.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	int fd = io_memfd("large", bytes, MANY, &f);
	setrlimit(RLIMIT_FSIZE, &was);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(fd, -1);
	assert_string_equal(f.text, "cannot fill a memfd: File too large");
	assert_int_equal(open_fds(), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write_all),
		cmocka_unit_test(test_write_fails),
		cmocka_unit_test(test_read_all),
		cmocka_unit_test(test_pread_all),
		cmocka_unit_test(test_fds_pass),
		cmocka_unit_test(test_too_many_fds),
		cmocka_unit_test(test_too_many_bytes),
		cmocka_unit_test(test_empty_with_fds),
		cmocka_unit_test(test_no_numbers_left),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_nonblock),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_memfd),
		cmocka_unit_test(test_memfd_fails),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
