/*
 * CPython's small blocks, by size: pools and arenas of pymalloc, and the free
 * lists of types.
 *
 * Where its tables lie and how, differs from version to version; so CPython is
 * asked in the way that sys._debugmallocstats() asks it (Objects/obmalloc.c),
 * and its text is read.  The stream it writes to is made once, in the zygote:
 * opening one would take memory of the run.
 */
#ifndef _GNU_SOURCE
#error fopencookie(3)
#endif
#include "sandbox/lenses/memory.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "wire/limits.h"

#define MAX_TEXT    (32 * KIB)
#define MAX_CLASSES 64

/* Objects/obmalloc.c and Objects/object.c; exported by libpython. */
extern int _PyObject_DebugMallocStats(FILE *out);

struct pools {
	struct {
		uint64_t size, pools, used, free;
	} classes[MAX_CLASSES];
	uint64_t arenas, arena_bytes, most_arenas;
	bool known;
};

static struct {
	FILE *stream;
	char text[MAX_TEXT];
	size_t n;
	struct pools at[2]; /* at the beginning, at the end */
} pools;

static ssize_t
take_text(void *cookie, const char *bytes, size_t n)
{
	size_t room = sizeof(pools.text) - 1 - pools.n;
	size_t fits = n < room ? n : room;

	(void)cookie;
	memcpy(pools.text + pools.n, bytes, fits);
	pools.n += fits;
	return (ssize_t)n;
}

int
memory_pools_warm(struct fail *f)
{
	static char buffer[BUFSIZ];

	pools.stream = fopencookie(
		NULL, "w", (cookie_io_functions_t){.write = take_text});
	if (!pools.stream || setvbuf(pools.stream, buffer, _IOFBF, BUFSIZ))
		return fail_set(f, "no memory");
	return 0;
}

/* "    3     64           1             252             3" */
static bool
read_class(const char *line, struct pools *p)
{
	unsigned long i, size, n, used, free;
	int end = 0;

	if (sscanf(line, "%lu %lu %lu %lu %lu%n", &i, &size, &n, &used, &free,
		    &end) != 5 ||
		line[end] || i >= MAX_CLASSES)
		return false;
	p->classes[i].size = size;
	p->classes[i].pools = n;
	p->classes[i].used = used;
	p->classes[i].free = free;
	return true;
}

/* "# arenas highwater mark            =                   72" */
static uint64_t
value_of(const char *line)
{
	const char *equals = strrchr(line, '=');
	uint64_t n = 0;

	for (const char *s = equals ? equals : ""; *s; s++)
		if (isdigit((unsigned char)*s)) /* commas between */
			n = n * 10 + (uint64_t)(*s - '0');
	return n;
}

static void
read_line(const char *line, struct pools *p)
{
	unsigned long n, bytes;

	if (read_class(line, p))
		return;
	if (sscanf(line, "%lu arenas * %lu bytes/arena", &n, &bytes) == 2) {
		p->arenas = n;
		p->arena_bytes = bytes;
		p->known = true;
	} else if (strncmp(line, "# arenas highwater mark", 23) == 0) {
		p->most_arenas = value_of(line);
	}
}

void
memory_pools_look(bool end)
{
	char *rest = pools.text, *line;

	pools.n = 0;
	_PyObject_DebugMallocStats(pools.stream);
	fflush(pools.stream);
	pools.text[pools.n] = '\0';
	pools.at[end] = (struct pools){.known = false};
	while ((line = strsep(&rest, "\n")))
		read_line(line, &pools.at[end]);
}

static void
number(struct jsonw *w, const char *key, uint64_t n)
{
	jsonw_key(w, key);
	jsonw_uint(w, n);
}

static void
write_class(struct jsonw *w, size_t i)
{
	const struct pools *was = &pools.at[0], *is = &pools.at[1];

	/* One that has no pool is not told of. */
	if (!was->classes[i].pools && !is->classes[i].pools)
		return;
	jsonw_object(w);
	number(w, "size",
		is->classes[i].pools ? is->classes[i].size
				     : was->classes[i].size);
	number(w, "pools", is->classes[i].pools);
	number(w, "used", is->classes[i].used);
	number(w, "free", is->classes[i].free);
	number(w, "pools_before", was->classes[i].pools);
	number(w, "used_before", was->classes[i].used);
	jsonw_end(w);
}

void
memory_pools_write(struct record_writer *r)
{
	const struct pools *was = &pools.at[0], *is = &pools.at[1];
	struct jsonw *w = record_begin(r, RECORD_SET, LENS_MEMORY, "allocator");

	/* mimalloc, as without a GIL, does not say it by size. */
	if (!was->known || !is->known) {
		jsonw_null(w);
		record_commit(r);
		return;
	}
	jsonw_object(w);
	number(w, "arena_bytes", is->arena_bytes);
	number(w, "arenas", is->arenas);
	number(w, "arenas_before", was->arenas);
	number(w, "most_arenas", is->most_arenas);
	jsonw_key(w, "classes");
	jsonw_array(w);
	for (size_t i = 0; i < MAX_CLASSES; i++)
		write_class(w, i);
	jsonw_end(w);
	jsonw_end(w);
	record_commit(r);
}
