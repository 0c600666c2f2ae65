/*
 * Frames, held against what CPython itself says of them: a program of ours is
 * traced, and at each event what frames.c reads is compared with the attributes
 * of the frame object, and with what the program is known to do.
 */
#include "sandbox/lenses/frames_check.h"

#include "sandbox/lenses/frames.h"
#include "sandbox/py/internal.h"

#define FILE_NAME "/known.py"

/* Locals of each kind (arguments, unbound, cells, free), a class's names, a
 * generator that goes on twice, calls of C functions. */
static const char program[] = "X = []\n"
			      "def outer(a, *b, c=3, **d):\n"
			      "    e = a\n"
			      "    def inner(f):\n"
			      "        nonlocal e\n"
			      "        e = [f, a]\n"
			      "        g = e\n"
			      "        del f\n"
			      "        return g\n"
			      "    inner(b)\n"
			      "    return e\n"
			      "class K:\n"
			      "    h = X\n"
			      "    i = h\n"
			      "def gen(j):\n"
			      "    k = yield j\n"
			      "    yield k\n"
			      "outer([1], 2, k=4)\n"
			      "for Y in gen(5):\n"
			      "    X.append(Y)\n"
			      "sorted(*[[]], **{'reverse': True})\n";
#define LINES	 21
#define NONLOCAL 5 /* a line at which nothing happens */

static struct {
	bool lines[LINES + 1];
	int resumed, suspended; /* of the generator */
	int methods, dicts;	/* calls of C functions */
	struct fail *f;
	int rc;
} seen;

static void
wrong(PyFrameObject *frame, const char *what)
{
	if (!seen.rc)
		seen.rc = fail_set(seen.f,
			"frames are not as expected: %s, at line %d of a "
			"known program",
			what, PyFrame_GetLineNumber(frame));
}

/* Is the frame's attribute this object? */
static bool
is_attribute(PyFrameObject *frame, const char *name, PyObject *o)
{
	scope_py PyObject *said =
		PyObject_GetAttrString((PyObject *)frame, name);

	PyErr_Clear();
	return said && said == o;
}

static void
check_locals(PyFrameObject *frame)
{
	scope_py PyObject *space =
		PyObject_GetAttrString((PyObject *)frame, "f_locals");
	Py_ssize_t left = space ? PyObject_Size(space) : -1;
	struct frames_local local;
	int at = 0;

	while (frames_next_local(frame, &at, &local)) {
		PyObject *b_value =
			local.b_cell ? PyCell_GET(local.b_cell) : local.b_value;
		scope_py PyObject *said =
			left >= 0 ? PyObject_GetItem(space, local.b_name)
				  : NULL;
		PyErr_Clear();
		if (b_value != said)
			wrong(frame, "a local variable");
		left -= said != NULL;
	}
	if (left != 0)
		wrong(frame, "how many local variables there are");
}

static void
check_names(PyFrameObject *frame)
{
	PyCodeObject *b_code = frames_code(frame);

	if (!is_attribute(frame, "f_code", (PyObject *)b_code)) {
		wrong(frame, "the code");
		return;
	}
	if (!frames_in_script(frame, FILE_NAME) ||
		frames_in_script(frame, FILE_NAME "x"))
		wrong(frame, "the file");
	if (!is_attribute(frame, "f_globals", frames_globals(frame)))
		wrong(frame, "the globals");
	PyObject *b_space = frames_namespace(frame);
	if (b_code->co_flags & CO_OPTIMIZED) {
		if (b_space)
			wrong(frame, "the namespace");
		check_locals(frame);
	} else if (!is_attribute(frame, "f_locals", b_space)) {
		wrong(frame, "the namespace");
	}
}

static void
check_line(PyFrameObject *frame)
{
	PyObject *b_function;
	int line = PyFrame_GetLineNumber(frame);

	if (frames_here(FILE_NAME, &b_function) != line ||
		b_function != py_qualname(frames_code(frame)))
		wrong(frame, "the innermost frame");
	if (line > 0 && line <= LINES)
		seen.lines[line] = true;
}

static int
trace(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
	(void)self;
	if (seen.rc)
		return 0;
	check_names(frame);
	if (what == PyTrace_CALL)
		seen.resumed += frames_is_resumed(frame);
	if (what == PyTrace_RETURN)
		seen.suspended += arg && frames_is_suspended(frame);
	if (what == PyTrace_LINE)
		check_line(frame);
	return 0;
}

#if PY_VERSION_HEX < PY_3_12
static int
profile(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
	(void)self;
	if (seen.rc || what != PyTrace_C_CALL || !PyCFunction_Check(arg))
		return 0;
	PyObject *b_self = PyCFunction_GET_SELF(arg);
	scope_py PyObject *other = PyList_New(0);
	/* X of X.append(Y); that of sorted() is a module. */
	if (b_self && PyList_Check(b_self)) {
		seen.methods++;
		if (!frames_has_on_stack(frame, b_self) ||
			frames_has_on_stack(frame, other))
			wrong(frame, "what is on the stack");
	}
	seen.dicts += frames_calls_with_dict(frame);
	return 0;
}
/* Two of X.append(), and one with **. */
#define METHODS 2
#define DICTS	1
#else
#define profile NULL
#define METHODS 0
#define DICTS	0
#endif

static int
check_seen(struct fail *f)
{
	for (int line = 1; line <= LINES; line++)
		if (!seen.lines[line] && line != NONLOCAL)
			return fail_set(f,
				"no event came at line %d of a known program",
				line);
	if (seen.resumed != 2 || seen.suspended != 2)
		return fail_set(f,
			"a generator that yields twice was resumed %d times "
			"and suspended %d times",
			seen.resumed, seen.suspended);
	if (seen.methods != METHODS || seen.dicts != DICTS)
		return fail_set(f,
			"calls of C functions are not as expected: %d, %d",
			seen.methods, seen.dicts);
	return 0;
}

static int
look(struct fail *f)
{
	scope_py PyObject *code =
		Py_CompileString(program, FILE_NAME, Py_file_input);
	scope_py PyObject *space = Py_BuildValue("{s:s,s:O}", "__name__",
		"known", "__builtins__", PyEval_GetBuiltins());

	if (!code || !space)
		return fail_set(f, "a known program cannot be compiled");
	seen.f = f;
	PyEval_SetTrace(trace, NULL);
	PyEval_SetProfile(profile, NULL);
	scope_py PyObject *done = PyEval_EvalCode(code, space, space);
	PyEval_SetProfile(NULL, NULL);
	PyEval_SetTrace(NULL, NULL);
	if (!done) {
		PyErr_Print();
		return fail_set(f, "a known program does not run");
	}
	return seen.rc ? -1 : check_seen(f);
}

int
frames_check(struct fail *f)
{
	return py_apart(look, f);
}
