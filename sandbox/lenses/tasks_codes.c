/*
 * Code of asyncio's own, by file and name: Lib/asyncio of CPython 3.9 and 3.11
 * to 3.15.
 */
#include "sandbox/lenses/tasks.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/objects.h"

#define SLOTS 8192 /* a power of two */
/* Frames of others between one and the script's that called it. */
#define MAX_BETWEEN 1000

/* name "": all of the file that is not said before. */
static const struct known {
	const char *file, *name, *class;
	enum tasks_role role;
} known[] = {
	{"asyncio/events.py", "_run", "Handle", TASKS_RUN},
	{"asyncio/base_events.py", "_call_soon", NULL, TASKS_SOON},
	{"asyncio/base_events.py", "run_forever", NULL, TASKS_FOREVER},
	{"asyncio/base_events.py", "_run_once", NULL, TASKS_ONCE},
	{"asyncio/base_events.py", "close", "BaseEventLoop", TASKS_CLOSE},
	{"asyncio/base_events.py", "create_task", NULL, TASKS_CREATE},
	{"asyncio/base_events.py", "run_in_executor", NULL, TASKS_EXECUTOR},
	{"asyncio/base_events.py", "", NULL, TASKS_IO},
	{"asyncio/tasks.py", "factory", NULL, TASKS_CREATE},
	{"asyncio/tasks.py", "__init__", "Task", TASKS_PYTHON},
	{"asyncio/tasks.py", "sleep", NULL, TASKS_SLEEP},
	{"asyncio/tasks.py", "__sleep0", NULL, TASKS_YIELD},
	{"asyncio/tasks.py", "_wait", NULL, TASKS_WAIT},
	{"asyncio/tasks.py", "wait_for", NULL, TASKS_WAIT_FOR},
	{"asyncio/tasks.py", "_cancel_and_wait", NULL, TASKS_WAIT_FOR},
	{"asyncio/tasks.py", "shield", NULL, TASKS_SHIELD},
	{"asyncio/taskgroups.py", "__aexit__", NULL, TASKS_GROUP},
	{"asyncio/taskgroups.py", "_aexit", NULL, TASKS_GROUP},
	{"asyncio/locks.py", "acquire", "Lock", TASKS_ACQUIRE},
	{"asyncio/locks.py", "release", "Lock", TASKS_RELEASE},
	{"asyncio/locks.py", "", NULL, TASKS_SYNC},
	{"asyncio/queues.py", "", NULL, TASKS_QUEUE},
	{"asyncio/streams.py", "", NULL, TASKS_IO},
	{"asyncio/selector_events.py", "", NULL, TASKS_IO},
	{"asyncio/subprocess.py", "", NULL, TASKS_IO},
	{"asyncio/base_subprocess.py", "", NULL, TASKS_IO},
	{"asyncio/unix_events.py", "", NULL, TASKS_IO},
	{"asyncio/sslproto.py", "", NULL, TASKS_IO},
	{"asyncio/", "", NULL, TASKS_LIBRARY},
	{"selectors.py", "select", NULL, TASKS_SELECT},
};

static struct {
	struct objects_text directory; /* of the standard library, with a / */
	PyObject *script;	       /* its filename; only compared */
	struct tasks_code slots[SLOTS];
	uint32_t used;
} codes;

int
tasks_codes_warm(struct fail *f)
{
	scope_py PyObject *module = PyImport_ImportModule("threading");
	PyObject *b_file =
		module ? PyDict_GetItemString(
				 PyModule_GetDict(module), "__file__")
		       : NULL;

	codes.directory.n = 0;
	if (b_file)
		objects_text_str(&codes.directory, b_file);
	char *slash = b_file ? strrchr(codes.directory.bytes, '/') : NULL;
	if (!slash || codes.directory.cut)
		return fail_set(f, "the standard library is not found");
	slash[1] = '\0';
	codes.directory.n = strlen(codes.directory.bytes);
	return 0;
}

void
tasks_codes_begin(PyCodeObject *script)
{
	codes.script = script->co_filename;
	memset(codes.slots, 0, sizeof(codes.slots));
	codes.used = 0;
}

/* Is it a method of that class?  Names of 3.9 do not say so: there only Task is
 * to be told from others of the same file, by what it is made with. */
static bool
is_of_class(PyCodeObject *b_code, const char *class)
{
#if PY_VERSION_HEX >= PY_3_11
	struct objects_text text = {.n = 0};
	size_t n = strlen(class);

	objects_text_str(&text, b_code->co_qualname);
	return strncmp(text.bytes, class, n) == 0 && text.bytes[n] == '.';
#else
	PyObject *b_names = b_code->co_varnames;

	return strcmp(class, "Task") != 0 ||
	       (PyTuple_GET_SIZE(b_names) > 1 &&
		       objects_text_equals(
			       PyTuple_GET_ITEM(b_names, 1), "coro", 4));
#endif
}

static bool
is_known(const struct known *k, const char *file, PyCodeObject *b_code)
{
	size_t n = strlen(k->file);

	if (k->file[n - 1] == '/' ? strncmp(file, k->file, n) != 0
				  : strcmp(file, k->file) != 0)
		return false;
	if (!*k->name)
		return true;
	return objects_text_equals(b_code->co_name, k->name, strlen(k->name)) &&
	       (!k->class || is_of_class(b_code, k->class));
}

static enum tasks_role
role_of(PyCodeObject *b_code)
{
	struct objects_text text = {.n = 0};
	size_t n = codes.directory.n;

	objects_text_str(&text, b_code->co_filename);
	if (text.cut || text.n < n ||
		memcmp(text.bytes, codes.directory.bytes, n) != 0)
		return TASKS_OTHER;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (is_known(&known[i], text.bytes + n, b_code))
			return known[i].role;
	return TASKS_OTHER;
}

struct tasks_code
tasks_codes_of(PyCodeObject *b_code)
{
	struct tasks_code want = {.key = b_code,
		.b_name = b_code->co_name,
		.b_file = b_code->co_filename,
		.line = b_code->co_firstlineno};
	uint64_t hash = ((uintptr_t)b_code >> 4) * 0x9e3779b97f4a7c15ull;
	size_t i = hash >> 51;

	/* Those that are gone stay until it is emptied. */
	if (codes.used > SLOTS / 4 * 3) {
		memset(codes.slots, 0, sizeof(codes.slots));
		codes.used = 0;
	}
	for (struct tasks_code *s; (s = &codes.slots[i])->key;
		i = (i + 1) & (SLOTS - 1))
		if (s->key == want.key && s->b_name == want.b_name &&
			s->b_file == want.b_file && s->line == want.line)
			return *s;
	want.ours = b_code->co_filename == codes.script;
	want.role = want.ours ? TASKS_OTHER : role_of(b_code);
	want.coroutine =
		b_code->co_flags & (CO_COROUTINE | CO_ITERABLE_COROUTINE);
	want.waits = want.coroutine ||
		     b_code->co_flags & (CO_GENERATOR | CO_ASYNC_GENERATOR);
	codes.slots[i] = want;
	codes.used++;
	return want;
}

/* A frame of the script's, for tasks_codes_here(). */
static PyCodeObject *
told(const struct frames_at *at, int *ret_line)
{
	int line = PyCode_Addr2Line(at->code, at->instruction);

	*ret_line = line > 0 ? line : 0;
	return at->code;
}

PyCodeObject *
tasks_codes_here(unsigned skip, int *ret_line)
{
	PyThreadState *thread = PyThreadState_Get();
	struct frames_at at;
	void *frame = NULL;

	*ret_line = 0;
	for (unsigned n = 0;
		n < MAX_BETWEEN && frames_next(thread, &frame, &at); n++)
		if (n >= skip && at.code->co_filename == codes.script)
			return told(&at, ret_line);
	return NULL;
}

PyCodeObject *
tasks_codes_maker(unsigned skip, int *ret_line)
{
	PyThreadState *thread = PyThreadState_Get();
	struct frames_at at, first = {NULL, 0};
	void *frame = NULL;

	*ret_line = 0;
	for (unsigned n = 0;
		n < MAX_BETWEEN && frames_next(thread, &frame, &at); n++) {
		if (n < skip)
			continue;
		struct tasks_code code = tasks_codes_of(at.code);
		if (code.ours && !first.code)
			first = at;
		/* What a factory or a loop of the script's does for it is
		 * further in. */
		if (code.role == TASKS_CREATE)
			return tasks_codes_here(n, ret_line);
		if (code.waits || code.role == TASKS_RUN)
			break;
	}
	return first.code ? told(&first, ret_line)
			  : tasks_codes_here(skip, ret_line);
}
