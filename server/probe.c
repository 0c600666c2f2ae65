/*
 * One probe of the jail: what it runs, whether it was contained, and by what.
 *
 * What stopped an attempt is told by the errno that the kernel gave, for each
 * layer answers with one of its own.  The program says it itself: these are
 * programs of ours.
 */
#include "server/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "server/tbl/probes.h"

#define DEADLINE_MS  250
#define FORK_LIMIT   8
#define MAX_GOT	     200
#define MAX_STOPPERS 4

enum probe_kind { SAYS, REFUSED, DEADLINE };

static const struct {
	const char *name, *what;
	enum probe_kind kind;
	enum layer eperm;
	uint32_t guards; /* set of enum layer */
	const char *code, *expected;
} probes[] = {
#define X(name, what, kind, layer, guards, code, expected)                     \
	{name, what, kind, LAYER_##layer, guards, code, expected},
	PROBE_TABLE(X)
#undef X
};
#define PROBES (sizeof(probes) / sizeof(*probes))

/* Which layer answers so. */
static const struct {
	const char *error;
	enum layer full, container;
} signs[] = {
	/* It is not in the root, or not in the PID namespace. */
	{"ENOENT", LAYER_NAMESPACES, LAYER_LANDLOCK},
	{"ESRCH", LAYER_NAMESPACES, LAYER_NAMESPACES},
	{"EROFS", LAYER_NAMESPACES, LAYER_NAMESPACES},
	/* hook_file_open() and others: security/landlock/fs.c, Linux 6.1 */
	{"EACCES", LAYER_LANDLOCK, LAYER_LANDLOCK},
	/* copy_process(): kernel/fork.c, Linux 6.1; or the init, asked by the
	 * filter. */
	{"EAGAIN", LAYER_RLIMITS, LAYER_SECCOMP},
};

size_t
probe_count(void)
{
	return PROBES;
}

size_t
probe_find(const char *name, size_t n)
{
	size_t i = 0;

	while (i < PROBES && (strlen(probes[i].name) != n ||
				     memcmp(probes[i].name, name, n) != 0))
		i++;
	return i;
}

const char *
probe_code(size_t i)
{
	return probes[i].code;
}

struct run_request
probe_request(size_t i, const char *runtime)
{
	struct run_request q = {
		.code = {strdup(probes[i].code), strlen(probes[i].code)},
		.runtime = runtime ? strdup(runtime) : NULL,
		.hash_seed = -1,
		.limits = limits_default(),
	};

	if (!q.code.data || (runtime && !q.runtime))
		abort();
	q.limits.processes = FORK_LIMIT;
	if (probes[i].kind == DEADLINE)
		q.limits.wall_ms = DEADLINE_MS;
	return q;
}

/* Names of what stopped the attempts, each once. */
struct stoppers {
	const char *name[MAX_STOPPERS];
	size_t n;
};

static void
add(struct stoppers *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->name[i], name) == 0)
			return;
	if (s->n < MAX_STOPPERS)
		s->name[s->n++] = name;
}

static bool
is(const char *line, size_t n, const char *word)
{
	return strlen(word) == n && memcmp(line, word, n) == 0;
}

/* The layer of an errno's name, or LAYER_COUNT. */
static enum layer
layer_of(size_t probe, const struct run_result *r, const char *error, size_t n)
{
	bool full = (r->runtime->layers & BIT(LAYER_NAMESPACES)) != 0;
	enum layer by =
		is(error, n, "EPERM") ? probes[probe].eperm : LAYER_COUNT;

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (is(error, n, signs[i].error))
			by = full ? signs[i].full : signs[i].container;
	/* Where Landlock is missing, the mounts of the scratch say EACCES. */
	return by < LAYER_COUNT && !(r->runtime->layers & BIT(by))
		       ? LAYER_NAMESPACES
		       : by;
}

/* Reads a line for each attempt; false when one of them got through. */
static bool
read_lines(size_t probe, const struct run_result *r, const char *text,
	size_t *ret_lines, struct stoppers *ret)
{
	size_t n;

	for (*ret_lines = 0; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		enum layer by = layer_of(probe, r, text, n);
		if (by == LAYER_COUNT)
			return false;
		add(ret, layer_name(by));
		++*ret_lines;
	}
	return true;
}

static bool
judge(size_t i, const struct run_result *r, struct stoppers *ret)
{
	const struct pass_result *p = &r->pass[PASS_CLEAN];
	const char *text = p->out.len ? p->out.data : "";
	bool ended = p->exit.cause == END_SELF && p->killed == KILL_NONE &&
		     p->exit.wait_status == 0;
	size_t lines;

	switch (probes[i].kind) {
	case SAYS:
		return ended && strcmp(text, probes[i].expected) == 0;
	case REFUSED:
		return read_lines(i, r, text, &lines, ret) && ended &&
		       lines == strtoul(probes[i].expected, NULL, 10);
	case DEADLINE:
		if (p->killed != KILL_WALL || p->out.len || p->err.len)
			return false;
		add(ret, "wall limit");
		return true;
	}
	return false;
}

/* What was printed, its lines in one. */
static json_t *
said(const struct pass_result *p)
{
	const struct buf *b = p->out.len ? &p->out : &p->err;
	scope_buf struct buf line = BUF_INIT(MAX_GOT);

	for (size_t i = 0; i < b->len; i++)
		if (b->data[i] != '\n')
			buf_put(&line, &b->data[i], 1);
		else if (i + 1 < b->len)
			buf_put(&line, ", ", 2);
	/* What is not UTF-8 was not said by a probe of ours. */
	json_t *j = json_stringn(line.data ? line.data : "", line.len);
	return j ? j : json_string("(not text)");
}

json_t *
probe_judge(size_t i, const struct run_result *r, bool *ret_fine)
{
	struct stoppers by = {.n = 0};
	json_t *names = json_array(), *missing = json_array();
	bool passed = judge(i, r, &by);
	/* A runner that lacks a layer starts only if it was told to. */
	uint32_t gone = passed ? 0 : probes[i].guards & ~r->runtime->layers;

	for (size_t k = 0; k < by.n; k++)
		json_array_append_new(names, json_string(by.name[k]));
	for (enum layer l = 0; l < LAYER_COUNT; l++)
		if (gone & BIT(l))
			json_array_append_new(
				missing, json_string(layer_name(l)));
	if (ret_fine)
		*ret_fine = passed || gone;
	return json_pack("{s:s, s:s, s:s, s:b, s:o, s:o, s:o}", "name",
		probes[i].name, "runtime", r->runtime->id, "what",
		probes[i].what, "passed", (int)passed, "stopped_by", names,
		"missing", missing, "got", said(&r->pass[PASS_CLEAN]));
}

json_t *
probe_lost(size_t i, const char *runtime, const char *why)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:[], s:[], s:o}", "name",
		probes[i].name, "runtime", runtime, "what", probes[i].what,
		"passed", 0, "stopped_by", "missing", "got",
		json_sprintf("no answer: %s", why));
}
