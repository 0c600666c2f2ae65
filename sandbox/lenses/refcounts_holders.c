/*
 * Who holds the references on what names are bound to.
 *
 * All objects that the collector keeps tell by tp_traverse, which is C's even
 * for a program's own classes, what they refer to; so does what they refer to
 * and the collector does not keep: a tuple of texts, code.  Frames are read by
 * themselves.  What is left over is held from C.
 *
 * A first walk finds holders, and where in them an object is, a second one whose
 * part such a holder is: the dict of which module, the cell of which function.
 * It only compares addresses, for without a GIL what was met in the first may be
 * gone.
 */
#include "sandbox/lenses/refcounts.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "sandbox/lenses/dict_table.h"
#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/frames_refs.h"
#include "sandbox/lenses/gc_walk.h"
#include "sandbox/lenses/names.h"
#include "sandbox/lenses/objects_capture.h"
#include "sandbox/py/lock.h"
#include "wire/limits.h"

#define MAX_HOLDERS 1024 /* of a capture */
#define MAX_EACH    32	 /* of one object */
#define SEEN	    (1U << 16) /* slots; of objects that are not kept */
#define SLOTS	    256	 /* of the objects that are looked for */
#define MAX_DEPTH   32
#define MAX_HITS    16 /* captures at one line, and at all of them */
#define MAX_LOOKS   64
#define MAX_NS	    2000000000LL /* for captures at lines */

struct name {
	char text[MAX_NAME_BYTES + 1];
	const char *scope;
	size_t object;
};

struct object {
	PyObject *o; /* borrowed */
	Py_ssize_t count;
	size_t found, holders, dropped; /* references, holders */
	Py_ssize_t hits;		/* in what is looked at now */
};

struct holder {
	size_t object;
	const void *address; /* of an object; NULL: none */
	Py_ssize_t references;
	struct refcounts_where where;
	struct objects_text type;
	/* Whose part it is. */
	const char *as;
	const void *owner;
	struct objects_text owner_type, owner_name, variable;
};

static struct {
	struct lens_run run;
	struct name names[MAX_NAMES];
	struct object objects[MAX_NAMES];
	struct holder *holders;
	size_t nnames, nobjects, nholders;
	unsigned char slots[SLOTS]; /* of objects, by address: number + 1 */
	const void **seen;
	size_t nseen;
	int depth;
	struct names shown;
	struct at {
		int line;
		long hits, looks;
	} at[MAX_ASKED];
	size_t nat;
	long looks;
	int64_t spent;
	bool cut;
} h;

/* --- what is looked for --------------------------------------------------- */

static struct object *
find(const PyObject *o)
{
	size_t i = (uintptr_t)o >> 4;

	for (; h.slots[i % SLOTS]; i++)
		if (h.objects[h.slots[i % SLOTS] - 1].o == o)
			return &h.objects[h.slots[i % SLOTS] - 1];
	return NULL;
}

static size_t
add_object(PyObject *o)
{
	const struct object *had = find(o);
	size_t i = (uintptr_t)o >> 4;

	if (had)
		return (size_t)(had - h.objects);
	while (h.slots[i % SLOTS])
		i++;
	h.objects[h.nobjects] =
		(struct object){.o = o, .count = refcounts_of(o)};
	h.slots[i % SLOTS] = (unsigned char)++h.nobjects;
	return h.nobjects - 1;
}

static void
forget_seen(void)
{
	memset(h.seen, 0, SEEN * sizeof(*h.seen));
	h.nseen = 0;
}

static void
gather_names(PyFrameObject *f)
{
	struct objects_walk at = {.local = 0};
	struct objects_name n;

	names_clear(&h.shown);
	memset(h.slots, 0, sizeof(h.slots));
	h.nnames = h.nobjects = h.nholders = 0;
	forget_seen();
	while (objects_capture_next(f, &at, &n)) {
		const char *text;
		if (!PyUnicode_CheckExact(n.name) ||
			!names_add(&h.shown, n.name) ||
			!refcounts_wants(n.name) ||
			!(text = refcounts_name(n.name)))
			continue;
		if (h.nnames == MAX_NAMES) {
			h.cut = true;
			return;
		}
		struct name *name = &h.names[h.nnames++];
		strcpy(name->text, text);
		name->scope = n.scope;
		name->object = add_object(n.value);
	}
}

/* --- the first walk ------------------------------------------------------- */

static struct holder *
add_holder(struct object *t, const void *address, Py_ssize_t references)
{
	t->found += (size_t)references;
	if (t->holders == MAX_EACH || h.nholders == MAX_HOLDERS) {
		t->dropped++;
		h.cut = true;
		return NULL;
	}
	t->holders++;
	struct holder *n = &h.holders[h.nholders++];
	*n = (struct holder){.object = (size_t)(t - h.objects),
		.address = address,
		.references = references};
	return n;
}

/* Was it not met before?  False, too, when there is no room to know. */
static bool
is_first(const void *o)
{
	size_t i = ((uintptr_t)o >> 4) * 0x9e3779b97f4a7c15ull >> 32;

	for (; h.seen[i % SEEN]; i++)
		if (h.seen[i % SEEN] == o)
			return false;
	if (h.nseen == SEEN / 2) {
		h.cut = true;
		return false;
	}
	h.nseen++;
	h.seen[i % SEEN] = o;
	return true;
}

static void look_into(PyObject *o);

static int
count(PyObject *o, void *data)
{
	struct object *t = find(o);

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
	bool other = PyObject_IS_GC(o) ? !PyObject_GC_IsTracked(o)
				       : PyCode_Check(o);
	if (other && h.depth < MAX_DEPTH && is_first(o)) {
		h.depth++;
		look_into(o);
		h.depth--;
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

/* dict_traverse() tells no keys that are all texts.  False for a table whose keys
 * are the class's, and of whose values an instance may be the holder. */
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
		refcounts_where_parts(o, visit_part, &visit);
}

static void
describe_frame(struct refcounts_where *w, PyObject *o, PyObject *b_object)
{
	struct frames_ref r;
	int at = 0;

	w->kind = PyFrame_Check(o) ? "frame" : "generator";
	while (frames_refs_next(o, &at, &r)) {
		if (r.object != b_object)
			continue;
		struct objects_text t = {.n = 0};
		objects_text_put(&t, r.name ? "" : r.what);
		if (r.name)
			objects_text_str(&t, r.name);
		refcounts_where_add(w, t.bytes);
	}
}

static void
look_into(PyObject *o)
{
	visit_all(o, count);
	for (size_t i = 0; i < h.nobjects; i++) {
		struct object *t = &h.objects[i];
		struct holder *n =
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
		struct object *t = find(r.object);
		struct holder *n = t ? add_holder(t, NULL, 1) : NULL;
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
look_into_threads(void)
{
	PyThreadState *thread = PyThreadState_Get();

	/* Without a GIL, others go on. */
#ifndef Py_GIL_DISABLED
	thread = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
	for (; thread; thread = PyThreadState_Next(thread))
#endif
	{
		struct frames_at at;
		void *frame = NULL;
		while (frames_next(thread, &frame, &at))
			look_into_frame(frame, at.code);
	}
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

	for (size_t i = 0; i < h.nholders; i++) {
		struct holder *n = &h.holders[i];
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
	if (h.depth == MAX_DEPTH)
		return;
	h.depth++;
	if (PyCode_Check(b_part) && is_first(b_part))
		look_for_parts(b_part);
	for (Py_ssize_t i = 0; strcmp(as, ".co_consts") == 0 &&
			       i < PyTuple_GET_SIZE(b_part);
		i++)
		if (PyCode_Check(PyTuple_GET_ITEM(b_part, i)))
			look_for_code(
				PyTuple_GET_ITEM(b_part, i), "", NULL, NULL);
	h.depth--;
}

static void
look_for_parts(PyObject *o)
{
	refcounts_where_parts(o, own_part, o);
	if (PyFunction_Check(o) || PyCode_Check(o))
		refcounts_where_parts(o, look_for_code, NULL);
}

/* --- as records ----------------------------------------------------------- */

static void
write_holder(struct jsonw *w, const struct holder *n)
{
	size_t shown = n->where.n < REFCOUNTS_PLACES ? n->where.n
						     : REFCOUNTS_PLACES;

	jsonw_object(w);
	jsonw_key(w, "kind");
	jsonw_str(w, n->where.kind);
	jsonw_key(w, "type");
	if (n->address)
		jsonw_strn(w, n->type.bytes, n->type.n);
	else
		jsonw_null(w);
	jsonw_member_if(w, "address", n->address, (int64_t)(intptr_t)n->address);
	objects_write_int(w, "references", n->references);
	jsonw_key(w, "places");
	jsonw_array(w);
	for (size_t i = 0; i < shown; i++)
		jsonw_strn(w, n->where.place[i].bytes, n->where.place[i].n);
	jsonw_end(w);
	jsonw_key(w, "of");
	if (!n->as) {
		jsonw_null(w);
	} else {
		jsonw_object(w);
		jsonw_key(w, "as");
		jsonw_str(w, n->as);
		objects_write_member(w, "type", &n->owner_type);
		objects_write_member(w, "name", &n->owner_name);
		objects_write_member(w, "variable", &n->variable);
		jsonw_member_if(w, "address", n->owner,
			(int64_t)(intptr_t)n->owner);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
write_object(struct jsonw *w, size_t number)
{
	const struct object *t = &h.objects[number];
	struct objects_text type = {.n = 0};
	Py_ssize_t unknown = t->count - (Py_ssize_t)t->found;

	jsonw_object(w);
	jsonw_member_uint(w, "object", number + 1);
	objects_text_type(&type, Py_TYPE(t->o));
	objects_write_member(w, "type", &type);
	objects_write_int(w, "address", (int64_t)(intptr_t)t->o);
	jsonw_key(w, "count");
	refcounts_put(w, t->count);
	if (t->count == REFCOUNTS_IMMORTAL) {
		jsonw_key(w, "immortal");
		jsonw_str(w, refcounts_where_immortal(t->o));
	}
	jsonw_key(w, "holders");
	jsonw_array(w);
	for (size_t i = 0; i < h.nholders; i++)
		if (h.holders[i].object == number)
			write_holder(w, &h.holders[i]);
	jsonw_end(w);
	jsonw_member_if(w, "unknown", t->count != REFCOUNTS_IMMORTAL, unknown);
	jsonw_member_uint(w, "dropped", t->dropped);
	jsonw_end(w);
}

static void
write_all(const struct objects_place *p)
{
	struct jsonw *w = record_begin(
		h.run.records, RECORD_ITEM, LENS_REFCOUNTS, "holders");

	jsonw_object(w);
	jsonw_key(w, "when");
	jsonw_str(w, p->when);
	jsonw_member_if(w, "line", p->line, p->line);
	objects_write_name(w, "function",
		p->frame ? py_qualname(frames_code(p->frame)) : NULL);
	jsonw_member_if(w, "hit", p->hit, p->hit);
	jsonw_key(w, "names");
	jsonw_array(w);
	for (size_t i = 0; i < h.nnames; i++) {
		jsonw_object(w);
		jsonw_key(w, "name");
		jsonw_str(w, h.names[i].text);
		jsonw_key(w, "scope");
		jsonw_str(w, h.names[i].scope);
		jsonw_member_uint(w, "object", h.names[i].object + 1);
		jsonw_end(w);
	}
	jsonw_end(w);
	jsonw_key(w, "objects");
	jsonw_array(w);
	for (size_t i = 0; i < h.nobjects; i++)
		write_object(w, i);
	jsonw_end(w);
	jsonw_end(w);
	if (!record_commit(h.run.records))
		h.cut = true;
}

static void
look(const struct objects_place *p)
{
	int64_t began = io_now_ns();

	py_lock();
	gather_names(p->frame);
	gc_walk(look_into);
	go_on(h.run.code, NULL);
	look_into_threads();
	forget_seen();
	look_for_code(h.run.code, "", NULL, NULL);
	gc_walk(look_for_parts);
	write_all(p);
	py_unlock();
	h.spent += io_now_ns() - began;
}

/* --- when ----------------------------------------------------------------- */

int
refcounts_holders_begin(const struct lens_run *r)
{
	const char *value;
	size_t at = 0, n;

	h.run = *r;
	h.holders = malloc(MAX_HOLDERS * sizeof(*h.holders));
	h.seen = malloc(SEEN * sizeof(*h.seen));
	if (!h.holders || !h.seen)
		return -1;
	objects_capture_begin(r);
	while (h.nat < MAX_ASKED &&
		(value = lens_option(r, "refcounts.at", &at, &n))) {
		int line = 0;
		for (size_t i = 0; i < n; i++)
			line = line * 10 + (value[i] - '0');
		h.at[h.nat++] = (struct at){.line = line};
	}
	return 0;
}

void
refcounts_holders_line(PyFrameObject *f)
{
	int line = PyFrame_GetLineNumber(f);

	for (size_t i = 0; i < h.nat; i++) {
		struct at *a = &h.at[i];
		if (a->line != line)
			continue;
		a->hits++;
		if (a->looks == MAX_HITS || h.looks == MAX_LOOKS ||
			h.spent > MAX_NS) {
			h.cut = true;
			continue;
		}
		a->looks++;
		h.looks++;
		look(&(struct objects_place){"line", f, line, a->hits});
	}
}

void
refcounts_holders_end(void)
{
	look(&(struct objects_place){.when = "end"});
}

bool
refcounts_holders_are_cut(void)
{
	return h.cut;
}
