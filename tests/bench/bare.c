/*
 * A fork and a run with no jail at all, for comparison:
 *   bare PAUSE_MS COUNT CODE EXPECTED
 *
 * Warms an interpreter as the runner does; then COUNT times waits PAUSE_MS,
 * forks, runs CODE in the child, reads its standard output to the end and reaps
 * it.  Prints the nanoseconds of each, one per line.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "sandbox/py/child.h"
#include "wire/bundle.h"
#include "wire/limits.h"

_Noreturn static void
die(const char *what)
{
	fprintf(stderr, "bare: %s: %s\n", what, strerror(errno));
	exit(1);
}

_Noreturn static void
child(const char *script, int out, void *report)
{
	static struct record_writer records;
	static struct buf bundle = BUF_INIT(MAX_BUNDLE_BYTES);
	struct fail f;

	py_after_fork_child();
	if (dup2(out, 1) < 0)
		die("dup2");
	closefrom(3);
	bundle_begin(&bundle);
	if (bundle_add(&bundle, BUNDLE_CODE, "", 0, "", 0, &f))
		die(f.text);
	record_init(&records, report, REPORT_BYTES);
	_exit(py_run(&(struct py_pass){
		.pass = PASS_CLEAN,
		.script = script,
		.bundle = bundle.data,
		.bundle_len = bundle.len,
		.records = &records,
	}));
}

static void
once(const char *script, const char *expected, void *report)
{
	char said[4096];
	size_t n = 0;
	ssize_t more;
	int status, ends[2];

	if (pipe2(ends, O_CLOEXEC))
		die("pipe2");
	fflush(NULL); /* or the child has it, too */
	py_before_fork();
	pid_t pid = fork();
	if (pid == 0)
		child(script, ends[1], report);
	py_after_fork_parent();
	close(ends[1]);
	while ((more = read(ends[0], said + n, sizeof(said) - n)) > 0)
		n += (size_t)more;
	close(ends[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("fork");
	if (status || n != strlen(expected) || memcmp(said, expected, n) != 0)
		die("a run came to something else");
}

/* The code as a file in a directory of its own. */
static char *
write_script(const char *code)
{
	static char path[] = "/tmp/vitrine-bench-XXXXXX/main.py";
	char *slash = strrchr(path, '/');

	*slash = '\0';
	if (!mkdtemp(path))
		die("mkdtemp");
	*slash = '/';
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || io_write_all(fd, code, strlen(code)))
		die(path);
	close(fd);
	return path;
}

int
main(int argc, char **argv)
{
	const struct py_config py = {
		RUNNER_VERSION, "/usr/bin/python" RUNNER_VERSION, "/usr", -1};
	struct msg_hello hello = {0};
	struct fail f = {0};

	if (argc != 5)
		die("usage: bare PAUSE_MS COUNT CODE EXPECTED");
	/* The warm interpreter has pipes for streams. */
	FILE *told = fdopen(fcntl(1, F_DUPFD_CLOEXEC, 100), "w");
	if (!told)
		die("fdopen");
	char *script = write_script(argv[3]);
	void *report = mmap(NULL, REPORT_BYTES, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (report == MAP_FAILED || py_warm(&py, &hello, &f) ||
		py_settle(ZYGOTE_LEAN, &f))
		die("warming");
	for (long n = strtol(argv[2], NULL, 10); n > 0; n--) {
		usleep((useconds_t)strtoul(argv[1], NULL, 10) * 1000);
		int64_t began = io_now_ns();
		once(script, argv[4], report);
		fprintf(told, "%lld\n", (long long)(io_now_ns() - began));
	}
	fclose(told);
	unlink(script);
	*strrchr(script, '/') = '\0';
	rmdir(script);
	return 0;
}
