/*
 * Which instruction changed a count.
 *
 * Before an instruction runs, and where a frame begins or is left, all names
 * are looked at.  What is not as it was was changed by the instruction that the
 * thread ran before: its own work, and that of the C code which it called.
 * Python code of other files is C code in this respect: only the script's
 * instructions are told.
 *
 * A function that is called begins before the call's instruction is over, and
 * its last instruction is the last that ran when the call goes on: such changes
 * say so.  Instructions are not specialised while they are traced.
 *
 * Changes are kept as JSON until the step that they belong to is written.
 */
#include "sandbox/lenses/refcounts.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/objects.h"
#include "wire/limits.h"

#define STEP_BYTES   (256 * KIB) /* of the changes of one step */
#define CHANGE_BYTES 4096	 /* more than one takes */
#define OPCODES	     256
#define OP_BYTES     64

static char names[OPCODES][OP_BYTES];
static int extended; /* EXTENDED_ARG */

/* Where a thread is. */
struct place {
	PyCodeObject
		*code; /* not owned: NULL when it was read, or there is none */
	int at;
	bool known;
	int line, column, end_column; /* -1: not known */
	const char *op;
	struct objects_text function;
	const char *call; /* "begins", "ends" or NULL */
};

static struct {
	struct jsonw json;
	char *bytes;
	uint64_t dropped;
	const void *last; /* whose event was the last: a thread's `here` */
	bool cut, switched;
} causes;

static _Thread_local struct place here;

int
refcounts_causes_warm(struct fail *f)
{
	scope_py PyObject *module = PyImport_ImportModule("opcode");
	scope_py PyObject *list =
		module ? PyObject_GetAttrString(module, "opname") : NULL;

	if (!list || !PyList_Check(list))
		return fail_set(f, "the module opcode is not as expected");
	for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list) && i < OPCODES; i++) {
		const char *name = PyUnicode_AsUTF8(PyList_GET_ITEM(list, i));
		if (!name || strlen(name) >= OP_BYTES)
			return fail_set(f, "the module opcode is not as "
					   "expected");
		strcpy(names[i], name);
		if (strcmp(name, "EXTENDED_ARG") == 0)
			extended = (int)i;
	}
	return 0;
}

/* The code as the compiler made it.  A new reference, or NULL. */
static PyObject *
bytes_of(PyCodeObject *code)
{
#if PY_VERSION_HEX >= PY_3_11
	PyObject *bytes = PyCode_GetCode(code);

	PyErr_Clear();
	return bytes;
#else
	return Py_NewRef(code->co_code);
#endif
}

/* The instruction itself, after what makes its argument longer. */
static void
find_op(struct place *p)
{
	scope_py PyObject *bytes = bytes_of(p->code);

	p->op = NULL;
	if (!bytes)
		return;
	const unsigned char *of = (unsigned char *)PyBytes_AS_STRING(bytes);
	while (p->at >= 0 && p->at + 2 < PyBytes_GET_SIZE(bytes) &&
		of[p->at] == extended)
		p->at += 2;
	if (p->at >= 0 && p->at < PyBytes_GET_SIZE(bytes))
		p->op = names[of[p->at]];
}

/* Reads what is known of the place, while its code is there. */
static void
read_place(struct place *p)
{
	if (!p->code)
		return;
	find_op(p);
	p->line = p->column = p->end_column = -1;
#if PY_VERSION_HEX >= PY_3_11
	int end_line;
	if (!PyCode_Addr2Location(p->code, p->at, &p->line, &p->column,
		    &end_line, &p->end_column) ||
		p->line != end_line)
		p->end_column = -1;
#else
	p->line = PyCode_Addr2Line(p->code, p->at);
#endif
	p->function = (struct objects_text){.n = 0};
	objects_text_str(&p->function, py_qualname(p->code));
	p->known = true;
	p->code = NULL;
}

static void
put_place(struct jsonw *w, const struct place *p)
{
	jsonw_member_if(w, "line", p->known && p->line > 0, p->line);
	jsonw_key(w, "function");
	if (p->known)
		jsonw_strn(w, p->function.bytes, p->function.n);
	else
		jsonw_null(w);
	jsonw_key(w, "instruction");
	if (!p->known || !p->op) {
		jsonw_null(w);
	} else {
		jsonw_object(w);
		jsonw_key(w, "offset");
		jsonw_int(w, p->at);
		jsonw_key(w, "op");
		jsonw_str(w, p->op);
		jsonw_member_if(w, "column", p->column >= 0, p->column);
		jsonw_member_if(
			w, "end_column", p->end_column >= 0, p->end_column);
		jsonw_end(w);
	}
	if (p->known && p->call) {
		jsonw_key(w, "call");
		jsonw_str(w, p->call);
	}
}

static void
start_over(void)
{
	jsonw_init(&causes.json, causes.bytes, STEP_BYTES);
	jsonw_array(&causes.json);
	causes.dropped = 0;
}

static void
note(const struct refcounts_change *c)
{
	struct jsonw *w = &causes.json;

	if (w->cap - w->len < CHANGE_BYTES) {
		causes.dropped++;
		causes.cut = true;
		return;
	}
	read_place(&here);
	jsonw_object(w);
	jsonw_key(w, "name");
	jsonw_str(w, c->name);
	jsonw_key(w, "scope");
	jsonw_str(w, c->frame ? "local" : "global");
	if (c->frame) {
		jsonw_member_uint(w, "frame", c->frame);
		objects_write_name(w, "of", c->owner);
	}
	jsonw_key(w, "from");
	refcounts_put(w, c->from);
	jsonw_key(w, "to");
	refcounts_put(w, c->to);
	jsonw_key(w, "how");
	jsonw_str(w, c->how);
	put_place(w, &here);
	if (causes.switched)
		objects_write_bool(w, "switched", true);
	jsonw_end(w);
}

int
refcounts_causes_begin(const struct lens_run *r)
{
	causes.bytes = malloc(STEP_BYTES);
	if (!causes.bytes)
		return -1;
	start_over();
	refcounts_watch_begin(r->globals, note);
	return 0;
}

/* Without a GIL others go on meanwhile. */
static bool
is_switched(void)
{
#ifdef Py_GIL_DISABLED
	const PyThreadState *self = PyThreadState_Get();

	if (self->next || self->prev)
		return true;
#endif
	return causes.last && causes.last != &here;
}

void
refcounts_causes_before(PyFrameObject *f, int what)
{
	causes.switched = is_switched();
	causes.last = &here;
	if (what == PyTrace_CALL) {
		if (!here.call)
			here.call = "begins";
	} else {
		refcounts_watch_back(f);
	}
	refcounts_watch_look();
	if (what == PyTrace_CALL) {
		refcounts_watch_enter(f);
	} else if (what == PyTrace_OPCODE) {
		here.code = frames_code(f);
		here.at = frames_at(f);
		here.known = false;
		here.call = NULL;
	}
}

void
refcounts_causes_after(PyFrameObject *f, int what)
{
	if (what != PyTrace_RETURN)
		return;
	/* Its code may be gone with it. */
	read_place(&here);
	here.call = "ends";
	refcounts_watch_leave(f);
}

void
refcounts_causes_write(struct jsonw *w)
{
	jsonw_member_uint(w, "frame", refcounts_watch_frame());
	jsonw_end(&causes.json);
	jsonw_key(w, "changes");
	jsonw_raw(w, causes.bytes, causes.json.len);
	jsonw_member_uint(w, "dropped_changes", causes.dropped);
	start_over();
}

bool
refcounts_causes_are_cut(void)
{
	return causes.cut || refcounts_watch_is_cut();
}
