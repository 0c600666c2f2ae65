/*
 * ast: what the compiler makes of the source on its way to code: tokens, a
 * tree, tables of names, code objects.
 *
 * The runtime's own tokenize, compile() and symtable say it, asked by ast.py:
 * right for each version by construction.  Its text is compiled in the zygote
 * and run in the child, where nothing of the snippet's has run: what it imports
 * is in no other pass.
 *
 * Rows are written one by one, and have a bound in number and in bytes, so that
 * what a source of any size takes has one too.  How far each part came is said
 * in `stages`, as soon as it is known.
 */
#include "sandbox/lenses/lens.h"

#include <string.h>

#include "sandbox/lenses/embed.h"
#include "sandbox/py/internal.h"

#define MAX_ROWS       20000
#define MAX_PART_BYTES (3 * MIB)
/* What is left of the report for the last words. */
#define RESERVE (64 * KIB)
#define FULL	"the report is full"

EMBED(ast);

static PyObject *program; /* ast.py, compiled */
static PyObject *names;	  /* of shown.py */

static const char *const parts[] = {"tokens", "tree", "symbols", "code"};
#define NPARTS (sizeof(parts) / sizeof(*parts))

/* How a part came out.  X(ID, name) */
#define STATES(X)                                                              \
	X(WHOLE, "whole")                                                      \
	X(CUT, "cut")		  /* there is more than is shown */            \
	X(FAILED, "failed")	  /* `error` says why, and where */            \
	X(UNREACHED, "unreached") /* since the part before it failed */

#define X(id, name) id,
enum state { STATES(X) };
#undef X

static const char *const states[] = {
#define X(id, name) name,
	STATES(X)
#undef X
};

struct stage {
	const char *part;
	enum state state;
	size_t rows, bytes;
	const char *why; /* of what is missing, in words */
	PyObject *error; /* of FAILED, a row; owned */
};

static int
warm(struct fail *f)
{
	names = embed_space();
	program = Py_CompileString(embed_ast, "ast.py", Py_file_input);
	if (names && program && embed_run_shown(names) == 0)
		return 0;
	PyErr_Print();
	return fail_set(f, "ast.py cannot be made ready");
}

/* The functions of ast.py on this source: a dict, or NULL with an exception
 * set. */
static PyObject *
open_source(const struct lens_run *r)
{
	scope_py PyObject *space = PyDict_Copy(names);
	scope_py PyObject *done =
		space ? PyEval_EvalCode(program, space, space) : NULL;
	PyObject *b_look = done ? PyDict_GetItemString(space, "look") : NULL;
	scope_py PyObject *source =
		PyBytes_FromStringAndSize(r->source, (Py_ssize_t)r->source_len);
	scope_py PyObject *name = PyUnicode_FromString(r->script);
	if (!b_look || !source || !name)
		return NULL;
	return PyObject_CallFunctionObjArgs(
		b_look, source, name, r->code ? r->code : Py_None, NULL);
}

static bool
asked_for(const struct lens_run *r, const char *part)
{
	size_t at = 0, n;
	const char *value;
	bool any = false;

	while ((value = lens_option(r, "ast.parts", &at, &n))) {
		any = true;
		if (n == strlen(part) && memcmp(value, part, n) == 0)
			return true;
	}
	return !any;
}

/* Writes a row; false, with the reason in s->why, when there is no room. */
static bool
write_row(const struct lens_run *r, struct stage *s, PyObject *row)
{
	struct record_writer *records = r->records;
	size_t room = records->size - records->start;

	if (s->rows == MAX_ROWS)
		s->why = "there are more than 20000";
	else if (s->bytes > MAX_PART_BYTES)
		s->why = "they take more than 3 MiB";
	else if (room < RESERVE)
		s->why = FULL;
	if (s->why)
		return false;
	struct jsonw *w = record_begin(records, RECORD_ITEM, LENS_AST, s->part);
	py_json(w, row);
	if (!jsonw_done(w) || room - w->len < RESERVE) {
		record_abandon(records);
		s->why = FULL;
		return false;
	}
	s->bytes += w->len;
	s->rows++;
	record_commit(records);
	return true;
}

/* The exception that is set, which it is no longer; NULL when there is none. */
static PyObject *
caught(void)
{
	PyObject *type, *value, *tb;

	PyErr_Fetch(&type, &value, &tb);
	if (!type)
		return NULL;
	PyErr_NormalizeException(&type, &value, &tb);
	Py_XDECREF(type);
	Py_XDECREF(tb);
	return value;
}

/* Writes the rows of a part as they come; the exception that ended them, or
 * NULL. */
static PyObject *
take_rows(const struct lens_run *r, struct stage *s, PyObject *b_rows)
{
	bool texts = false;

	for (;;) {
		scope_py PyObject *row = PyIter_Next(b_rows);
		if (!row || !write_row(r, s, row))
			break;
		texts |= PyDict_GetItemString(row, "cut") == Py_True;
	}
	if (texts && !s->why)
		s->why = "some texts or lists were too long to be shown whole";
	if (s->why)
		s->state = CUT;
	return caught();
}

/* The source is at fault, or the interpreter cannot go on.  True for the
 * former. */
static bool
fail_stage(struct stage *s, PyObject *b_told, PyObject *b_error)
{
	scope_py PyObject *told =
		PyObject_CallFunctionObjArgs(b_told, b_error, NULL);
	bool theirs = false;

	s->state = FAILED;
	if (told && PyTuple_Check(told) && PyTuple_GET_SIZE(told) == 2) {
		s->error = Py_NewRef(PyTuple_GET_ITEM(told, 0));
		theirs = PyTuple_GET_ITEM(told, 1) == Py_True;
	}
	PyErr_Clear();
	return theirs;
}

static void
write_stage(const struct lens_run *r, const struct stage *s)
{
	struct jsonw *w =
		record_begin(r->records, RECORD_ITEM, LENS_AST, "stages");

	jsonw_object(w);
	jsonw_key(w, "part");
	jsonw_str(w, s->part);
	jsonw_key(w, "state");
	jsonw_str(w, states[s->state]);
	jsonw_key(w, "rows");
	jsonw_uint(w, s->rows);
	jsonw_key(w, "why");
	if (s->why)
		jsonw_str(w, s->why);
	else
		jsonw_null(w);
	jsonw_key(w, "error");
	if (s->error)
		py_json(w, s->error);
	else
		jsonw_null(w);
	jsonw_end(w);
	record_commit(r->records);
}

/* What ended the compiler ends the part too.  Before 3.11 nothing bounds how
 * deep the tree is made into objects (ast2obj_expr(),
 * Python/Python-ast.c, 3.9), and the compiler has just said that it is too
 * deep. */
static bool
as_compiled(const struct lens_run *r, const char *part)
{
	return !r->code &&
	       (strcmp(part, "code") == 0 ||
		       (PY_VERSION_HEX < PY_3_11 && strcmp(part, "tree") == 0 &&
			       PyErr_GivenExceptionMatches(
				       r->error, PyExc_RecursionError)));
}

/* One part.  *stopped: the source was at fault in one before it, or is so in
 * this one.  False when something is missing. */
static bool
take_part(const struct lens_run *r, PyObject *b_all, const char *part,
	bool *stopped)
{
	struct stage s = {.part = part};
	PyObject *b_rows = PyDict_GetItemString(b_all, part);
	PyObject *b_told = PyDict_GetItemString(b_all, "told");
	/* The parser has a tokenizer of its own, and may go on where that of
	 * the module stops. */
	bool aside = strcmp(part, "tokens") == 0;
	bool theirs = false;

	if (*stopped && !aside) {
		s.state = UNREACHED;
		write_stage(r, &s);
		return true;
	}
	scope_py PyObject *error = as_compiled(r, part)
					   ? Py_XNewRef(r->error)
					   : take_rows(r, &s, b_rows);
	if (error)
		theirs = fail_stage(&s, b_told, error);
	*stopped |= theirs && !aside;
	write_stage(r, &s);
	Py_XDECREF(s.error);
	return s.state == WHOLE || theirs;
}

static void
look(const struct lens_run *r)
{
	bool whole = true, stopped = false;

	/* So it is when the pass is ended before it could say. */
	lens_truncated(r, LENS_AST, true);
	scope_py PyObject *all = open_source(r);
	if (!all) {
		PyErr_Print();
		return;
	}
	for (size_t i = 0; i < NPARTS; i++)
		if (asked_for(r, parts[i]))
			whole = take_part(r, all, parts[i], &stopped) && whole;
	lens_truncated(r, LENS_AST, !whole);
}

const struct lens_ops lens_ast = {
	.id = LENS_AST, .warm = warm, .begin = look, .refused = look};
