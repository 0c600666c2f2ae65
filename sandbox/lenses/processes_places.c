/*
 * Where this thread is: the line of the script, and which code of the library
 * stands between that line and the call, by file and name: Lib/multiprocessing,
 * Lib/concurrent/futures/process.py and Lib/subprocess.py of CPython 3.9 to
 * 3.15.
 */
#include "sandbox/lenses/processes.h"

#include <string.h>

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/objects.h"
#include "sandbox/py/lock.h"

/* Frames that are looked at, from the innermost on. */
#define MAX_FRAMES 1000

static PyObject *file; /* of the script; only compared */

/* name "": any function of the file. */
static const struct known {
	const char *file, *name;
	enum processes_how how;
	enum processes_by by;
} starts[] = {
	{"/multiprocessing/popen_fork.py", "_launch", PROCESSES_MP_FORK, 0},
	{"/multiprocessing/popen_spawn_posix.py", "_launch", PROCESSES_MP_SPAWN,
		0},
	{"/multiprocessing/forkserver.py", "", PROCESSES_MP_SERVER, 0},
	{"/multiprocessing/resource_tracker.py", "", PROCESSES_MP_TRACKER, 0},
	{"/subprocess.py", "", PROCESSES_SUBPROCESS, 0},
	{"/multiprocessing/pool.py", "", 0, PROCESSES_BY_POOL},
	{"/multiprocessing/managers.py", "", 0, PROCESSES_BY_MANAGER},
	{"/concurrent/futures/process.py", "", 0, PROCESSES_BY_EXECUTOR},
};

void
processes_places_begin(PyCodeObject *script)
{
	file = script->co_filename;
}

static bool
is_code(PyCodeObject *code, const char *path, const char *name)
{
	struct objects_text text = {.n = 0};
	size_t n = strlen(path);

	if (*name && !objects_text_equals(code->co_name, name, strlen(name)))
		return false;
	objects_text_str(&text, code->co_filename);
	return text.n >= n && strcmp(text.bytes + text.n - n, path) == 0;
}

int
processes_places_line(void)
{
	PyThreadState *thread = PyGILState_GetThisThreadState();
	struct frames_at at;
	void *frame = NULL;

	for (int n = 0;
		thread && n < MAX_FRAMES && frames_next(thread, &frame, &at);
		n++)
		if (at.code->co_filename == file) {
			int line = PyCode_Addr2Line(at.code, at.instruction);
			return line > 0 ? line : 0;
		}
	return 0;
}

struct told {
	void *frame;
	struct objects_text name;
};

static void
look_at_attribute(const struct objects_attribute *a, void *data)
{
	struct told *told = data;

	if (a->key && PyUnicode_CheckExact(a->key) && a->value &&
		PyUnicode_CheckExact(a->value) &&
		objects_text_equals(a->key, "_name", 5)) {
		told->name.n = 0;
		objects_text_str(&told->name, a->value);
	}
}

/* While no other thread changes it: Popen._launch(self, process_obj). */
static void
look_at_object(void *data)
{
	struct told *told = data;

	objects_instance_each_of_local(
		told->frame, "process_obj", look_at_attribute, told);
}

static void
put_name(struct processes_row *row, void *frame)
{
	struct told told = {.frame = frame};

	/* os.fork() has stopped all other threads by now (PyOS_BeforeFork(),
	 * Modules/posixmodule.c of 3.13), and that is not to be done twice. */
	if (row->how == PROCESSES_MP_FORK)
		look_at_object(&told);
	else
		py_alone(look_at_object, &told);
	size_t n = told.name.n;
	if (n >= sizeof(row->name))
		n = sizeof(row->name) - 1;
	/* Not within a character. */
	while (n < told.name.n && n && (told.name.bytes[n] & 0xc0) == 0x80)
		n--;
	memcpy(row->name, told.name.bytes, n);
	row->name[n] = '\0';
}

static void
look_at_code(struct processes_row *row, const struct frames_at *at, void *frame)
{
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		const struct known *k = &starts[i];
		if (!is_code(at->code, k->file, k->name))
			continue;
		if (k->by && row->by == PROCESSES_BY_NOBODY)
			row->by = k->by;
		if (k->how && (row->how == PROCESSES_FORK ||
				      row->how == PROCESSES_SPAWN))
			row->how = k->how;
		if (k->how == PROCESSES_MP_FORK || k->how == PROCESSES_MP_SPAWN)
			put_name(row, frame);
		return;
	}
}

void
processes_places_start(struct processes_row *row, enum processes_how how)
{
	PyThreadState *thread = PyGILState_GetThisThreadState();
	struct frames_at at;
	void *frame = NULL;

	row->how = how;
	for (int n = 0;
		thread && n < MAX_FRAMES && frames_next(thread, &frame, &at);
		n++) {
		if (at.code->co_filename == file) {
			int line = PyCode_Addr2Line(at.code, at.instruction);
			row->line = line > 0 ? line : 0;
			return;
		}
		look_at_code(row, &at, frame);
	}
}

enum processes_use
processes_places_use(void)
{
	static const struct {
		const char *file, *name;
		enum processes_use use;
	} uses[] = {
		{"/multiprocessing/reduction.py", "dumps", PROCESSES_PICKLED},
		{"/multiprocessing/popen_spawn_posix.py", "_launch",
			PROCESSES_PICKLED},
		{"/multiprocessing/popen_forkserver.py", "_launch",
			PROCESSES_PICKLED},
		{"/multiprocessing/connection.py", "recv", PROCESSES_UNPICKLED},
	};
	PyThreadState *thread = PyGILState_GetThisThreadState();
	struct frames_at at;
	void *frame = NULL;

	if (!thread || !frames_next(thread, &frame, &at))
		return PROCESSES_NO_USE;
	for (size_t i = 0; i < sizeof(uses) / sizeof(*uses); i++)
		if (is_code(at.code, uses[i].file, uses[i].name))
			return uses[i].use;
	/* Queues unpickle what they receive as bytes. */
	if (is_code(at.code, "/multiprocessing/connection.py", "recv_bytes") &&
		frames_next(thread, &frame, &at) &&
		is_code(at.code, "/multiprocessing/queues.py", "get"))
		return PROCESSES_UNPICKLED;
	return PROCESSES_NO_USE;
}
