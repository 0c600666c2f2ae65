/*
 * Holders of what names are bound to, before lines and at the end, as records.
 */
#include "sandbox/lenses/refcounts.h"

#include <string.h>

#include "base/io.h"
#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/names.h"
#include "sandbox/lenses/objects_capture.h"
#include "sandbox/lenses/refcounts_walk.h"
#include "sandbox/py/lock.h"

#define MAX_HITS  16 /* captures at one line, and at all of them */
#define MAX_LOOKS 64
#define MAX_NS	  2000000000LL /* for captures at lines */

struct name {
	char text[MAX_NAME_BYTES + 1];
	const char *scope;
	size_t object;
};

static struct {
	struct lens_run run;
	struct name names[MAX_NAMES];
	size_t nnames;
	const struct refcounts_walk *found;
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

static void
gather_names(PyFrameObject *f)
{
	struct objects_walk at = {.local = 0};
	struct objects_name n;

	names_clear(&h.shown);
	refcounts_walk_clear();
	h.nnames = 0;
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
		name->object = refcounts_walk_add(n.value);
	}
}

/* --- as records ----------------------------------------------------------- */

static void
write_holder(struct jsonw *w, const struct refcounts_holder *n)
{
	jsonw_object(w);
	jsonw_key(w, "kind");
	jsonw_str(w, n->where.kind);
	jsonw_key(w, "type");
	if (n->address)
		jsonw_strn(w, n->type.bytes, n->type.n);
	else
		jsonw_null(w);
	jsonw_member_if(
		w, "address", n->address, (int64_t)(intptr_t)n->address);
	objects_write_int(w, "references", n->references);
	jsonw_key(w, "places");
	jsonw_array(w);
	for (size_t i = 0; i < n->where.n && i < REFCOUNTS_PLACES; i++)
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
		jsonw_member_if(
			w, "address", n->owner, (int64_t)(intptr_t)n->owner);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
write_object(struct jsonw *w, size_t number)
{
	const struct refcounts_object *t = &h.found->objects[number];
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
	for (size_t i = 0; i < h.found->nholders; i++)
		if (h.found->holders[i].object == number)
			write_holder(w, &h.found->holders[i]);
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
	for (size_t i = 0; i < h.found->nobjects; i++)
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
	refcounts_walk_run();
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
	h.found = refcounts_walk_begin(r->code);
	if (!h.found)
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
	return h.cut || (h.found && h.found->cut);
}
