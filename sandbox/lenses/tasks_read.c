/*
 * Tasks, futures and handles, read without asking them: by getters of asyncio's
 * C code, which return what is there, and by the places of attributes.
 *
 * Layout: TaskStepMethWrapper, and TaskWakeupMethWrapper of 3.9, begin with the
 * task; from 3.10 on a wake-up is the C function "task_wakeup" of the task
 * (Modules/_asynciomodule.c of CPython 3.9 to 3.15).
 */
#include "sandbox/lenses/tasks.h"

#include <string.h>

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/objects.h"

#define MOST_ITEMS 1024 /* of a container that are looked at */

/* Getters of the class of tasks; it is compared, its tables are C's own. */
static struct {
	const PyTypeObject *type;
	const PyGetSetDef *coroutine, *waiter, *state, *exception;
	const PyMethodDef *name;
} task;

static const PyGetSetDef *
find_getter(const PyTypeObject *t, const char *name)
{
	for (; t; t = t->tp_base)
		for (const PyGetSetDef *g = t->tp_getset; g && g->name; g++)
			if (strcmp(g->name, name) == 0)
				return g;
	return NULL;
}

static const PyMethodDef *
find_method(const PyTypeObject *t, const char *name)
{
	for (const PyMethodDef *m = t->tp_methods; m && m->ml_name; m++)
		if (strcmp(m->ml_name, name) == 0)
			return m;
	return NULL;
}

static void
learn(const PyTypeObject *t)
{
	task.type = t;
	task.coroutine = find_getter(t, "_coro");
	task.waiter = find_getter(t, "_fut_waiter");
	task.state = find_getter(t, "_state");
	task.exception = find_getter(t, "_exception");
	task.name = find_method(t, "get_name");
	if (task.name && task.name->ml_flags != METH_NOARGS)
		task.name = NULL;
}

bool
tasks_read_is_task(PyObject *o)
{
	for (PyTypeObject *t = Py_TYPE(o); t; t = t->tp_base) {
		if (t == task.type)
			return true;
		if (strcmp(t->tp_name, "_asyncio.Task") == 0 &&
			!objects_class_is_python(t)) {
			learn(t);
			return true;
		}
	}
	return false;
}

static bool
is_wrapper(PyTypeObject *t)
{
	const char *dot = strrchr(t->tp_name, '.');
	const char *name = dot ? dot + 1 : t->tp_name;

	return (strcmp(name, "TaskStepMethWrapper") == 0 ||
		       strcmp(name, "TaskWakeupMethWrapper") == 0) &&
	       !objects_class_is_python(t);
}

PyObject *
tasks_read_callback(PyObject *b_callback)
{
	PyObject *b_task = NULL;

	if (!b_callback)
		return NULL;
	if (PyCFunction_CheckExact(b_callback)) {
		const PyMethodDef *def =
			((PyCFunctionObject *)b_callback)->m_ml;
		if (strcmp(def->ml_name, "task_wakeup") == 0)
			b_task = PyCFunction_GET_SELF(b_callback);
	} else if (is_wrapper(Py_TYPE(b_callback))) {
		memcpy(&b_task, (const char *)b_callback + sizeof(PyObject),
			sizeof(b_task));
	}
	return b_task && tasks_read_is_task(b_task) ? b_task : NULL;
}

struct wanted {
	const char *name;
	PyObject *b_value;
};

static void
look_at_attribute(const struct objects_attribute *a, void *data)
{
	struct wanted *w = data;

	if (w->b_value || !a->value)
		return;
	if (a->slot ? strcmp(a->slot, w->name) == 0
		    : a->key && objects_text_equals(
					a->key, w->name, strlen(w->name)))
		w->b_value = a->value;
}

PyObject *
tasks_read_attribute(PyObject *o, const char *name)
{
	struct wanted w = {.name = name};

	if (!o || !PyType_HasFeature(Py_TYPE(o), Py_TPFLAGS_HEAPTYPE))
		return NULL;
	objects_instance_each(o, look_at_attribute, &w);
	return w.b_value;
}

PyObject *
tasks_read_handle(PyObject *b_handle)
{
	return tasks_read_attribute(b_handle, "_callback");
}

static PyObject *
get(const PyGetSetDef *g, PyObject *o)
{
	PyObject *made = g ? g->get(o, g->closure) : NULL;

	PyErr_Clear();
	return made;
}

PyObject *
tasks_read_coroutine(PyObject *o)
{
	return get(task.coroutine, o);
}

PyObject *
tasks_read_waiter(PyObject *o)
{
	PyObject *made = get(task.waiter, o);

	if (made == Py_None)
		Py_CLEAR(made);
	return made;
}

PyObject *
tasks_read_exception(PyObject *o)
{
	PyObject *made = get(task.exception, o);

	if (made == Py_None)
		Py_CLEAR(made);
	return made;
}

char
tasks_read_state(PyObject *o)
{
	scope_py PyObject *made = get(task.state, o);
	struct objects_text text = {.n = 0};

	if (!made || !PyUnicode_CheckExact(made))
		return 0;
	objects_text_str(&text, made);
	return text.bytes[0];
}

/* Whole characters, as many as there is room for. */
static void
cut(char name[TASKS_NAME_BYTES], const struct objects_text *text)
{
	size_t n = text->n;

	if (n >= TASKS_NAME_BYTES)
		n = TASKS_NAME_BYTES - 1;
	while (n < text->n && n && (text->bytes[n] & 0xc0) == 0x80)
		n--;
	memcpy(name, text->bytes, n);
	name[n] = '\0';
}

bool
tasks_read_name(PyObject *o, char name[TASKS_NAME_BYTES])
{
	struct objects_text text = {.n = 0};
	scope_py PyObject *made =
		task.name ? task.name->ml_meth(o, NULL) : NULL;

	PyErr_Clear();
	if (!made || !PyUnicode_CheckExact(made))
		return false;
	objects_text_str(&text, made);
	cut(name, &text);
	return true;
}

void
tasks_read_each(
	PyObject *o, void (*fn)(PyObject *b_item, void *data), void *data)
{
	if (!o)
		return;
	if (PyList_CheckExact(o) || PyTuple_CheckExact(o)) {
		Py_ssize_t n = Py_SIZE(o);
		PyObject **items = PySequence_Fast_ITEMS(o);
		for (Py_ssize_t i = 0; i < n && i < MOST_ITEMS; i++)
			fn(items[i], data);
	} else if (PyAnySet_CheckExact(o)) {
		/* What was taken out leaves an object that is none of those
		 * that anybody looks for. */
		const PySetObject *s = (const PySetObject *)o;
		Py_ssize_t found = 0;
		for (Py_ssize_t i = 0; i <= s->mask && found < MOST_ITEMS; i++)
			if (s->table[i].key) {
				fn(s->table[i].key, data);
				found++;
			}
	}
}

PyObject *
tasks_read_local(PyFrameObject *f, int number)
{
	struct frames_local local;
	int at = 0;

	for (int i = 0; frames_next_local(f, &at, &local); i++)
		if (i == number)
			return frames_local_value(&local);
	return NULL;
}

PyObject *
tasks_read_local_named(PyFrameObject *f, const char *name)
{
	struct frames_local local;
	int at = 0;

	while (frames_next_local(f, &at, &local))
		if (objects_text_equals(local.b_name, name, strlen(name)))
			return frames_local_value(&local);
	return NULL;
}

void
tasks_read_type(PyTypeObject *type, char name[TASKS_NAME_BYTES])
{
	struct objects_text text = {.n = 0};

	objects_text_type(&text, type);
	cut(name, &text);
}

void
tasks_read_callback_name(PyObject *b_callback, char name[TASKS_NAME_BYTES])
{
	struct objects_text text = {.n = 0};
	PyObject *b_function = b_callback;

	if (PyMethod_Check(b_function))
		b_function = PyMethod_GET_FUNCTION(b_function);
	if (PyFunction_Check(b_function)) {
		objects_text_str(
			&text, ((PyFunctionObject *)b_function)->func_qualname);
		cut(name, &text);
	} else if (PyCFunction_CheckExact(b_function)) {
		objects_text_put(&text,
			((PyCFunctionObject *)b_function)->m_ml->ml_name);
		cut(name, &text);
	} else {
		tasks_read_type(Py_TYPE(b_function), name);
	}
}
