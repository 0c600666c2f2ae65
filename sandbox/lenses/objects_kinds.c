/* What is known of an object, by the first kind that it is of; and an object as
 * the report has it. */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/calls.h"
#include "sandbox/lenses/objects.h"

static const struct objects_kind *const kinds[] = {&objects_int, &objects_float,
	&objects_str, &objects_bytes, &objects_bytes_array, &objects_list_fixed,
	&objects_list, &objects_dict, &objects_set, &objects_type,
	&objects_function, &objects_function_bound, &objects_function_builtin,
	&objects_function_code, &objects_function_cell,
	&objects_function_module, &objects_generator, &objects_exception,
	&objects_numpy, &objects_instance};

/* Of which only the head is known, and what its type tells of its members. */
static const struct objects_kind unknown = {
	"other", NULL, objects_other_write, NULL, NULL, NULL};

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
	/* Without the one that is there because it is traced. */
	jsonw_int(h->w, (int64_t)(Py_REFCNT(o) - calls_hold(o)));
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

/* Of the object itself, without what lies before it. */
static size_t
bytes_of(PyObject *o, const struct objects_kind *kind, Py_ssize_t size)
{
	PyTypeObject *t = Py_TYPE(o);
	size_t n = kind->bytes ? kind->bytes(o) : 0;

	if (n)
		return n;
	if (!t->tp_itemsize)
		return (size_t)t->tp_basicsize;
	if (PyLong_Check(o) || PyTuple_Check(o) || PyBytes_Check(o) ||
		PyType_Check(o)) {
		n = (size_t)(Py_SIZE(o) < 0 ? -Py_SIZE(o) : Py_SIZE(o));
		return (size_t)t->tp_basicsize + n * (size_t)t->tp_itemsize;
	}
	/* How many items it has is its own affair: its word. */
	size_t head = objects_class_head_bytes(o);
	return size > (Py_ssize_t)head ? (size_t)size - head : 0;
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
	n += objects_instance_blocks(o, blocks + n);
	Py_ssize_t size = objects_class_sizeof(o);
	size_t head = objects_class_head_bytes(o);
	size_t object = bytes_of(o, kind, size);
	size_t owned = head + object, more = 0;

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
		more += blocks[i].shared || blocks[i].counted ? 0
							      : blocks[i].bytes;
	}
	jsonw_end(h->w);
	/* A type may know of more than is known here. */
	if (size > 0 && (size_t)size + more > owned)
		owned = (size_t)size + more;
	jsonw_key(h->w, "owned_bytes");
	jsonw_uint(h->w, owned);
}

static void
write_part(struct objects_heap *h, PyObject *o, const char *key,
	void (*write)(struct objects_heap *h, PyObject *o))
{
	jsonw_key(h->w, key);
	jsonw_object(h->w);
	write(h, o);
	jsonw_end(h->w);
}

void
objects_kinds_write(struct objects_heap *h, PyObject *o)
{
	const struct objects_kind *kind = objects_kinds_of(o);
	struct objects_text type = {.n = 0}, value;

	objects_text_type(&type, Py_TYPE(o));
	objects_show_value(&value, o);
	jsonw_object(h->w);
	jsonw_key(h->w, "object");
	jsonw_uint(h->w, objects_heap_find(h, o));
	jsonw_key(h->w, "address");
	jsonw_uint(h->w, (uintptr_t)o);
	objects_write_member(h->w, "type", &type);
	jsonw_key(h->w, "kind");
	jsonw_str(h->w, kind->name);
	objects_write_member(h->w, "value", &value);
	write_refcount(h, o);
	write_tracked(h, o);
	write_sizes(h, o, kind);
	if (kind->details)
		write_part(h, o, kind->name, kind->details);
	if (objects_class_is_python(Py_TYPE(o)) && !PyType_Check(o))
		write_part(h, o, "instance", objects_instance_write);
	objects_layout_write(h, o, kind);
	jsonw_end(h->w);
}
