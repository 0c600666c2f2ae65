/*
 * What the files of the lens `objects` share.
 *
 * Everything here reads memory, and calls nothing of the snippet's: no
 * __repr__,
 * __hash__, __eq__, __getattr__, __sizeof__ or property of its own, and no
 * CPython function that could.  Nothing is changed either: no reference is
 * kept, no dict made for an instance, no UTF-8 kept in a str, no hash computed
 * that was not there.  What is not CPython's own type is read by the layout
 * that CPython gave it.
 */
#ifndef SANDBOX_LENSES_OBJECTS_H
#define SANDBOX_LENSES_OBJECTS_H

#include "sandbox/py/compat.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/jsonw.h"

#define OBJECTS_MAX    256	 /* of one capture */
#define OBJECTS_DEPTH  12	 /* references away from a name */
#define OBJECTS_ITEMS  64	 /* of a container that are shown */
#define OBJECTS_SLOTS  256	 /* of a table that are shown one by one */
#define OBJECTS_PATH   32	 /* slots of a probe that are shown */
#define OBJECTS_TEXT   160	 /* bytes of a value as text */
#define OBJECTS_DATA   64	 /* bytes of text or data that are shown */
#define OBJECTS_FIELDS 64	 /* of a layout */
#define OBJECTS_BLOCKS 8	 /* of memory beside the object itself */
#define OBJECTS_BASES  64	 /* classes of an MRO that are looked at */
#define OBJECTS_SCAN   (1 << 20) /* slots that are counted */

/* --- objects_heap.c: the objects of one capture, by their address ----------
 */

struct objects_heap {
	struct jsonw *w;
	PyObject *of[OBJECTS_MAX]; /* borrowed; number n is of[n - 1] */
	unsigned char depth[OBJECTS_MAX];
	uint16_t slots[4 * OBJECTS_MAX]; /* by address; 0: empty */
	size_t n;
	size_t at; /* index of the one that is being written, or OBJECTS_MAX */
	/* What was left out: objects referred to, and parts of those shown. */
	size_t dropped_objects, dropped_items;
};

void objects_heap_clear(struct objects_heap *h, struct jsonw *w);
/* The number of an object, from 1 on; given to it when it has none.  0 when
 * there are too many, or it is too far away: counted as dropped. */
unsigned objects_heap_number(struct objects_heap *h, PyObject *o);
/* The number that it has, or 0. */
unsigned objects_heap_find(const struct objects_heap *h, const PyObject *o);
/* Writes the member: its number, or null for NULL and what is dropped. */
void objects_heap_ref(struct objects_heap *h, const char *key, PyObject *o);
/* The same as an element of an array. */
void objects_heap_item(struct objects_heap *h, PyObject *o);
/* Writes an array of at most OBJECTS_ITEMS numbers; the others are counted as
 * dropped. */
void objects_heap_items(struct objects_heap *h, const char *key,
	PyObject *const *items, Py_ssize_t n);

/* --- objects_text.c: text, without asking anybody --------------------------
 */

/* UTF-8, at most OBJECTS_TEXT bytes and an ellipsis. */
struct objects_text {
	char bytes[OBJECTS_TEXT + 8];
	size_t n;
	bool cut;
};

/* UTF-8 that ends with a NUL; character by character, up to the cut. */
void objects_text_put(struct objects_text *t, const char *s);
/* The characters of a str (lone surrogates as \udcxx); "?" for what is none. */
void objects_text_str(struct objects_text *t, PyObject *str);
/* As repr() has a str, and n bytes. */
void objects_text_repr(struct objects_text *t, PyObject *o);
void objects_text_bytes(struct objects_text *t, const char *s, Py_ssize_t n);
/* "collections.OrderedDict", "Node": with its module where that is neither
 * builtins nor __main__. */
void objects_text_type(struct objects_text *t, PyTypeObject *type);
/* Is it a str, exactly, and these bytes of UTF-8? */
bool objects_text_equals(PyObject *str, const char *utf8, size_t n);

/* --- objects_show.c --------------------------------------------------------
 */

/* As repr() would have it for CPython's own types; "<Node object>" for others.
 * Long values are cut, what is nested deep is left out. */
void objects_show_value(struct objects_text *t, PyObject *o);

/* --- objects_parts.c: members of CPython's own structs ----------------------
 */

/* `as` is ".__code__", or "cell" with the variable's name for each cell that a
 * function has by its closure.  All is borrowed. */
typedef void objects_part(
	PyObject *b_part, const char *as, PyObject *b_name, void *data);
/* Tells what a function, method, class, module, exception, instance and so on
 * refers to by them. */
void objects_parts_each(PyObject *o, objects_part *fn, void *data);

/* --- objects_write.c: members of JSON ---------------------------------------
 */

/* A text. */
void objects_write_member(
	struct jsonw *w, const char *key, const struct objects_text *t);
/* The characters of a str, null for what is none. */
void objects_write_name(struct jsonw *w, const char *key, PyObject *str);
/* n bytes in hexadecimal, at most OBJECTS_DATA of them. */
void objects_write_hex(
	struct jsonw *w, const char *key, const void *bytes, size_t n);
void objects_write_int(struct jsonw *w, const char *key, int64_t n);
void objects_write_bool(struct jsonw *w, const char *key, bool v);
/* "hash", null when it is -1. */
void objects_write_hash(struct jsonw *w, Py_hash_t hash);

/* --- objects_class.c: what is in a type, without asking it -----------------
 */

/* Its own dict (borrowed); NULL when it has none. */
PyObject *objects_class_dict(PyTypeObject *type);
/* What its dict has for an ASCII name, by the text of exact str keys; borrowed,
 * or NULL. */
PyObject *objects_class_entry(PyTypeObject *type, const char *name);
/* Was it made by a class statement (or type()), and not by C? */
bool objects_class_is_python(PyTypeObject *type);
/* The same, in the snippet's own module. */
bool objects_class_is_snippets(PyTypeObject *type);
/* What a member of that name holds, which the nearest base that has one tells
 * of: borrowed, or NULL. */
PyObject *objects_class_member(PyObject *o, const char *name);
/* What an attribute that C made says, by the getter of the nearest base that C
 * made: a new reference, or NULL without an exception. */
PyObject *objects_class_get(PyObject *o, const char *name);
/* sys.getsizeof(o) without a __sizeof__ that is written in Python: that of the
 * nearest base that C made; -1 when that cannot be had. */
Py_ssize_t objects_class_sizeof(PyObject *o);
/* Bytes before the object that belong to it. */
size_t objects_class_head_bytes(PyObject *o);

/* --- objects_layout.c: the bytes of an object, field by field --------------
 */

enum objects_form {
	OBJECTS_INT,	 /* signed number */
	OBJECTS_UINT,	 /* unsigned number */
	OBJECTS_POINTER, /* to memory */
	OBJECTS_OBJECT,	 /* to an object */
	OBJECTS_HEX	 /* bytes */
};

struct objects_field {
	const char *name;
	Py_ssize_t offset; /* from the object's address */
	size_t bytes;
	enum objects_form form;
};

struct objects_layout {
	struct objects_field fields[OBJECTS_FIELDS];
	size_t n;
	bool cut;
};

/* Adds a field; one that overlaps with one that is there is not added. */
void objects_layout_add(struct objects_layout *l, struct objects_field f);
/* A field of a C struct. */
#define OBJECTS_FIELD(type, member, form)                                      \
	((struct objects_field){#member, offsetof(type, member),               \
		sizeof(((type *)0)->member), form})

/* --- kinds: what is known of a group of types ------------------------------
 */

/* Memory that an object has beside itself. */
struct objects_block {
	const char *name;
	const void *at;
	size_t bytes;
	bool counted; /* by sys.getsizeof */
	bool shared;  /* with other objects */
};

struct objects_kind {
	const char *name; /* the member with the details, and "kind" */
	bool (*is)(PyObject *o);
	/* Each may be NULL.  details writes members into an open object. */
	void (*details)(struct objects_heap *h, PyObject *o);
	void (*layout)(struct objects_layout *l, PyObject *o);
	size_t (*blocks)(PyObject *o, struct objects_block *ret);
	/* Bytes of the object itself; NULL: as its type says. */
	size_t (*bytes)(PyObject *o);
};

extern const struct objects_kind objects_int, objects_float, objects_str,
	objects_bytes, objects_bytes_array, objects_list, objects_list_fixed,
	objects_dict, objects_set, objects_type, objects_function,
	objects_function_bound, objects_function_builtin, objects_function_code,
	objects_function_cell, objects_function_module, objects_generator,
	objects_exception, objects_instance, objects_numpy;

/* Writes the member "layout". */
void objects_layout_write(
	struct objects_heap *h, PyObject *o, const struct objects_kind *kind);

/* objects_instance.c: members of an instance of a Python class, whatever its
 * kind is; and memory that it has as such. */
void objects_instance_write(struct objects_heap *h, PyObject *o);
size_t objects_instance_blocks(PyObject *o, struct objects_block *ret);
/* Its attributes, wherever they are. */
struct objects_attribute {
	const char *where; /* "slot", "values" or "dict" */
	const char *slot;  /* the name of a slot, else NULL */
	PyObject *key;	   /* the name of any other; may be no str; borrowed */
	PyObject *value;   /* borrowed; NULL for a slot that is not set */
	Py_ssize_t at;	   /* offset of a slot, index among shared keys or -1 */
};
typedef void objects_instance_fn(const struct objects_attribute *a, void *data);
void objects_instance_each(PyObject *o, objects_instance_fn *each, void *data);
/* The same of the instance that a local variable of a frame is bound to (as for
 * frames_next_local_in()), while no other thread changes it; nothing where
 * there is none. */
void objects_instance_each_of_local(
	void *frame, const char *name, objects_instance_fn *each, void *data);
/* Is there a place for attributes beside slots?  Its dict, if it is one already
 * (borrowed, else NULL). */
bool objects_instance_has_place(PyObject *o, PyObject **ret_dict);
/* objects_numpy.c: the value of an array; false when it is none. */
bool objects_numpy_show(struct objects_text *t, PyObject *o);
/* objects_other.c: members of what no kind is known of. */
void objects_other_write(struct objects_heap *h, PyObject *o);
/* objects_set.c: the slots in which a hash is looked for: base + next. */
struct objects_set_probe {
	size_t base, next, mask, perturb;
};
struct objects_set_probe objects_set_probe(
	const PySetObject *s, Py_hash_t hash);
void objects_set_probe_next(struct objects_set_probe *p);
/* objects_type.c: "data" or "non-data" for a descriptor, else NULL. */
const char *objects_type_descriptor(PyObject *o);
/* objects_dict.c: writes the members of a table of keys. */
struct dict_table;
void objects_dict_table(struct objects_heap *h, const struct dict_table *d);

/* --- objects_kinds.c --------------------------------------------------------
 */

const struct objects_kind *objects_kinds_of(PyObject *o);
/* Writes all that is known of an object. */
void objects_kinds_write(struct objects_heap *h, PyObject *o);

#endif
