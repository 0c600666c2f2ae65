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
write_code(struct record_writer *records, PyObject *code)
{
	scope_py PyObject *seen = PyObject_CallOneArg(outline, code);

	if (!seen)
		return false;
	struct jsonw *w = record_begin(
		records, RECORD_ITEM, LENS_INSTRUCTIONS, "code_objects");
	py_json(w, seen);
	return record_commit(records);
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
		whole = codes.n < CODES && PyCode_Check(code) &&
			write_code(r->records, code);
		if (whole)
			codes.of[codes.n++] = (PyCodeObject *)code;
	}
	whole = whole && !PyErr_Occurred();
	PyErr_Clear();
	return whole;
}

int
instructions_codes_number(const PyCodeObject *code)
{
	for (int i = 0; i < codes.n; i++)
		if (codes.of[i] == code)
			return i;
	return -1;
}
