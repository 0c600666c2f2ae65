/*
 * Who holds references to objects.
 *
 * All objects that the collector keeps tell by tp_traverse, which is C's even
 * for a program's own classes, what they refer to; so does what they refer to
 * and the collector does not keep: a tuple of texts, code.  Frames are read by
 * themselves.  What is left over is held from C.
 *
 * A first walk finds holders, and where in them an object is, a second one
 * whose part such a holder is: the dict of which module, the cell of which
 * function. It only compares addresses, for without a GIL what was met in the
 * first may be gone.
 */
#include "sandbox/lenses/refcounts_walk.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/calls.h"
#include "sandbox/lenses/dict_table.h"
#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/frames_refs.h"
#include "sandbox/lenses/gc_walk.h"

#define SEEN	  (1U << 16) /* slots; of objects that are not kept */
#define SLOTS	  256	     /* of the objects that are looked for */
#define MAX_DEPTH 32

static struct {
	struct refcounts_walk found;
	PyObject *code;		    /* borrowed */
	unsigned char slots[SLOTS]; /* of objects, by address: number + 1 */
	const void **seen;
	size_t nseen;
	int depth;
} w;

static struct refcounts_object *
find(const PyObject *o)
{
	size_t i = (uintptr_t)o >> 4;

	for (; w.slots[i % SLOTS]; i++)
		if (w.found.objects[w.slots[i % SLOTS] - 1].o == o)
			return &w.found.objects[w.slots[i % SLOTS] - 1];
	return NULL;
}

size_t
refcounts_walk_add(PyObject *o)
{
	const struct refcounts_object *had = find(o);
	size_t i = (uintptr_t)o >> 4;

	if (had)
		return (size_t)(had - w.found.objects);
	while (w.slots[i % SLOTS])
		i++;
	w.found.objects[w.found.nobjects] =
		(struct refcounts_object){.o = o, .count = refcounts_of(o)};
	w.slots[i % SLOTS] = (unsigned char)++w.found.nobjects;
	return w.found.nobjects - 1;
}

static void
forget_seen(void)
{
	memset(w.seen, 0, SEEN * sizeof(*w.seen));
	w.nseen = 0;
}

void
refcounts_walk_clear(void)
{
	memset(w.slots, 0, sizeof(w.slots));
	w.found.nobjects = w.found.nholders = 0;
}

const struct refcounts_walk *
refcounts_walk_begin(PyObject *b_code)
{
	w.code = b_code;
	w.found.holders = malloc(REFCOUNTS_HOLDERS * sizeof(*w.found.holders));
	w.seen = malloc(SEEN * sizeof(*w.seen));
	return w.found.holders && w.seen ? &w.found : NULL;
}

/* --- the first walk ------------------------------------------------------- */

static struct refcounts_holder *
add_holder(
	struct refcounts_object *t, const void *address, Py_ssize_t references)
{
	t->found += (size_t)references;
	if (t->holders == REFCOUNTS_EACH ||
		w.found.nholders == REFCOUNTS_HOLDERS) {
		t->dropped++;
		w.found.cut = true;
		return NULL;
	}
	t->holders++;
	struct refcounts_holder *n = &w.found.holders[w.found.nholders++];
	*n = (struct refcounts_holder){.object = (size_t)(t - w.found.objects),
		.address = address,
		.references = references};
	return n;
}

/* Was it not met before?  False, too, when there is no room to know. */
static bool
is_first(const void *o)
{
	size_t i = ((uintptr_t)o >> 4) * 0x9e3779b97f4a7c15ull >> 32;

	for (; w.seen[i % SEEN]; i++)
		if (w.seen[i % SEEN] == o)
			return false;
	if (w.nseen == SEEN / 2) {
		w.found.cut = true;
		return false;
	}
	w.nseen++;
	w.seen[i % SEEN] = o;
	return true;
}

static void look_into(PyObject *o);

static int
count(PyObject *o, void *data)
{
	struct refcounts_object *t = find(o);

	(void)data;
	if (t)
		t->hits++;
	return 0;
}

/* What the collector keeps has its own turn. */
static int
go_on(PyObject *o, void *data)
{
	(void)data;
	bool other =
		PyObject_IS_GC(o) ? !PyObject_GC_IsTracked(o) : PyCode_Check(o);
	if (other && w.depth < MAX_DEPTH && is_first(o)) {
		w.depth++;
		look_into(o);
		w.depth--;
	}
	return 0;
}

static void
visit_part(PyObject *b_part, const char *as, PyObject *b_name, void *data)
{
	visitproc visit = *(visitproc *)data;

	(void)as;
	(void)b_name;
	visit(b_part, NULL);
}

/* dict_traverse() tells no keys that are all texts.  False for a table whose
 * keys are the class's, and of whose values an instance may be the holder. */
static bool
visit_dict(PyObject *o, visitproc visit)
{
	struct dict_table d = dict_table_of(o);
	struct dict_entry e;
	Py_ssize_t at = 0;

	if (d.kind == DICT_SPLIT)
		return false;
	while (dict_table_next(&d, &at, &e)) {
		visit(e.key, NULL);
		visit(e.value, NULL);
	}
	return true;
}

static void
visit_all(PyObject *o, visitproc visit)
{
	struct frames_ref r;
	int at = 0;

	if (frames_refs_has(o)) {
		while (frames_refs_next(o, &at, &r))
			visit(r.object, NULL);
		return;
	}
	if (PyDict_CheckExact(o) && visit_dict(o, visit))
		return;
	if (Py_TYPE(o)->tp_traverse)
		Py_TYPE(o)->tp_traverse(o, visit, NULL);
	else if (PyCode_Check(o))
		objects_parts_each(o, visit_part, &visit);
}

static void
describe_frame(struct refcounts_where *ret, PyObject *o, PyObject *b_object)
{
	struct frames_ref r;
	int at = 0;

	ret->kind = PyFrame_Check(o) ? "frame" : "generator";
	while (frames_refs_next(o, &at, &r)) {
		if (r.object != b_object)
			continue;
		struct objects_text t = {.n = 0};
		objects_text_put(&t, r.name ? "" : r.what);
		if (r.name)
			objects_text_str(&t, r.name);
		refcounts_where_add(ret, t.bytes);
	}
}

static void
look_into(PyObject *o)
{
	/* What tracing made holds nothing of the program's. */
	if (PyCFunction_Check(o) && calls_has(o))
		return;
	visit_all(o, count);
	for (size_t i = 0; i < w.found.nobjects; i++) {
		struct refcounts_object *t = &w.found.objects[i];
		struct refcounts_holder *n =
			t->hits ? add_holder(t, o, t->hits) : NULL;
		t->hits = 0;
		if (!n)
			continue;
		objects_text_type(&n->type, Py_TYPE(o));
		if (!frames_refs_has(o)) {
			refcounts_where_find(&n->where, o, t->o);
			continue;
		}
		describe_frame(&n->where, o, t->o);
		PyObject *b_name = frames_refs_function(o);
		n->as = "frame";
		if (b_name)
			objects_text_str(&n->owner_name, b_name);
	}
	visit_all(o, go_on);
}

/* A frame that runs, and is no object. */
static void
look_into_frame(void *frame, PyCodeObject *code)
{
	struct frames_ref r;
	int at = 0;

	while (frames_refs_next_of(frame, &at, &r)) {
		struct refcounts_object *t = find(r.object);
		struct refcounts_holder *n = t ? add_holder(t, NULL, 1) : NULL;
		go_on(r.object, NULL);
		if (!n)
			continue;
		n->where.kind = "frame";
		struct objects_text text = {.n = 0};
		objects_text_put(&text, r.name ? "" : r.what);
		if (r.name)
			objects_text_str(&text, r.name);
		refcounts_where_add(&n->where, text.bytes);
		n->as = "frame";
		objects_text_str(&n->owner_name, py_qualname(code));
	}
}

static void
look_into_thread(PyThreadState *thread)
{
	struct frames_at at;
	void *frame = NULL;

	while (frames_next(thread, &frame, &at)) {
#if PY_VERSION_HEX < PY_3_11
		/* An object, which the collector keeps only when it is left. */
		go_on(frame, NULL);
#endif
		look_into_frame(frame, at.code);
	}
}

static void
look_into_threads(void)
{
#ifdef Py_GIL_DISABLED
	/* Others go on. */
	look_into_thread(PyThreadState_Get());
#else
	PyInterpreterState *all = PyInterpreterState_Get();

	for (PyThreadState *t = PyInterpreterState_ThreadHead(all); t;
		t = PyThreadState_Next(t))
		look_into_thread(t);
#endif
}

/* --- the second walk ------------------------------------------------------ */

/* What has nothing to say but as a part of something else. */
static bool
is_part(const char *as)
{
	static const char *const parts[] = {"cell", ".__dict__", ".__closure__",
		".__defaults__", ".__kwdefaults__", ".__annotations__", ".args",
		".co_consts", ".__mro__", ".__bases__"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (strcmp(as, parts[i]) == 0)
			return true;
	return false;
}

static void
own_part(PyObject *b_part, const char *as, PyObject *b_name, void *data)
{
	PyObject *b_owner = data;

	for (size_t i = 0; i < w.found.nholders; i++) {
		struct refcounts_holder *n = &w.found.holders[i];
		if (n->address != b_part || n->as || !is_part(as))
			continue;
		n->as = as;
		n->owner = b_owner;
		objects_text_type(&n->owner_type, Py_TYPE(b_owner));
		if (b_name)
			objects_text_str(&n->variable, b_name);
		if (PyFunction_Check(b_owner))
			objects_text_str(&n->owner_name,
				((PyFunctionObject *)b_owner)->func_qualname);
		else if (PyCode_Check(b_owner))
			objects_text_str(&n->owner_name,
				py_qualname((PyCodeObject *)b_owner));
		else if (PyType_Check(b_owner))
			objects_text_type(
				&n->owner_name, (PyTypeObject *)b_owner);
		else if (PyModule_Check(b_owner)) {
			PyObject *b_its = dict_table_text(
				PyModule_GetDict(b_owner), "__name__");
			if (b_its)
				objects_text_str(&n->owner_name, b_its);
		}
	}
}

static void look_for_parts(PyObject *o);

/* Code is no object of the collector's, and has code in its constants. */
static void
look_for_code(PyObject *b_part, const char *as, PyObject *b_name, void *data)
{
	(void)b_name;
	(void)data;
	if (w.depth == MAX_DEPTH)
		return;
	w.depth++;
	if (PyCode_Check(b_part) && is_first(b_part))
		look_for_parts(b_part);
	for (Py_ssize_t i = 0;
		strcmp(as, ".co_consts") == 0 && i < PyTuple_GET_SIZE(b_part);
		i++)
		if (PyCode_Check(PyTuple_GET_ITEM(b_part, i)))
			look_for_code(
				PyTuple_GET_ITEM(b_part, i), "", NULL, NULL);
	w.depth--;
}

static void
look_for_parts(PyObject *o)
{
	objects_parts_each(o, own_part, o);
	if (PyFunction_Check(o) || PyCode_Check(o))
		objects_parts_each(o, look_for_code, NULL);
}

void
refcounts_walk_run(void)
{
	forget_seen();
	gc_walk(look_into);
	go_on(w.code, NULL);
	look_into_threads();
	forget_seen();
	look_for_code(w.code, "", NULL, NULL);
	gc_walk(look_for_parts);
}
