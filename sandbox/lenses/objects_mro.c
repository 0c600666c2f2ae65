/*
 * How C3 comes to the order in which a class and its bases are searched: from
 * the orders of the bases, and the bases themselves, the first head is taken
 * that is in nobody's tail (Objects/typeobject.c, pmerge()).  The steps are
 * made again here, by the orders that the bases have, and are shown when they
 * come to what the class has: a metaclass may have an mro() of its own.
 */
#include "sandbox/lenses/objects_mro.h"

#include <string.h>

#define MAX_LISTS 32 /* bases, and the list of them */
#define MAX_STEPS 32 /* what is longer is not shown step by step */

/* Lists that are being merged: items from `at` on are left. */
struct merge {
	struct {
		PyObject *tuple; /* borrowed */
		Py_ssize_t at;
	} list[MAX_LISTS];
	size_t n;
};

static PyObject *
head(const struct merge *m, size_t i)
{
	return m->list[i].at < PyTuple_GET_SIZE(m->list[i].tuple)
		       ? PyTuple_GET_ITEM(m->list[i].tuple, m->list[i].at)
		       : NULL;
}

static bool
is_in_a_tail(const struct merge *m, const PyObject *o)
{
	for (size_t i = 0; i < m->n; i++)
		for (Py_ssize_t k = m->list[i].at + 1;
			k < PyTuple_GET_SIZE(m->list[i].tuple); k++)
			if (PyTuple_GET_ITEM(m->list[i].tuple, k) == o)
				return true;
	return false;
}

/* The next class, or NULL at the end; before it, `over` are those heads that
 * have to wait. */
static PyObject *
take(struct merge *m, PyObject **over, size_t *ret_over)
{
	PyObject *taken = NULL;

	*ret_over = 0;
	for (size_t i = 0; i < m->n && !taken; i++) {
		PyObject *o = head(m, i);
		if (!o)
			continue;
		if (is_in_a_tail(m, o))
			over[(*ret_over)++] = o;
		else
			taken = o;
	}
	for (size_t i = 0; taken && i < m->n; i++)
		m->list[i].at += head(m, i) == taken;
	return taken;
}

/* False when there is too much of it, or what is no order. */
static bool
begin(struct merge *m, PyTypeObject *type)
{
	PyObject *b_bases = type->tp_bases;
	Py_ssize_t n = PyTuple_GET_SIZE(b_bases);

	*m = (struct merge){.n = 0};
	if (n + 1 > MAX_LISTS)
		return false;
	for (Py_ssize_t i = 0; i < n; i++) {
		PyTypeObject *base =
			(PyTypeObject *)PyTuple_GET_ITEM(b_bases, i);
		if (!base->tp_mro || !PyTuple_Check(base->tp_mro))
			return false;
		m->list[m->n++].tuple = base->tp_mro;
	}
	m->list[m->n++].tuple = b_bases;
	return true;
}

/* Does it come to the order that the class has? */
static bool
is_c3(PyTypeObject *type)
{
	PyObject *over[MAX_LISTS], *b_next;
	struct merge m;
	size_t n_over;
	Py_ssize_t n = 1;

	if (PyTuple_GET_SIZE(type->tp_mro) > MAX_STEPS || !begin(&m, type) ||
		PyTuple_GET_ITEM(type->tp_mro, 0) != (PyObject *)type)
		return false;
	while ((b_next = take(&m, over, &n_over))) {
		if (n >= PyTuple_GET_SIZE(type->tp_mro) ||
			PyTuple_GET_ITEM(type->tp_mro, n) != b_next)
			return false;
		n++;
	}
	return n == PyTuple_GET_SIZE(type->tp_mro);
}

static void
write_name(struct jsonw *w, PyObject *o)
{
	struct objects_text t = {.n = 0};

	objects_text_type(&t, (PyTypeObject *)o);
	jsonw_strn(w, t.bytes, t.n);
}

/* What is left of each list that has something left. */
static void
write_lists(struct jsonw *w, const struct merge *m)
{
	jsonw_key(w, "lists");
	jsonw_array(w);
	for (size_t i = 0; i < m->n; i++) {
		if (!head(m, i))
			continue;
		jsonw_array(w);
		for (Py_ssize_t k = m->list[i].at;
			k < PyTuple_GET_SIZE(m->list[i].tuple); k++)
			write_name(w, PyTuple_GET_ITEM(m->list[i].tuple, k));
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
write_steps(struct jsonw *w, PyTypeObject *type)
{
	PyObject *over[MAX_LISTS];
	struct merge m, before;
	size_t n;

	(void)begin(&m, type);
	for (;;) {
		before = m;
		PyObject *b_taken = take(&m, over, &n);
		if (!b_taken)
			break;
		jsonw_object(w);
		write_lists(w, &before);
		jsonw_key(w, "passed_over");
		jsonw_array(w);
		for (size_t i = 0; i < n; i++)
			write_name(w, over[i]);
		jsonw_end(w);
		jsonw_key(w, "taken");
		write_name(w, b_taken);
		jsonw_end(w);
	}
}

static void
write_types(struct objects_heap *h, const char *key, PyObject *b_tuple)
{
	Py_ssize_t n = b_tuple && PyTuple_Check(b_tuple)
			       ? PyTuple_GET_SIZE(b_tuple)
			       : 0;

	jsonw_key(h->w, key);
	jsonw_array(h->w);
	for (Py_ssize_t i = 0; i < n && i < OBJECTS_BASES; i++)
		write_name(h->w, PyTuple_GET_ITEM(b_tuple, i));
	jsonw_end(h->w);
	h->dropped_items += n > OBJECTS_BASES ? (size_t)n - OBJECTS_BASES : 0;
}

/* With one base there is nothing to be merged. */
void
objects_mro_write(struct objects_heap *h, PyTypeObject *type)
{
	PyObject *b_bases = type->tp_bases;
	Py_ssize_t n = b_bases && PyTuple_Check(b_bases)
			       ? PyTuple_GET_SIZE(b_bases)
			       : 0;

	write_types(h, "bases", b_bases);
	write_types(h, "mro", type->tp_mro);
	jsonw_key(h->w, "mro_by");
	bool c3 = n > 0 && type->tp_mro && PyTuple_Check(type->tp_mro) &&
		  is_c3(type);
	jsonw_str(h->w, c3 || n == 0 ? "C3" : "other");
	jsonw_key(h->w, "merge");
	jsonw_array(h->w);
	if (c3 && n > 1)
		write_steps(h->w, type);
	jsonw_end(h->w);
}
