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

static struct record_writer records;

static struct {
	enum pass pass;
	uint32_t lenses;
	struct buf parts; /* a bundle without its code: options and arguments */
	FILE *out;
	int stdin_fd, stdout_fd;
} o = {.parts = BUF_INIT(MAX_BUNDLE_BYTES)};

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

	if (!dir)
		die(file);
	*strrchr(dir, '/') = '\0';
	py_after_fork_child();
	if (py_rehearse(script, false))
		die("rehearsal");
	if (chdir(dir) || dup2(o.stdin_fd, 0) < 0 || dup2(o.stdout_fd, 1) < 0)
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
	else if (c != 'r' || !(o.out = fopen(value, "we")))
		die(value);
}

int
main(int argc, char **argv)
{
	static const struct option table[] = {{"pass", 1, NULL, 'p'},
		{"lenses", 1, NULL, 'l'}, {"option", 1, NULL, 'o'},
		{"arg", 1, NULL, 'a'}, {"hash-seed", 1, NULL, 's'},
		{"records", 1, NULL, 'r'}, {NULL, 0, NULL, 0}};
	struct py_config py = {
		RUNNER_VERSION, "/usr/bin/python" RUNNER_VERSION, "/usr", -1};
	struct msg_hello hello = {0};
	struct py_lenses lenses;
	struct fail f = {0};
	int c;

	o.out = stderr;
	bundle_begin(&o.parts);
	add(BUNDLE_CODE, "", 0, "");
	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (c == '?')
			return 64;
		take_option(c, optarg, &py);
	}
	/* The warm interpreter has pipes for streams. */
	o.stdin_fd = fcntl(0, F_DUPFD_CLOEXEC, 100);
	o.stdout_fd = fcntl(1, F_DUPFD_CLOEXEC, 100);
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
	for (; optind < argc; optind++)
		one(argv[optind]);
	return 0;
}
