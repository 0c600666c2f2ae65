/*
 * Runs passes of snippets without server, runner and jail, for the tests of
 * lenses: lens-harness [--pass NAME] [--lenses A,B] [--option NAME=VALUE]...
 *                      [--arg TEXT]... [--hash-seed N] [--records FILE] FILE...
 *
 * A warm interpreter is made as the runner makes it and is forked for each
 * FILE, which is run where it lies, its directory being the working directory.
 * The streams are the harness's own.  For each FILE the records go to --records
 * (default: standard error) as lines of JSON,
 *   {"lens": "gc", "member": "totals", "item": false, "value": [..]}
 * and then {"file": FILE, "status": wait status, "cut": bool}.
 *
 * With --serve, such command lines are read from standard input, each argument
 * with a NUL after it and one more at the end, and a line is written when one
 * is done: a warm interpreter serves many. Its streams are then those named by
 * --stdout and --stderr.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/scope.h"
#include "sandbox/gcov.h"
#include "sandbox/py/child.h"
#include "wire/bundle.h"
#include "wire/limits.h"

#define MAX_ARGUMENTS 4096

static struct record_writer records;

static struct {
	enum pass pass;
	uint32_t lenses;
	struct buf parts; /* a bundle without its code: options and arguments */
	FILE *out;
	int stdin_fd, stdout_fd, stderr_fd;
	bool serve;
} o = {.stderr_fd = -1, .parts = BUF_INIT(MAX_BUNDLE_BYTES)};

_Noreturn static void
die(const char *what)
{
	fprintf(stderr, "lens-harness: %s: %s\n", what, strerror(errno));
	exit(70);
}

static void
add(enum bundle_kind kind, const char *name, size_t name_len, const char *value)
{
	struct fail f;

	if (bundle_add(
		    &o.parts, kind, name, name_len, value, strlen(value), &f)) {
		fprintf(stderr, "lens-harness: %s\n", f.text);
		exit(70);
	}
}

static void
forked(void)
{
	record_close(&records);
	py_forked();
}

/* As sandbox/child.c does it, without the jail. */
_Noreturn static void
child(const char *file, void *report)
{
	char *script = realpath(file, NULL);
	char *dir = script ? strdup(script) : NULL;
	const struct limits limits = limits_default();

	if (!dir)
		die(file);
	*strrchr(dir, '/') = '\0';
	py_after_fork_child();
	if (py_rehearse(script, false))
		die("rehearsal");
	if (chdir(dir) || dup2(o.stdin_fd, 0) < 0 || dup2(o.stdout_fd, 1) < 0 ||
		(o.stderr_fd >= 0 && dup2(o.stderr_fd, 2) < 0))
		die(dir);
	record_init(&records, report, REPORT_BYTES);
	if (pthread_atfork(NULL, NULL, forked))
		die("pthread_atfork");
	closefrom(3);
	int status = py_run(&(struct py_pass){
		.pass = o.pass,
		.lenses = o.lenses,
		.script = script,
		.bundle = o.parts.data,
		.bundle_len = o.parts.len,
		.limits = &limits,
		.records = &records,
	});
	gcov_flush(0);
	_exit(status);
}

static void
print_records(const void *report, const char *file, int status)
{
	size_t n = record_length(report, REPORT_BYTES), at = 0;
	struct record r;
	struct fail f;
	int more;

	while ((more = record_next(report, n, &at, &r, &f)) == 1)
		fprintf(o.out,
			"{\"lens\": \"%s\", \"member\": \"%.*s\", "
			"\"item\": %s, \"value\": %.*s}\n",
			r.lens == RECORD_RUN ? "run"
					     : lens_name((enum lens)r.lens),
			(int)r.member_len, r.member,
			r.kind == RECORD_ITEM ? "true" : "false",
			(int)r.json_len, r.json);
	if (more < 0) {
		fprintf(stderr, "lens-harness: %s\n", f.text);
		exit(70);
	}
	fprintf(o.out, "{\"file\": \"%s\", \"status\": %d, \"cut\": %s}\n",
		file, status, record_was_cut(report, n) ? "true" : "false");
	fflush(o.out);
}

static void
one(const char *file)
{
	int status;
	void *report = mmap(NULL, REPORT_BYTES, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (report == MAP_FAILED)
		die("mmap");
	fflush(NULL);
	py_before_fork();
	pid_t pid = fork();
	if (pid == 0)
		child(file, report);
	py_after_fork_parent();
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("fork");
	print_records(report, file, status);
	munmap(report, REPORT_BYTES);
}

static int
find_pass(const char *name)
{
	for (int i = 0; i < PASS_COUNT; i++)
		if (strcmp(pass_name((enum pass)i), name) == 0)
			return i;
	errno = EINVAL;
	die(name);
}

static uint32_t
find_lenses(char *names)
{
	uint32_t set = 0;

	for (char *s = strtok(names, ","); s; s = strtok(NULL, ",")) {
		int lens = lens_find(s);
		errno = EINVAL;
		if (lens < 0)
			die(s);
		set |= BIT(lens);
	}
	return set;
}

static int
open_stream(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

static const struct option options[] = {{"pass", 1, NULL, 'p'},
	{"lenses", 1, NULL, 'l'}, {"option", 1, NULL, 'o'},
	{"arg", 1, NULL, 'a'}, {"hash-seed", 1, NULL, 's'},
	{"records", 1, NULL, 'r'}, {"serve", 0, NULL, 'S'},
	{"stdout", 1, NULL, '1'}, {"stderr", 1, NULL, '2'}, {NULL, 0, NULL, 0}};

static void
take_option(int c, char *value, struct py_config *py)
{
	const char *equals = strchr(value, '=');

	if (c == 'p')
		o.pass = (enum pass)find_pass(value);
	else if (c == 'l')
		o.lenses = find_lenses(value);
	else if (c == 'o' && equals)
		add(BUNDLE_OPTION, value, (size_t)(equals - value), equals + 1);
	else if (c == 'a')
		add(BUNDLE_ARG, "", 0, value);
	else if (c == 's')
		py->hash_seed = strtoll(value, NULL, 10);
	else if (c == 'S')
		o.serve = true;
	else if (c == '1')
		o.stdout_fd = open_stream(value);
	else if (c == '2')
		o.stderr_fd = open_stream(value);
	else if (c != 'r' || !(o.out = fopen(value, "we")))
		die(value);
}

/* Returns 0, or -1 for what is no option. */
static int
take_options(int argc, char **argv, struct py_config *py)
{
	int c;

	optind = 0; /* getopt(3): anew */
	buf_free(&o.parts);
	bundle_begin(&o.parts);
	add(BUNDLE_CODE, "", 0, "");
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == '?')
			return -1;
		take_option(c, optarg ? optarg : "", py);
	}
	return 0;
}

/* One argument, or NULL at the end of a command, and of all of them. */
static char *
read_argument(FILE *commands)
{
	char *text = NULL;
	size_t room = 0;

	if (getdelim(&text, &room, '\0', commands) > 0 && *text)
		return text;
	free(text);
	return NULL;
}

static void
serve(FILE *commands, FILE *replies)
{
	char *argv[MAX_ARGUMENTS + 1] = {"lens-harness"};
	struct py_config unused_py = {0};
	int argc;

	do {
		for (argc = 1; argc < MAX_ARGUMENTS &&
			       (argv[argc] = read_argument(commands));
			argc++)
			;
		argv[argc] = NULL;
		if (argc == 1)
			break;
		if (take_options(argc, argv, &unused_py))
			exit(64);
		for (; optind < argc; optind++)
			one(argv[optind]);
		fclose(o.out);
		close(o.stdout_fd);
		close(o.stderr_fd);
		while (argc > 1)
			free(argv[--argc]);
		fputs("done\n", replies);
	} while (fflush(replies) == 0);
}

int
main(int argc, char **argv)
{
	struct py_config py = {
		RUNNER_VERSION, "/usr/bin/python" RUNNER_VERSION, "/usr", -1};
	struct msg_hello hello = {0};
	struct py_lenses lenses;
	struct fail f = {0};

	o.out = stderr;
	if (take_options(argc, argv, &py))
		return 64;
	/* The warm interpreter has pipes for streams. */
	int first_file = optind, in = fcntl(0, F_DUPFD_CLOEXEC, 100),
	    out = fcntl(1, F_DUPFD_CLOEXEC, 100);
	o.stdin_fd = o.serve ? open("/dev/null", O_RDONLY | O_CLOEXEC) : in;
	o.stdout_fd = out;
	clearenv();
	setenv("PATH", "/usr/bin", 1);
	setenv("HOME", "/box", 1);
	setenv("LANG", "C.UTF-8", 1);
#ifdef VITRINE_SANITIZED
	/* So that the sanitizer knows each object of Python's. */
	setenv("PYTHONMALLOC", "malloc", 1);
#endif
	if (py_warm(&py, &hello, &f) ||
		py_import(zygote_modules(ZYGOTE_LENSES), &f)) {
		fprintf(stderr, "lens-harness: %s\n", f.text);
		return 70;
	}
	py_warm_lenses(&lenses);
	if (!lenses.work || py_settle(ZYGOTE_LENSES, &f)) {
		fprintf(stderr, "lens-harness: %s\n", f.text);
		return 70;
	}
	if (o.serve) {
		FILE *commands = fdopen(in, "re"), *replies = fdopen(out, "we");
		if (!commands || !replies)
			die("fdopen");
		serve(commands, replies);
		return 0;
	}
	for (int i = first_file; i < argc; i++)
		one(argv[i]);
	return 0;
}
