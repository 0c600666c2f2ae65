/* The code objects of main.py, as dis has them. */
#include "sandbox/lenses/instructions.h"

#include <string.h>

#include "sandbox/lenses/embed.h"
#include "sandbox/py/internal.h"

EMBED(instructions);

#define CODES 4096 /* that have a number */

static PyObject *outline, *every;
static struct {
	const PyCodeObject *of[CODES]; /* the module's has them all */
	PyObject *prefixes[CODES];     /* bytes; see instructions.py */
	int n;
} codes;

int
instructions_codes_warm(struct fail *f)
{
	PyObject *space = embed_space();

	if (!space || embed_run_shown(space) ||
		embed_run(space, embed_instructions, "instructions.py")) {
		PyErr_Print();
		return fail_set(f, "dis is not as expected");
	}
	outline = Py_XNewRef(PyDict_GetItemString(space, "outline"));
	every = Py_XNewRef(PyDict_GetItemString(space, "every"));
	return outline && every ? 0 : fail_set(f, "dis is not as expected");
}

static bool
add_code(struct record_writer *records, PyObject *code)
{
	scope_py PyObject *seen = codes.n < CODES && PyCode_Check(code)
					  ? PyObject_CallOneArg(outline, code)
					  : NULL;
	PyObject *b_told, *b_prefixes;

	if (!seen || !PyArg_ParseTuple(seen, "OS", &b_told, &b_prefixes))
		return false;
	struct jsonw *w = record_begin(
		records, RECORD_ITEM, LENS_INSTRUCTIONS, "code_objects");
	py_json(w, b_told);
	if (!record_commit(records))
		return false;
	codes.of[codes.n] = (PyCodeObject *)code;
	codes.prefixes[codes.n++] = Py_NewRef(b_prefixes);
	return true;
}

bool
instructions_codes_begin(const struct lens_run *r)
{
	scope_py PyObject *all = PyObject_CallOneArg(every, r->code);
	bool whole = all && PyIter_Check(all);

	while (whole) {
		scope_py PyObject *code = PyIter_Next(all);
		if (!code)
			break;
		whole = add_code(r->records, code);
	}
	whole = whole && !PyErr_Occurred();
	PyErr_Clear();
	return whole;
}

int
instructions_codes_offset(int code, int offset)
{
	if (code < 0 || offset < 0)
		return offset;
	const char *pairs = PyBytes_AS_STRING(codes.prefixes[code]);
	Py_ssize_t n = PyBytes_GET_SIZE(codes.prefixes[code]);
	int32_t pair[2];

	for (Py_ssize_t at = 0; at < n; at += (Py_ssize_t)sizeof(pair)) {
		memcpy(pair, pairs + at, sizeof(pair));
		if (pair[0] == offset)
			return pair[1];
	}
	return offset;
}

int
instructions_codes_number(const PyCodeObject *code)
{
	for (int i = 0; i < codes.n; i++)
		if (codes.of[i] == code)
			return i;
	return -1;
}
