/*
 * How an object refers to another.  Containers and instances are gone through
 * in the order in which their tp_traverse does it, lists and tuples from the
 * end.
 */
#include "sandbox/lenses/gc_how.h"

#include <stdio.h>
#include <string.h>

#include "sandbox/lenses/deque.h"
#include "sandbox/lenses/dict_table.h"
#include "sandbox/lenses/frames.h"

#define MOST 4096 /* that are gone through */

struct search {
	const PyObject *to;
	size_t left; /* that come before it */
	struct objects_text *text;
	bool found;
};

static bool
is_it(struct search *s, const PyObject *o)
{
	if (s->found || !o || o != s->to || s->left-- > 0)
		return false;
	s->found = true;
	return true;
}

static void
look_at_part(PyObject *b_part, const char *as, PyObject *b_name, void *data)
{
	struct search *s = data;

	/* A cell is in the closure, which is an object by itself. */
	if (!b_name && is_it(s, b_part))
		objects_text_put(s->text, as);
}

static void
put_index(struct search *s, Py_ssize_t i)
{
	char text[32];

	snprintf(text, sizeof(text), "[%zd]", i);
	objects_text_put(s->text, text);
}

static void
look_at_items(struct search *s, PyObject *const *items, Py_ssize_t n)
{
	Py_ssize_t last = n > MOST ? n - MOST : 0;

	while (n-- > last)
		if (is_it(s, items[n])) {
			put_index(s, n);
			return;
		}
}

static void
look_at_deque(struct search *s, PyObject *deque)
{
	struct deque_at at = deque_begin(deque);

	for (Py_ssize_t i = 0; i < Py_SIZE(deque) && i < MOST; i++)
		if (is_it(s, deque_next(&at))) {
			put_index(s, i);
			return;
		}
}

static void
look_at_dict(struct search *s, PyObject *dict)
{
	struct dict_table d = dict_table_of(dict);
	struct objects_text key;
	struct dict_entry e;
	Py_ssize_t at = 0;

	for (int n = 0; n < MOST && dict_table_next(&d, &at, &e); n++) {
		const char *open = is_it(s, e.value) ? "["
				   : is_it(s, e.key) ? "key "
						     : NULL;
		if (!open)
			continue;
		objects_show_value(&key, e.key);
		objects_text_put(s->text, open);
		objects_text_put(s->text, key.bytes);
		objects_text_put(s->text, *open == '[' ? "]" : "");
		return;
	}
}

static void
look_at_set(struct search *s, PyObject *set)
{
	const PySetObject *o = (const PySetObject *)set;

	for (Py_ssize_t i = 0; i <= o->mask && i < MOST; i++)
		if (is_it(s, o->table[i].key)) {
			objects_text_put(s->text, "an element");
			return;
		}
}

static void
look_at_attribute(const struct objects_attribute *a, void *data)
{
	struct search *s = data;

	/* A dict is an object by itself. */
	if (strcmp(a->where, "dict") == 0 || !is_it(s, a->value))
		return;
	objects_text_put(s->text, ".");
	if (a->slot)
		objects_text_put(s->text, a->slot);
	else
		objects_text_str(s->text, a->key);
}

static void
look_at_generator(struct search *s, const struct frames_generator *g)
{
	struct frames_local local;
	int at = 0;

	while (g->frame && !s->found &&
		frames_next_local_in(g->frame, &at, &local))
		if (is_it(s, local.b_cell ? local.b_cell : local.b_value)) {
			objects_text_put(s->text, "local ");
			objects_text_str(s->text, local.b_name);
		}
}

static void
look_at_contents(struct search *s, PyObject *from)
{
	struct frames_generator g;

	if (PyList_Check(from))
		look_at_items(
			s, ((PyListObject *)from)->ob_item, Py_SIZE(from));
	else if (PyTuple_Check(from))
		look_at_items(s, ((PyTupleObject *)from)->ob_item,
			PyTuple_GET_SIZE(from));
	else if (PyDict_Check(from))
		look_at_dict(s, from);
	else if (PyAnySet_Check(from))
		look_at_set(s, from);
	else if (deque_is(from))
		look_at_deque(s, from);
	else if (frames_generator(from, &g))
		look_at_generator(s, &g);
}

bool
gc_how(PyObject *from, PyObject *to, size_t nth, struct objects_text *ret)
{
	struct search s = {.to = to, .left = nth, .text = ret};

	*ret = (struct objects_text){.n = 0};
	if (!PyType_Check(from) && objects_class_is_python(Py_TYPE(from)))
		objects_instance_each(from, look_at_attribute, &s);
	if (!s.found)
		look_at_contents(&s, from);
	if (!s.found)
		objects_parts_each(from, look_at_part, &s);
	if (!s.found && is_it(&s, (PyObject *)Py_TYPE(from)))
		objects_text_put(ret, "class");
	return s.found;
}
