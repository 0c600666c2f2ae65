/*
 * Replays a corpus: every file of the directories and files named as arguments
 * goes through LLVMFuzzerTestOneInput once, as in the fuzzer that found it.
 * TAP.  A crash ends the program in the middle of its plan, which is a failure;
 * the line before says which input it was.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char **paths;
static size_t npaths;

static void
die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(2);
}

static void
add(char *path)
{
	paths = realloc(paths, (npaths + 1) * sizeof(*paths));
	if (!paths)
		die("memory");
	paths[npaths++] = path;
}

static int
visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static void
collect(const char *at)
{
	struct dirent **entries;
	struct stat st;

	if (stat(at, &st))
		die(at);
	if (!S_ISDIR(st.st_mode)) {
		add(strdup(at));
		return;
	}
	int n = scandir(at, &entries, visible, alphasort);
	if (n < 0)
		die(at);
	for (int i = 0; i < n; i++) {
		char *path = NULL;
		if (asprintf(&path, "%s/%s", at, entries[i]->d_name) < 0)
			die("memory");
		add(path);
		free(entries[i]);
	}
	free(entries);
}

/* The input lies in a block of its exact size: an address sanitizer sees a read
 * of one byte past it. */
static void
replay(const char *path)
{
	struct stat st;
	FILE *f = fopen(path, "rb");

	if (!f || fstat(fileno(f), &st))
		die(path);
	size_t n = (size_t)st.st_size;
	uint8_t *data = malloc(n ? n : 1);
	if (!data || fread(data, 1, n, f) != n)
		die(path);
	fclose(f);
	LLVMFuzzerTestOneInput(data, n);
	free(data);
}

int
main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++)
		collect(argv[i]);
	printf("TAP version 13\n1..%zu\n", npaths);
	if (npaths == 0) {
		printf("Bail out! nothing to replay\n");
		return 2;
	}
	for (size_t i = 0; i < npaths; i++) {
		printf("# %s\n", paths[i]);
		replay(paths[i]);
		printf("ok %zu - %s\n", i + 1, paths[i]);
		free(paths[i]);
	}
	free(paths);
	return 0;
}
