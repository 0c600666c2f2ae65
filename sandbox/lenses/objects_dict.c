/*
 * dict: its table of indices, its entries in the order in which they came, and
 * the slots in which each key is looked for.
 */
#include "sandbox/lenses/objects.h"

#include "sandbox/lenses/dict_table.h"

static bool
is_dict(PyObject *o)
{
	return PyDict_Check(o);
}

static void
write_indices(struct objects_heap *h, const struct dict_table *d)
{
	jsonw_key(h->w, "indices");
	jsonw_array(h->w);
	for (size_t i = 0; i < d->slots && i < OBJECTS_SLOTS; i++)
		jsonw_int(h->w, dict_table_index(d, i));
	jsonw_end(h->w);
	h->dropped_items +=
		d->slots > OBJECTS_SLOTS ? d->slots - OBJECTS_SLOTS : 0;
}

/* Slots whose entry was deleted; null when there are too many to look at. */
static void
write_dummies(struct jsonw *w, const struct dict_table *d)
{
	int64_t n = 0;

	jsonw_key(w, "dummies");
	if (d->slots > OBJECTS_SCAN) {
		jsonw_null(w);
		return;
	}
	for (size_t i = 0; i < d->slots; i++)
		n += dict_table_index(d, i) == DICT_DUMMY;
	jsonw_int(w, n);
}

/* The slots that are looked at until the one that has the entry. */
static void
write_path(
	struct objects_heap *h, const struct dict_table *d, struct dict_entry e)
{
	struct dict_probe p = dict_table_probe(d, e.hash);
	size_t n = 0;

	jsonw_key(h->w, "path");
	jsonw_array(h->w);
	while (e.hash != -1) {
		Py_ssize_t index = dict_table_index(d, p.slot);
		if (n == OBJECTS_PATH) {
			h->dropped_items++;
			break;
		}
		jsonw_uint(h->w, p.slot);
		n++;
		if (index == e.index || index == DICT_EMPTY)
			break;
		dict_table_probe_next(&p);
	}
	jsonw_end(h->w);
}

static void
write_entry(
	struct objects_heap *h, const struct dict_table *d, struct dict_entry e)
{
	jsonw_object(h->w);
	objects_write_int(h->w, "index", e.index);
	objects_write_hash(h->w, e.key ? e.hash : -1);
	objects_heap_ref(h, "key", e.key);
	objects_heap_ref(h, "value", e.value);
	if (e.key)
		write_path(h, d, e);
	jsonw_end(h->w);
}

void
objects_dict_table(struct objects_heap *h, const struct dict_table *d)
{
	static const char *const kinds[] = {[DICT_GENERAL] = "general",
		[DICT_UNICODE] = "unicode",
		[DICT_SPLIT] = "split"};
	Py_ssize_t shown =
		d->nentries < OBJECTS_ITEMS ? d->nentries : OBJECTS_ITEMS;

	objects_write_int(h->w, "used", d->used);
	jsonw_key(h->w, "table");
	jsonw_str(h->w, kinds[d->kind]);
	objects_write_int(h->w, "slots", (int64_t)d->slots);
	objects_write_int(h->w, "index_bytes", d->index_bytes);
	objects_write_int(h->w, "entry_bytes", (int64_t)d->entry_bytes);
	objects_write_int(h->w, "entry_count", d->nentries);
	objects_write_int(h->w, "entries_free", d->usable);
	objects_write_bool(h->w, "keys_shared", d->refs != 1);
	write_dummies(h->w, d);
	write_indices(h, d);
	jsonw_key(h->w, "entries");
	jsonw_array(h->w);
	for (Py_ssize_t i = 0; i < shown; i++)
		write_entry(h, d, dict_table_entry(d, i));
	jsonw_end(h->w);
	h->dropped_items += (size_t)(d->nentries - shown);
}

static void
dict_details(struct objects_heap *h, PyObject *o)
{
	struct dict_table d = dict_table_of(o);

	objects_dict_table(h, &d);
}

static void
dict_layout(struct objects_layout *l, PyObject *o)
{
	(void)o;
	objects_layout_add(
		l, OBJECTS_FIELD(PyDictObject, ma_used, OBJECTS_INT));
	objects_layout_add(
		l, (struct objects_field) {
#if PY_VERSION_HEX >= PY_3_14
			"_ma_watcher_tag",
#else
			"ma_version_tag",
#endif
				offsetof(PyDictObject, ma_keys) -
					sizeof(uint64_t),
				sizeof(uint64_t), OBJECTS_UINT
		});
	objects_layout_add(
		l, OBJECTS_FIELD(PyDictObject, ma_keys, OBJECTS_POINTER));
	objects_layout_add(
		l, OBJECTS_FIELD(PyDictObject, ma_values, OBJECTS_POINTER));
}

static size_t
dict_blocks(PyObject *o, struct objects_block *ret)
{
	struct dict_table d = dict_table_of(o);
	bool own = d.refs == 1;
	size_t n = 0;

	ret[n++] = (struct objects_block){
		"ma_keys", d.keys, d.keys_bytes, own, !own};
	if (d.values)
		ret[n++] = (struct objects_block){"ma_values", d.values,
			(size_t)(d.usable + d.nentries) * sizeof(PyObject *),
			true, false};
	return n;
}

const struct objects_kind objects_dict = {
	"dict", is_dict, dict_details, dict_layout, dict_blocks, NULL};
