/* The child: from fork to _exit(). */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"
#include "base/sabotage.h"
#include "base/scope.h"
#include "sandbox/cell.h"
#include "sandbox/child.h"
#include "sandbox/gcov.h"
#include "sandbox/py/child.h"
#include "sandbox/touched.h"
#include "wire/bundle.h"
#include "wire/record.h"

/* The order's descriptors arrive above the streams. */
#define FD_SOCK 3

_Noreturn static void
leave(int status)
{
	gcov_flush(1);
	_exit(status);
}

/* Our fault, not the program's: the init reports it as such. */
_Noreturn static void
fault(int sock, uint32_t layer, const char *step)
{
	struct child_say s = {CHILD_FAULT, layer, errno ? errno : EIO, {0}};

	snprintf(s.step, sizeof(s.step), "%s", step);
	(void)!write(sock, &s, sizeof(s));
	leave(70);
}

static int
send_word(int sock, enum child_word word, const int *fds, size_t nfd)
{
	const struct child_say s = {.word = word, .layer = LAYER_COUNT};

	return io_send_fds(sock, &s, sizeof(s), fds, nfd);
}

static void
close_jail(const struct jail *j, int sock)
{
	int listener;

	if (chdir(j->workdir))
		fault(sock, LAYER_NAMESPACES, "chdir");
	if (jail_limit_base())
		fault(sock, LAYER_RLIMITS, "setrlimit");
	if (jail_drop_privileges())
		fault(sock, LAYER_NAMESPACES, "dropping privileges");
	if (jail_close_landlock(j))
		fault(sock, LAYER_LANDLOCK, "landlock_restrict_self");
	if (jail_close_seccomp(j, &listener))
		fault(sock, LAYER_SECCOMP, "seccomp");
	/* It must not stay here: who has it can answer in the init's place, and
	 * with it open nobody answers that this process may end. */
	int rc = send_word(sock, CHILD_JAILED, &listener, listener >= 0);
	if (listener >= 0)
		close(listener);
	if (rc)
		leave(70); /* the init is gone */
}

/* The caller's files need more disk than the caller allowed: ended by what ends
 * a program that writes too much. */
_Noreturn static void
disk_full(void)
{
	signal(SIGXFSZ, SIG_DFL);
	kill(getpid(), SIGXFSZ);
	leave(70);
}

/* Signal dispositions as a program started from a shell has them; Python's own
 * were set by the interpreter and stay. */
static void
open_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int
make_parents(char *path)
{
	for (char *slash = strchr(path, '/'); slash;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		int rc = mkdir(path, 0755);
		*slash = '/';
		if (rc && errno != EEXIST)
			return -1;
	}
	return 0;
}

static int
write_file(const char *name, size_t name_len, const char *text, size_t n)
{
	char path[MAX_PATH_BYTES + 1];

	memcpy(path, name, name_len);
	path[name_len] = '\0';
	if (make_parents(path))
		return -1;
	scope_fd int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	return fd < 0 ? -1 : io_write_all(fd, text, n);
}

static int
write_files(const void *bundle, size_t n)
{
	struct bundle_part p;
	size_t at = 0;

	while (bundle_next(bundle, n, &at, &p)) {
		if (p.kind == BUNDLE_CODE &&
			write_file("main.py", 7, p.value, p.value_len))
			return -1;
		if (p.kind == BUNDLE_FILE &&
			write_file(p.name, p.name_len, p.value, p.value_len))
			return -1;
	}
	return 0;
}

static const void *
map_bundle(int fd, size_t *ret_n, struct fail *f)
{
	struct stat st;

	if (fstat(fd, &st) || st.st_size <= 0 ||
		(uint64_t)st.st_size > MAX_BUNDLE_BYTES) {
		fail_set(f, "the bundle has no size that can be");
		return NULL;
	}
	void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		fail_errno(f, "the bundle cannot be mapped");
		return NULL;
	}
	*ret_n = (size_t)st.st_size;
	return bundle_check(p, *ret_n, f) ? NULL : p;
}

static struct record_writer records;

static void
forked(void)
{
	record_close(&records);
	py_forked();
}

static int
map_report(int fd)
{
	void *p = mmap(
		NULL, REPORT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return -1;
	/* Processes that the snippet forks do not have the report, unless a
	 * lens gives them a part (wire/record_pair.h). */
	if (madvise(p, REPORT_BYTES, MADV_DONTFORK))
		return -1;
	record_init(&records, p, REPORT_BYTES);
	return 0;
}

/* Waits for the order: its descriptors go where they belong, all others are
 * closed. */
static int
take_order(int sock, struct msg_pass *ret_pass, int *ret_fds)
{
	struct cell_order order;
	size_t nfd = PASS_FD_COUNT;
	ssize_t n = io_recv_fds(sock, &order, sizeof(order), ret_fds, &nfd);

	if (n == 0)
		leave(0); /* the cell is not wanted any more */
	if (n != sizeof(order) || nfd != PASS_FD_COUNT)
		return -1;
	*ret_pass = order.pass;
	for (int i = 0; i < 3; i++)
		if (dup2(ret_fds[PASS_FD_STDIN + i], i) < 0)
			return -1;
	return 0;
}

static void
name_script(const struct jail *j, char ret[PATH_MAX])
{
	snprintf(ret, PATH_MAX, "%s/main.py", j->workdir);
}

static bool
prepare(const void *jail)
{
	char script[PATH_MAX];

	name_script(jail, script);
	py_after_fork_child();
	return py_rehearse(script, false) == 0;
}

void
child_learn(const struct jail *j)
{
	py_before_fork();
	touched_learn(j->proc_fd, prepare, j);
	py_after_fork_parent();
}

_Noreturn void
child_main(const struct jail *j, int sock)
{
	int fds[IO_MAX_FDS];
	char script[PATH_MAX];
	struct msg_pass pass;
	struct fail f = {0};
	size_t n = 0;

	touched_copy();
	py_after_fork_child();
	close_jail(j, sock);
	open_signals();
	name_script(j, script);
	if (py_rehearse(script, false))
		fault(sock, LAYER_COUNT, "the rehearsal");
	if (pthread_atfork(NULL, NULL, forked))
		fault(sock, LAYER_COUNT, "pthread_atfork");
	if (send_word(sock, CHILD_READY, NULL, 0))
		leave(70);

	if (take_order(sock, &pass, fds))
		fault(sock, LAYER_COUNT, "taking the order");
	if (jail_limit_order(j, &pass.limits))
		fault(sock, LAYER_RLIMITS, "setrlimit");
	const void *bundle = map_bundle(fds[PASS_FD_BUNDLE], &n, &f);
	if (!bundle)
		fault(sock, LAYER_COUNT, f.text);
	if (map_report(fds[PASS_FD_REPORT]))
		fault(sock, LAYER_COUNT, "mapping the report");
	if (write_files(bundle, n)) {
		if (errno == ENOSPC || errno == EFBIG)
			disk_full();
		fault(sock, LAYER_COUNT, "writing the files");
	}
	if (!SABOTAGE(CLOSE_FDS) && syscall(SYS_close_range, FD_SOCK, ~0U, 0))
		fault(sock, LAYER_COUNT, "close_range");

	leave(py_run(&(struct py_pass){
		.pass = (enum pass)pass.pass,
		.lenses = pass.lenses,
		.script = script,
		.bundle = bundle,
		.bundle_len = n,
		.limits = &pass.limits,
		.records = &records,
	}));
}
