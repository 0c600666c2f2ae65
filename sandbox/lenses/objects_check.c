/*
 * Are objects laid out as they are read?  When the interpreter starts, some are
 * made whose bytes are known, and asked: by repr() and sys.getsizeof, and by
 * what was put into them.  Where an answer differs, the lens is not for this
 * interpreter.
 */
#include "sandbox/lenses/objects.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope.h"
#include "sandbox/lenses/dict_table.h"
#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/objects_class.h"
#include "sandbox/py/scope_py.h"

static const char source[] =
	"from sys import getsizeof as size\n"
	"class Slots:\n"
	"    __slots__ = 'slot',\n"
	"class Plain:\n"
	"    pass\n"
	"def waits(a):\n"
	"    yield a\n"
	"grown = [1, 2, 3]\n"
	"grown.append(4)\n"
	"table = {'x': 1, 'y': 2}\n"
	"del table['x']\n"
	"bag = {5, 'z'}\n"
	"slots, plain = Slots(), Plain()\n"
	"slots.slot = grown\n"
	"plain.first, plain.second = grown, table\n"
	"generator = waits(grown)\n"
	"next(generator)\n"
	"samples = [0, -7, 10**30, 1.5, 'abc', 'caf\\xe9', '\\u20ac', "
	"'\\U0001f600', b'x', (1, 'a', None), grown, table, bag, {}, [], "
	"{1: 2}, bytearray(b'y'), True, range(3)]\n"
	"shown = [(o, repr(o), size(o)) for o in samples]\n"
	"sized = [(o, size(o)) for o in (slots, plain, waits, generator, "
	"Slots, "
	"size)]\n";

static PyObject *
sample(PyObject *space, const char *name)
{
	return PyDict_GetItemString(space, name);
}

static int
wrong(struct fail *f, const char *what)
{
	return fail_set(f, "%s is not laid out as expected", what);
}

static bool
has_size(PyObject *o, PyObject *size)
{
	return objects_class_sizeof(o) == PyLong_AsSsize_t(size);
}

/* As repr() and sys.getsizeof have them. */
static int
check_samples(PyObject *space, struct fail *f)
{
	PyObject *b_shown = sample(space, "shown");
	PyObject *b_sized = sample(space, "sized");

	for (Py_ssize_t i = 0; i < PyList_GET_SIZE(b_shown); i++) {
		PyObject *b_row = PyList_GET_ITEM(b_shown, i);
		PyObject *b_object = PyTuple_GET_ITEM(b_row, 0);
		struct objects_text t;
		objects_show_value(&t, b_object);
		if (!objects_text_equals(
			    PyTuple_GET_ITEM(b_row, 1), t.bytes, t.n) ||
			!has_size(b_object, PyTuple_GET_ITEM(b_row, 2)))
			return wrong(f, Py_TYPE(b_object)->tp_name);
	}
	for (Py_ssize_t i = 0; i < PyList_GET_SIZE(b_sized); i++) {
		PyObject *b_row = PyList_GET_ITEM(b_sized, i);
		PyObject *b_object = PyTuple_GET_ITEM(b_row, 0);
		if (!has_size(b_object, PyTuple_GET_ITEM(b_row, 1)))
			return wrong(f, Py_TYPE(b_object)->tp_name);
	}
	return 0;
}

static int
check_list(PyObject *space, struct fail *f)
{
	const PyListObject *l = (const PyListObject *)sample(space, "grown");

	if (Py_SIZE(l) != 4 || l->allocated < 4 || l->allocated > 64 ||
		PyLong_AsLong(l->ob_item[3]) != 4)
		return wrong(f, "list");
	return 0;
}

/* One entry of two is left, and is found by its hash. */
static int
check_dict(PyObject *space, struct fail *f)
{
	struct dict_table d = dict_table_of(sample(space, "table"));
	struct dict_entry gone = dict_table_entry(&d, 0);
	struct dict_entry left = dict_table_entry(&d, 1);
	size_t slot = 0, dummies = 0;

	if (d.slots != 8 || d.nentries != 2 || d.used != 1 || gone.key ||
		!left.key || left.hash == -1)
		return wrong(f, "dict");
	for (slot = 0; slot < d.slots; slot++)
		dummies += dict_table_index(&d, slot) == DICT_DUMMY;
	struct dict_probe p = dict_table_probe(&d, left.hash);
	for (slot = 0;
		slot < d.slots && dict_table_index(&d, p.slot) != left.index;
		slot++)
		dict_table_probe_next(&p);
	if (dummies != 1 || slot == d.slots || PyLong_AsLong(left.value) != 2)
		return wrong(f, "dict");
	return 0;
}

static int
check_set(PyObject *space, struct fail *f)
{
	const PySetObject *s = (const PySetObject *)sample(space, "bag");

	/* 5 came first, and is its own hash. */
	if (s->mask != 7 || s->used != 2 || s->table[5].hash != 5 ||
		PyLong_AsLong(s->table[5].key) != 5)
		return wrong(f, "set");
	return 0;
}

struct seen {
	PyObject *value[2]; /* borrowed */
	size_t n;
};

static void
note(const struct objects_attribute *a, void *data)
{
	struct seen *s = data;

	if (s->n < 2)
		s->value[s->n] = a->value;
	s->n++;
}

static int
check_instances(PyObject *space, struct fail *f)
{
	PyObject *b_grown = sample(space, "grown");
	struct seen slots = {.n = 0}, plain = {.n = 0};

	objects_instance_each(sample(space, "slots"), note, &slots);
	objects_instance_each(sample(space, "plain"), note, &plain);
	if (slots.n != 1 || slots.value[0] != b_grown || plain.n != 2 ||
		plain.value[0] != b_grown ||
		plain.value[1] != sample(space, "table"))
		return wrong(f, "an instance");
	return 0;
}

static int
check_generator(PyObject *space, struct fail *f)
{
	struct frames_generator g;
	struct frames_local local;
	int at = 0;

	if (!frames_generator(sample(space, "generator"), &g) ||
		g.state != FRAMES_SUSPENDED || g.line != 7 || !g.frame ||
		!frames_next_local_in(g.frame, &at, &local) ||
		frames_local_value(&local) != sample(space, "grown"))
		return wrong(f, "a generator");
	return 0;
}

static int
check(struct fail *f)
{
	scope_py PyObject *space = PyDict_New();

	if (!space || PyDict_SetItemString(
			      space, "__builtins__", PyEval_GetBuiltins()))
		return fail_set(f, "no memory");
	scope_py PyObject *done =
		PyRun_String(source, Py_file_input, space, space);
	if (!done) {
		PyErr_Print();
		return fail_set(f, "samples cannot be made");
	}
	return check_list(space, f) || check_dict(space, f) ||
			       check_set(space, f) ||
			       check_instances(space, f) ||
			       check_generator(space, f) ||
			       check_samples(space, f)
		       ? -1
		       : 0;
}

/* In a process of its own, so that a pointer that is none ends that alone. */
int
objects_check(struct fail *f)
{
	int pair[2], status = 0;

	if (pipe2(pair, O_CLOEXEC))
		return fail_errno(f, "pipe");
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		struct fail why = {0};
		int rc = check(&why);
		(void)!write(pair[1], why.text, strlen(why.text));
		_exit(rc ? 1 : 0);
	}
	close(pair[1]);
	scope_fd int from = pair[0];
	char text[sizeof(f->text)] = "";
	if (pid < 0)
		return fail_errno(f, "fork");
	ssize_t n = read(from, text, sizeof(text) - 1);
	if (waitpid(pid, &status, 0) != pid)
		return fail_errno(f, "waitpid");
	if (status == 0)
		return 0;
	return fail_set(f, "%s",
		n > 0 ? text : "a look at known objects ended by a signal");
}
