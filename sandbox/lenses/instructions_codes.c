/* The code objects of main.py, as dis has them. */
#include "sandbox/lenses/instructions.h"

#include <string.h>

#include "sandbox/lenses/embed.h"
#include "sandbox/py/internal.h"

EMBED(instructions);

#define CODES 4096 /* that have a number */

static PyObject *outline, *every;
static struct {
	struct code {
		const PyCodeObject *code;    /* the module's has them all */
		PyObject *prefixes, *depths; /* bytes; see instructions.py */
	} of[CODES];
	int n;
} codes;

/* What C functions make at their first call, as the tuple of the names of their
 * keywords, is the zygote's, and not seen among a program's objects. */
static bool
rehearse(void)
{
	scope_py PyObject *code = Py_CompileString(
		"for x in (): pass", "/known.py", Py_file_input);
	scope_py PyObject *told =
		code ? PyObject_CallOneArg(outline, code) : NULL;

	PyErr_Clear();
	return told != NULL;
}

int
instructions_codes_warm(struct fail *f)
{
	PyObject *space = embed_space();

	if (!space || embed_run_shown(space) || embed_run_flow(space) ||
		embed_run(space, embed_instructions, "instructions.py")) {
		PyErr_Print();
		return fail_set(f, "dis is not as expected");
	}
	outline = Py_XNewRef(PyDict_GetItemString(space, "outline"));
	every = Py_XNewRef(PyDict_GetItemString(space, "every"));
	return outline && every && rehearse()
		       ? 0
		       : fail_set(f, "dis is not as expected");
}

/* What is told of it, a new reference; NULL when it cannot be known. */
static PyObject *
add_code(PyObject *code)
{
	scope_py PyObject *seen = codes.n < CODES && PyCode_Check(code)
					  ? PyObject_CallOneArg(outline, code)
					  : NULL;
	PyObject *b_told, *b_prefixes, *b_depths;

	if (!seen ||
		!PyArg_ParseTuple(seen, "OSS", &b_told, &b_prefixes, &b_depths))
		return NULL;
	codes.of[codes.n] = (struct code){(PyCodeObject *)code,
		Py_NewRef(b_prefixes), Py_NewRef(b_depths)};
	codes.n++;
	return Py_NewRef(b_told);
}

static bool
write_code(struct record_writer *records, PyObject *code)
{
	scope_py PyObject *told = add_code(code);

	if (!told)
		return false;
	struct jsonw *w = record_begin(
		records, RECORD_ITEM, LENS_INSTRUCTIONS, "code_objects");
	py_json(w, told);
	return record_commit(records);
}

bool
instructions_codes_know(PyObject *code)
{
	scope_py PyObject *told = add_code(code);

	return told != NULL;
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
		whole = write_code(r->records, code);
	}
	whole = whole && !PyErr_Occurred();
	PyErr_Clear();
	return whole;
}

/* What a table of pairs has for a number; -1: nothing. */
static int
look_up(PyObject *pairs, int number)
{
	const char *bytes = PyBytes_AS_STRING(pairs);
	Py_ssize_t n = PyBytes_GET_SIZE(pairs);
	int32_t pair[2];

	for (Py_ssize_t at = 0; at < n; at += (Py_ssize_t)sizeof(pair)) {
		memcpy(pair, bytes + at, sizeof(pair));
		if (pair[0] == number)
			return pair[1];
	}
	return -1;
}

int
instructions_codes_offset(int code, int offset)
{
	int itself = code < 0 ? -1 : look_up(codes.of[code].prefixes, offset);

	return itself < 0 ? offset : itself;
}

int
instructions_codes_depth(int code, int offset)
{
	return code < 0 ? -1 : look_up(codes.of[code].depths, offset);
}

int
instructions_codes_number(const PyCodeObject *code)
{
	for (int i = 0; i < codes.n; i++)
		if (codes.of[i].code == code)
			return i;
	return -1;
}
