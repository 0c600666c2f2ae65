/* vitrine: a glass case for CPython. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/cmd.h"
#include "wire/tables.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{"serve", cmd_serve, "serve the page and the HTTP API"},
	{"run", cmd_run, "run one file and show what the interpreter did"},
	{"compare", cmd_compare,
		"run one file on several Pythons and show what differs"},
	{"measure", cmd_measure,
		"run files in turns and show which takes longer"},
	{"doctor", cmd_doctor, "say what holds on this machine"},
};
#define COMMANDS (sizeof(commands) / sizeof(*commands))

int
cmd_program_dir(char *ret_path, size_t size, struct fail *f)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		return fail_errno(f, "cannot find the program's own place");
	self[n] = '\0';
	if ((size_t)snprintf(ret_path, size, "%s", dirname(self)) >= size)
		return fail_set(f, "the program's path is too long");
	return 0;
}

int
cmd_parse_layers(const char *list, unsigned *ret_set, struct fail *f)
{
	char copy[256], *save = NULL;

	if (strlen(list) >= sizeof(copy))
		return fail_set(f, "a list of layers that long cannot be");
	strcpy(copy, list);
	for (char *name = strtok_r(copy, ",", &save); name;
		name = strtok_r(NULL, ",", &save)) {
		int layer = layer_find(name);
		if (layer < 0)
			return fail_set(f, "%s is no layer of the jail", name);
		*ret_set |= BIT(layer);
	}
	return 0;
}

/* Started with a standard stream closed, the next thing that is opened would
 * get its number, and what is printed would go there. */
static void
open_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
			open("/dev/null", O_RDWR) != fd)
			_exit(1);
}

static int
usage(FILE *to)
{
	fprintf(to, "Usage: vitrine COMMAND [OPTION...]\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-8s %s\n", commands[i].name,
			commands[i].summary);
	fprintf(to, "\n`vitrine COMMAND --help` says more.\n");
	return to == stdout ? 0 : 2;
}

int
main(int argc, char **argv)
{
	open_streams();
	if (argc < 2)
		return usage(stderr);
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0) {
			char name[64];
			snprintf(name, sizeof(name), "vitrine %s",
				commands[i].name);
			argv[1] = name;
			return commands[i].run(argc - 1, argv + 1);
		}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return usage(stdout);
	fprintf(stderr, "vitrine: %s is no command\n", argv[1]);
	return usage(stderr);
}
