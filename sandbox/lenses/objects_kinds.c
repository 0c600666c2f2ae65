/* What is known of an object, by the first kind that it is of; and an object as
 * the report has it. */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/objects.h"

static const struct objects_kind *const kinds[] = {&objects_int, &objects_float,
	&objects_str, &objects_bytes, &objects_bytes_array, &objects_list_fixed,
	&objects_list, &objects_dict, &objects_set};

/* Of which only the head is known, and what its type tells of its members. */
static const struct objects_kind unknown = {
	"other", NULL, NULL, NULL, NULL, NULL};

const struct objects_kind *
objects_kinds_of(PyObject *o)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i]->is(o))
			return kinds[i];
	return &unknown;
}

static void
write_refcount(struct objects_heap *h, PyObject *o)
{
	jsonw_key(h->w, "refcount");
#if PY_VERSION_HEX >= PY_3_12
	if (_Py_IsImmortal(o)) {
		jsonw_str(h->w, "immortal");
		return;
	}
#endif
	jsonw_int(h->w, (int64_t)Py_REFCNT(o));
}

/* null: the collector has nothing to do with it. */
static void
write_tracked(struct objects_heap *h, PyObject *o)
{
	jsonw_key(h->w, "gc_tracked");
	if (PyObject_IS_GC(o))
		jsonw_bool(h->w, PyObject_GC_IsTracked(o));
	else
		jsonw_null(h->w);
}

static size_t
bytes_of(PyObject *o, const struct objects_kind *kind)
{
	PyTypeObject *t = Py_TYPE(o);
	size_t n = kind->bytes ? kind->bytes(o) : 0;
	Py_ssize_t items = Py_SIZE(o);

	if (n)
		return n;
	if (!t->tp_itemsize)
		return (size_t)t->tp_basicsize;
	return (size_t)t->tp_basicsize +
	       (size_t)(items < 0 ? -items : items) * (size_t)t->tp_itemsize;
}

static void
write_block(struct objects_heap *h, const struct objects_block *b)
{
	jsonw_object(h->w);
	jsonw_key(h->w, "block");
	jsonw_str(h->w, b->name);
	jsonw_key(h->w, "address");
	jsonw_uint(h->w, (uintptr_t)b->at);
	jsonw_key(h->w, "bytes");
	jsonw_uint(h->w, b->bytes);
	jsonw_key(h->w, "counted");
	jsonw_bool(h->w, b->counted);
	jsonw_key(h->w, "shared");
	jsonw_bool(h->w, b->shared);
	jsonw_end(h->w);
}

static void
write_sizes(
	struct objects_heap *h, PyObject *o, const struct objects_kind *kind)
{
	struct objects_block blocks[OBJECTS_BLOCKS];
	size_t n = kind->blocks ? kind->blocks(o, blocks) : 0;
	Py_ssize_t size = objects_class_sizeof(o);
	size_t head = objects_class_head_bytes(o), object = bytes_of(o, kind);
	size_t owned = head + object;

	jsonw_key(h->w, "size_bytes");
	if (size < 0)
		jsonw_null(h->w);
	else
		jsonw_int(h->w, size);
	jsonw_key(h->w, "head_bytes");
	jsonw_uint(h->w, head);
	jsonw_key(h->w, "object_bytes");
	jsonw_uint(h->w, object);
	jsonw_key(h->w, "blocks");
	jsonw_array(h->w);
	for (size_t i = 0; i < n; i++) {
		write_block(h, &blocks[i]);
		owned += blocks[i].shared ? 0 : blocks[i].bytes;
	}
	jsonw_end(h->w);
	/* Of what is not known here, its own word is the best there is. */
	if (!kind->is && size > (Py_ssize_t)owned)
		owned = (size_t)size;
	jsonw_key(h->w, "owned_bytes");
	jsonw_uint(h->w, owned);
}

void
objects_kinds_write(struct objects_heap *h, PyObject *o)
{
	const struct objects_kind *kind = objects_kinds_of(o);
	struct objects_text type = {.n = 0}, value;

	objects_show_type(&type, Py_TYPE(o));
	objects_show_value(&value, o);
	jsonw_object(h->w);
	jsonw_key(h->w, "object");
	jsonw_uint(h->w, objects_heap_find(h, o));
	jsonw_key(h->w, "address");
	jsonw_uint(h->w, (uintptr_t)o);
	objects_show_member(h->w, "type", &type);
	jsonw_key(h->w, "kind");
	jsonw_str(h->w, kind->name);
	objects_show_member(h->w, "value", &value);
	write_refcount(h, o);
	write_tracked(h, o);
	write_sizes(h, o, kind);
	if (kind->details) {
		jsonw_key(h->w, kind->name);
		jsonw_object(h->w);
		kind->details(h, o);
		jsonw_end(h->w);
	}
	objects_layout_write(h, o, kind);
	jsonw_end(h->w);
}
