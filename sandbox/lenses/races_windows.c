/* The program's code objects, as races.py reads them: where windows are, and
 * where the eval loop looks whether another thread wants the GIL. */
#include "sandbox/lenses/races.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/embed.h"

EMBED(races);

static PyObject *look;

static struct {
	PyObject *names; /* of instructions: a list for each code object */
	PyObject *shown;
	bool whole, any;
	struct races_code *of;
	uint32_t n;
	uint32_t *slot; /* by hash: numbers; 0: none */
	uint32_t mask;
} codes;

int
races_windows_warm(struct fail *f)
{
	PyObject *space = embed_space();

	if (!space || embed_run_shown(space) ||
		embed_run(space, embed_races, "races.py")) {
		PyErr_Print();
		return fail_set(f, "ast and dis are not as expected");
	}
	look = Py_XNewRef(PyDict_GetItemString(space, "look"));
	return look ? 0 : fail_set(f, "races.py is not as expected");
}

static uint32_t
hash(const PyCodeObject *code)
{
	return (uint32_t)(((uintptr_t)code >> 4) * 0x9e3779b97f4a7c15ull >>
			  32) &
	       codes.mask;
}

const struct races_code *
races_windows_find(const PyCodeObject *code)
{
	uint32_t i = codes.n ? hash(code) : 0;

	while (codes.n && codes.slot[i]) {
		struct races_code *c = &codes.of[codes.slot[i] - 1];
		if (c->code == code)
			return c;
		i = (i + 1) & codes.mask;
	}
	return NULL;
}

static int
add(PyObject *code, PyObject *breaks)
{
	struct races_code *c = &codes.of[codes.n];
	uint32_t i = hash((PyCodeObject *)code);

	*c = (struct races_code){.code = (PyCodeObject *)code,
		.number = codes.n + 1,
		.n = (uint32_t)PyBytes_GET_SIZE(breaks),
		.breaks = (const uint8_t *)PyBytes_AS_STRING(breaks)};
	c->window = calloc(c->n + 1, sizeof(*c->window));
	if (!c->window)
		return -1;
	while (codes.slot[i])
		i = (i + 1) & codes.mask;
	codes.slot[i] = ++codes.n;
	return 0;
}

static int
add_all(PyObject *list, PyObject *breaks)
{
	Py_ssize_t n = PyList_GET_SIZE(list);
	uint32_t room = 16;

	while (room < 2 * n)
		room *= 2;
	codes.mask = room - 1;
	codes.slot = calloc(room, sizeof(*codes.slot));
	codes.of = calloc((size_t)n + 1, sizeof(*codes.of));
	if (!codes.slot || !codes.of)
		return -1;
	for (Py_ssize_t i = 0; i < n; i++)
		if (add(PyList_GET_ITEM(list, i), PyList_GET_ITEM(breaks, i)))
			return -1;
	return 0;
}

/* Is any of what is shown of a window at this line? */
static bool
is_at(unsigned window, int line)
{
	PyObject *b_row = PyList_GetItem(codes.shown, window - 1);
	long first = 0, last = 0;

	if (b_row) {
		first = PyLong_AsLong(PyDict_GetItemString(b_row, "line"));
		last = PyLong_AsLong(PyDict_GetItemString(b_row, "end_line"));
	}
	PyErr_Clear();
	return first <= line && line <= last;
}

/* A narrower one is behind a wider one that it is within: it stays. */
static void
mark_all(PyObject *marks, int line)
{
	for (Py_ssize_t i = 0; i < PyList_GET_SIZE(marks); i++) {
		unsigned window, code, first, last;
		if (!PyArg_ParseTuple(PyList_GET_ITEM(marks, i), "IIII",
			    &window, &code, &first, &last) ||
			code >= codes.n || window > RACES_WINDOWS)
			continue;
		if (line && !is_at(window, line))
			continue;
		for (unsigned u = first; u <= last && u < codes.of[code].n; u++)
			codes.of[code].window[u] = (uint16_t)window;
		codes.any = true;
	}
	PyErr_Clear();
}

/* No window is there: each instruction of the line, under a number that no
 * window has. */
static void
mark_line(int line)
{
	for (uint32_t i = 0; i < codes.n; i++)
		for (uint32_t u = 0; u < codes.of[i].n; u++)
			if (PyCode_Addr2Line(codes.of[i].code, (int)u * 2) ==
				line)
				codes.of[i].window[u] = UINT16_MAX;
}

int
races_windows_begin(const struct lens_run *r, int line)
{
	PyObject *list, *breaks, *marks;
	int whole;

	scope_py PyObject *source =
		PyBytes_FromStringAndSize(r->source, (Py_ssize_t)r->source_len);
	/* What it says is kept for as long as the process. */
	PyObject *seen = source ? PyObject_CallFunctionObjArgs(
					  look, r->code, source, NULL)
				: NULL;
	if (!seen || !PyArg_ParseTuple(seen, "OOOOOp", &list, &breaks,
			     &codes.names, &codes.shown, &marks, &whole)) {
		PyErr_Clear();
		codes.shown = PyList_New(0);
		return -1;
	}
	codes.whole = whole != 0;
	if (add_all(list, breaks))
		return -1;
	mark_all(marks, line);
	if (line && !codes.any)
		mark_line(line);
	return 0;
}

bool
races_windows_show(struct races_place p, struct races_shown *ret)
{
	if (p.code == 0 || p.code > codes.n || p.unit >= codes.of[p.code - 1].n)
		return false;
	const struct races_code *c = &codes.of[p.code - 1];
	PyObject *b_name = PyList_GetItem(
		PyList_GET_ITEM(codes.names, p.code - 1), p.unit);
	*ret = (struct races_shown){
		.line = PyCode_Addr2Line(c->code, (int)p.unit * 2),
		.offset = (int)p.unit * 2,
		.op = b_name && PyUnicode_Check(b_name)
			      ? PyUnicode_AsUTF8(b_name)
			      : NULL,
		.function = py_qualname(c->code)};
	PyErr_Clear();
	return true;
}

PyObject *
races_windows_list(void)
{
	return codes.shown;
}

bool
races_windows_whole(void)
{
	return codes.whole;
}
