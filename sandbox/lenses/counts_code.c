/*
 * Instructions, counted where they stand.
 *
 * The code objects of the script are those that its module was compiled into;
 * it keeps them alive.  What runs elsewhere (another file's code, what exec()
 * compiles) counts for the instruction of the script's that called it, directly
 * or not: the innermost of its frames below.
 */
#include "sandbox/lenses/counts.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/objects.h"
#include "wire/limits.h"

#define SLOTS	       (2 * COUNTS_CODES) /* of the table by hash */
#define MAX_LINE       ((int)MAX_CODE_BYTES + 1)
#define MAX_LINES      100000 /* that are shown */
#define MAX_NESTED     50
#define LINE_BYTES     90 /* about what a row takes at most */
#define FUNCTION_BYTES 400

struct counted {
	PyCodeObject *code; /* NULL: an empty slot */
	uint32_t n;
	struct counts_unit *units;
};

static struct {
	struct counted slot[SLOTS];
	unsigned n;
	int last;  /* line of all that there are */
	bool full; /* there was more code than there is room */
	uint64_t all, elsewhere;
	/* Of the lines, when they are written. */
	struct counts_unit *lines;
	int top;
} counts;

/* Who is at work in this thread, until there is another frame. */
static _Thread_local struct {
	PyFrameObject *frame; /* NULL: to be looked up; only compared */
	struct counted *ours;
	struct counts_unit *caller; /* of what is not ours; may be NULL */
} here;

static struct counted *
find(const PyCodeObject *code)
{
	uint64_t hash = ((uintptr_t)code >> 4) * 0x9e3779b97f4a7c15ull;
	size_t i = hash % SLOTS;

	while (counts.slot[i].code && counts.slot[i].code != code)
		i = (i + 1) % SLOTS;
	return &counts.slot[i];
}

/* Instructions take two bytes each, with their caches. */
static uint32_t
units_of(const PyCodeObject *code)
{
#if PY_VERSION_HEX >= PY_3_11
	return (uint32_t)Py_SIZE(code);
#else
	return (uint32_t)(PyBytes_GET_SIZE(code->co_code) / 2);
#endif
}

static int
add(PyCodeObject *code, int depth)
{
	struct counted *c = find(code);

	if (c->code)
		return 0;
	if (counts.n == COUNTS_CODES || depth > MAX_NESTED) {
		counts.full = true;
		return 0;
	}
	*c = (struct counted){code, units_of(code),
		calloc(units_of(code) + 1, sizeof(*c->units))};
	if (!c->units)
		return -1;
	counts.n++;
	int last = PyCode_Addr2Line(code, (int)units_of(code) * 2 - 2);
	if (last > counts.last)
		counts.last = last;
	for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
		PyObject *b_const = PyTuple_GET_ITEM(code->co_consts, i);
		if (PyCode_Check(b_const) &&
			add((PyCodeObject *)b_const, depth + 1))
			return -1;
	}
	return 0;
}

int
counts_code_begin(PyCodeObject *module)
{
	return add(module, 0);
}

/* The instruction of the script's that this thread is at, in the innermost of
 * its frames there; NULL when it is in none. */
static struct counts_unit *
find_caller(void)
{
	struct frames_at at;
	void *frame = NULL;

	while (frames_next(PyThreadState_Get(), &frame, &at)) {
		struct counted *c = find(at.code);
		uint32_t unit = (uint32_t)(at.instruction / 2);
		if (c->code && at.instruction >= 0 && unit < c->n)
			return &c->units[unit];
	}
	return NULL;
}

void
counts_code_switch(void)
{
	here.frame = NULL;
}

void
counts_code_step(PyFrameObject *f)
{
	if (here.frame != f) {
		struct counted *c = find(frames_code(f));
		here.frame = f;
		here.ours = c->code ? c : NULL;
		here.caller = c->code ? NULL : find_caller();
	}
	counts.all++;
	if (here.ours) {
		int at = frames_at(f) / 2;
		if (at >= 0 && (uint32_t)at < here.ours->n)
			here.ours->units[at].own++;
		return;
	}
	counts.elsewhere++;
	if (here.caller)
		here.caller->inside++;
}

uint64_t
counts_code_all(void)
{
	return counts.all;
}

/* --- as records ----------------------------------------------------------- */

static void
put_unit(struct jsonw *w, const struct counts_unit *u)
{
	jsonw_member_uint(w, "instructions", u->own);
	jsonw_member_uint(w, "inside", u->inside);
}

static struct counts_unit
sum_of(const struct counted *c)
{
	struct counts_unit sum = {0};

	for (uint32_t i = 0; i < c->n; i++) {
		sum.own += c->units[i].own;
		sum.inside += c->units[i].inside;
	}
	return sum;
}

/* Adds what each instruction has to its line. */
static void
add_to_lines(const struct counted *c)
{
	for (uint32_t i = 0; i < c->n; i++) {
		const struct counts_unit *u = &c->units[i];
		if (!u->own && !u->inside)
			continue;
		int line = PyCode_Addr2Line(c->code, (int)i * 2);
		if (line <= 0 || line > MAX_LINE)
			continue;
		counts.lines[line].own += u->own;
		counts.lines[line].inside += u->inside;
		if (line > counts.top)
			counts.top = line;
	}
}

static bool
write_lines(const struct lens_run *r)
{
	struct jsonw *w =
		record_begin(r->records, RECORD_SET, LENS_COUNTS, "lines");
	int shown = 0;

	jsonw_array(w);
	for (int i = 1; i <= counts.top; i++) {
		const struct counts_unit *u = &counts.lines[i];
		if ((!u->own && !u->inside) || ++shown > MAX_LINES)
			continue;
		jsonw_object(w);
		jsonw_key(w, "line");
		jsonw_int(w, i);
		put_unit(w, u);
		jsonw_end(w);
	}
	jsonw_end(w);
	return record_commit(r->records) && shown <= MAX_LINES;
}

static int
by_line(const void *a, const void *b)
{
	const struct counted *x = *(struct counted *const *)a;
	const struct counted *y = *(struct counted *const *)b;

	return (x->code->co_firstlineno > y->code->co_firstlineno) -
	       (x->code->co_firstlineno < y->code->co_firstlineno);
}

static void
put_function(struct jsonw *w, const struct counted *c)
{
	struct counts_unit sum = sum_of(c);

	if (!sum.own && !sum.inside)
		return;
	jsonw_object(w);
	objects_write_name(w, "name", py_qualname(c->code));
	jsonw_key(w, "line");
	jsonw_int(w, c->code->co_firstlineno);
	put_unit(w, &sum);
	jsonw_end(w);
}

static bool
write_functions(const struct lens_run *r)
{
	static const struct counted *all[COUNTS_CODES];
	unsigned n = 0;

	for (size_t i = 0; i < SLOTS; i++)
		if (counts.slot[i].code)
			all[n++] = &counts.slot[i];
	qsort(all, n, sizeof(*all), by_line);
	struct jsonw *w =
		record_begin(r->records, RECORD_SET, LENS_COUNTS, "functions");
	jsonw_array(w);
	for (unsigned i = 0; i < n; i++)
		put_function(w, all[i]);
	jsonw_end(w);
	return record_commit(r->records);
}

static void
write_instructions(const struct lens_run *r)
{
	struct jsonw *w = record_begin(
		r->records, RECORD_SET, LENS_COUNTS, "instructions");

	jsonw_object(w);
	jsonw_member_uint(w, "all", counts.all);
	jsonw_member_uint(w, "elsewhere", counts.elsewhere);
	jsonw_end(w);
	record_commit(r->records);
}

bool
counts_code_write(const struct lens_run *r)
{
	if (!counts.lines)
		counts.lines =
			calloc((size_t)MAX_LINE + 1, sizeof(*counts.lines));
	write_instructions(r);
	if (!counts.lines)
		return false;
	memset(counts.lines, 0,
		((size_t)counts.top + 1) * sizeof(*counts.lines));
	for (size_t i = 0; i < SLOTS; i++)
		if (counts.slot[i].code)
			add_to_lines(&counts.slot[i]);
	bool whole = write_functions(r) & write_lines(r);
	return whole && !counts.full;
}

size_t
counts_code_bytes(void)
{
	size_t lines =
		counts.last < MAX_LINES ? (size_t)counts.last : MAX_LINES;

	return lines * LINE_BYTES + counts.n * FUNCTION_BYTES + 1000;
}
