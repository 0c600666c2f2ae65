/*
 * bytecode: what the compiler made of the source.
 *
 * The runtime's own `dis` says it, asked by bytecode.py: right for each version
 * by construction.  The STATIC pass compiles only, so nothing of the snippet's
 * has run when it is asked.  In the ADAPTIVE pass the snippet ran first; what
 * it may have done to `dis` shows, and a lens's word is the child's claim in
 * any case.
 */
#include "sandbox/lenses/lens.h"

#include <string.h>

#include "sandbox/lenses/embed.h"
#include "sandbox/py/internal.h"

EMBED(bytecode);

static PyObject *look, *every;

static int
warm(struct fail *f)
{
	PyObject *space = embed_space();

	if (!space || embed_run_shown(space) || embed_run_flow(space) ||
		embed_run(space, embed_bytecode, "bytecode.py")) {
		PyErr_Print();
		return fail_set(f, "dis is not as expected");
	}
	look = Py_XNewRef(PyDict_GetItemString(space, "look"));
	every = Py_XNewRef(PyDict_GetItemString(space, "every"));
	return look && every ? 0 : fail_set(f, "dis is not as expected");
}

static bool
option(const struct lens_run *r, const char *name)
{
	size_t at = 0, n;
	const char *value = lens_option(r, name, &at, &n);

	return value && n == 1 && *value == '1';
}

/* Takes the second half of a list away; false when it is empty. */
static bool
halve(PyObject *seen, const char *name)
{
	PyObject *b_rows = PyDict_GetItemString(seen, name);
	Py_ssize_t n =
		b_rows && PyList_Check(b_rows) ? PyList_GET_SIZE(b_rows) : 0;

	return n && PyList_SetSlice(b_rows, n / 2, n, NULL) == 0 &&
	       PyDict_SetItemString(seen, "truncated", Py_True) == 0;
}

/* Makes it shorter; false when there is nothing left to leave out. */
static bool
shorten(PyObject *seen)
{
	bool blocks = halve(seen, "blocks");

	return halve(seen, "instructions") || blocks;
}

/* Writes what `look` made of a code object; when that does not fit, with fewer
 * instructions.  False when something is missing. */
static bool
write_seen(struct record_writer *records, PyObject *seen)
{
	for (;;) {
		struct jsonw *w = record_begin(
			records, RECORD_ITEM, LENS_BYTECODE, "code_objects");
		py_json(w, seen);
		if (jsonw_done(w) || !shorten(seen))
			break;
		record_abandon(records);
	}
	return record_commit(records) &&
	       PyDict_GetItemString(seen, "truncated") == Py_False;
}

static bool
write_code(const struct lens_run *r, PyObject *code)
{
	PyObject *b_caches =
		option(r, "bytecode.show_caches") ? Py_True : Py_False;
	PyObject *b_adaptive = r->pass == PASS_ADAPTIVE ? Py_True : Py_False;
	scope_py PyObject *seen = PyObject_CallFunctionObjArgs(
		look, code, b_caches, b_adaptive, NULL);

	if (!seen || !PyDict_Check(seen)) {
		PyErr_Clear();
		return false;
	}
	return write_seen(r->records, seen);
}

static void
write_all(const struct lens_run *r)
{
	scope_py PyObject *codes = PyObject_CallOneArg(every, r->code);
	bool whole = codes && PyIter_Check(codes);

	while (codes && PyIter_Check(codes)) {
		scope_py PyObject *code = PyIter_Next(codes);
		if (!code)
			break;
		whole = write_code(r, code) && whole;
	}
	whole = whole && !PyErr_Occurred();
	PyErr_Clear();
	lens_truncated(r, LENS_BYTECODE, !whole);
}

static void
begin(const struct lens_run *r)
{
	if (r->pass == PASS_STATIC)
		write_all(r);
}

static void
end(const struct lens_run *r)
{
	if (r->pass != PASS_ADAPTIVE)
		return;
	/* What dis makes is not to make the collector run earlier. */
	struct py_gc_count count = py_gc_count();
	int was = PyGC_Disable();
	write_all(r);
	py_gc_set_count(count);
	if (was)
		PyGC_Enable();
}

const struct lens_ops lens_bytecode = {
	.id = LENS_BYTECODE, .warm = warm, .begin = begin, .end = end};
