/*
 * set and frozenset: one table of hashes and keys, and the slots in which each
 * key is looked for.
 *
 * Layout: Include/setobject.h (3.9), Include/cpython/setobject.h; the order of
 * probing is that of set_lookkey(), Objects/setobject.c: up to nine slots that
 * follow, when they are in the table, and then elsewhere.
 */
#include "sandbox/lenses/objects.h"

#define LINEAR_PROBES 9
#define PERTURB_SHIFT 5

static bool
is_set(PyObject *o)
{
	return PyAnySet_Check(o);
}

/* One that was deleted has a placeholder for its key, and this hash. */
static bool
is_live(const setentry *e)
{
	return e->key && e->hash != -1;
}

struct objects_set_probe
objects_set_probe(const PySetObject *s, Py_hash_t hash)
{
	size_t mask = (size_t)s->mask;

	return (struct objects_set_probe){
		(size_t)hash & mask, 0, mask, (size_t)hash};
}

void
objects_set_probe_next(struct objects_set_probe *p)
{
	if (p->base + LINEAR_PROBES <= p->mask && p->next < LINEAR_PROBES) {
		p->next++;
		return;
	}
	p->perturb >>= PERTURB_SHIFT;
	p->base = (p->base * 5 + 1 + p->perturb) & p->mask;
	p->next = 0;
}

/* The slots that are looked at until the wanted one, or one that is empty. */
static void
write_path(struct objects_heap *h, const PySetObject *s, const setentry *wanted)
{
	struct objects_set_probe p = objects_set_probe(s, wanted->hash);
	size_t n = 0;

	jsonw_key(h->w, "path");
	jsonw_array(h->w);
	for (;; objects_set_probe_next(&p)) {
		const setentry *e = &s->table[p.base + p.next];
		if (n++ == OBJECTS_PATH) {
			h->dropped_items++;
			break;
		}
		jsonw_uint(h->w, p.base + p.next);
		if (e == wanted || !e->key)
			break;
	}
	jsonw_end(h->w);
}

static void
write_slot(struct objects_heap *h, const PySetObject *s, const setentry *e)
{
	jsonw_object(h->w);
	objects_write_int(h->w, "slot", e - s->table);
	objects_write_hash(h->w, e->hash);
	objects_heap_ref(h, "key", is_live(e) ? e->key : NULL);
	if (is_live(e))
		write_path(h, s, e);
	jsonw_end(h->w);
}

/* Those that are not empty. */
static void
write_slots(struct objects_heap *h, const PySetObject *s)
{
	Py_ssize_t shown = 0,
		   n = s->mask < OBJECTS_SCAN ? s->mask + 1 : OBJECTS_SCAN;

	jsonw_key(h->w, "entries");
	jsonw_array(h->w);
	for (Py_ssize_t i = 0; i < n && shown < OBJECTS_ITEMS; i++)
		if (s->table[i].key) {
			write_slot(h, s, &s->table[i]);
			shown++;
		}
	jsonw_end(h->w);
	h->dropped_items += (size_t)(s->fill - shown);
}

static void
set_details(struct objects_heap *h, PyObject *o)
{
	const PySetObject *s = (const PySetObject *)o;

	objects_write_int(h->w, "used", s->used);
	objects_write_int(h->w, "dummies", s->fill - s->used);
	objects_write_int(h->w, "slots", s->mask + 1);
	objects_write_bool(h->w, "in_object", s->table == s->smalltable);
	objects_write_hash(h->w, s->hash);
	write_slots(h, s);
}

static void
set_layout(struct objects_layout *l, PyObject *o)
{
	(void)o;
	objects_layout_add(l, OBJECTS_FIELD(PySetObject, fill, OBJECTS_INT));
	objects_layout_add(l, OBJECTS_FIELD(PySetObject, used, OBJECTS_INT));
	objects_layout_add(l, OBJECTS_FIELD(PySetObject, mask, OBJECTS_INT));
	objects_layout_add(
		l, OBJECTS_FIELD(PySetObject, table, OBJECTS_POINTER));
	objects_layout_add(l, OBJECTS_FIELD(PySetObject, hash, OBJECTS_INT));
	objects_layout_add(l, OBJECTS_FIELD(PySetObject, finger, OBJECTS_INT));
	objects_layout_add(
		l, OBJECTS_FIELD(PySetObject, smalltable, OBJECTS_HEX));
}

static size_t
set_blocks(PyObject *o, struct objects_block *ret)
{
	const PySetObject *s = (const PySetObject *)o;

	if (s->table == s->smalltable)
		return 0;
	*ret = (struct objects_block){"table", s->table,
		((size_t)s->mask + 1) * sizeof(setentry), true, false};
	return 1;
}

const struct objects_kind objects_set = {
	"set", is_set, set_details, set_layout, set_blocks, NULL};
