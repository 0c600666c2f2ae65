/*
 * Is what CPython calls in libc ours, and does multiprocessing do as it is
 * known?  A program of ours is run, in a process of its own, and what was heard
 * of it is held against what it does.
 */
#include "sandbox/lenses/processes.h"

#include <sys/wait.h>

#include "sandbox/py/internal.h"

#define wrong(f, what) fail_set(f, "processes are not as expected: %s", what)

/* With a directory it is no posix_spawn(), which from 3.13 on it is else. */
static const char program[] = "here, there = connection.Pipe(False)\n"
			      "pid = os.fork()\n"
			      "if not pid:\n"
			      "    there.send('known')\n"
			      "    os._exit(7)\n"
			      "here.recv()\n"
			      "os.waitpid(pid, 0)\n"
			      "try:\n"
			      "    subprocess.Popen(['/nowhere'], cwd='/')\n"
			      "except OSError:\n"
			      "    pass\n";

enum { FIRST, CHILD, OTHER, ROWS };

static bool
is_child_as_known(const struct processes_row *row)
{
	return row->there && row->parent == FIRST &&
	       row->how == PROCESSES_FORK && row->line == 2 &&
	       row->ended >= row->began && row->waited >= row->ended &&
	       row->wait_line == 7 && WIFEXITED(row->status) &&
	       WEXITSTATUS(row->status) == 7 && row->exit_code == 7 &&
	       row->faults > 0 && row->all_faults >= row->faults;
}

static bool
is_other_as_known(const struct processes_row *row)
{
	return row->there && row->how == PROCESSES_SUBPROCESS &&
	       row->line == 9 && !row->replaced && WIFEXITED(row->status) &&
	       WEXITSTATUS(row->status) == 255;
}

static int
look_at_table(struct fail *f)
{
	const struct processes_row *first = &processes_table->of[FIRST];
	const struct processes_row *child = &processes_table->of[CHILD];

	if (processes_table->n != ROWS)
		return wrong(f, "how many there are");
	if (!is_child_as_known(child))
		return wrong(f, "one that is forked");
	if (!is_other_as_known(&processes_table->of[OTHER]))
		return wrong(f, "one by subprocess");
	if (child->pickled.messages != 1 || child->place[0].line != 4 ||
		child->pickled.bytes <= sizeof("known") - 1 ||
		first->unpickled.messages != 1 || first->place[0].line != 6 ||
		first->unpickled.bytes != child->pickled.bytes)
		return wrong(f, "a message");
	return 0;
}

static int
look(struct fail *f)
{
	scope_py PyObject *code =
		Py_CompileString(program, "/known.py", Py_file_input);
	scope_py PyObject *os = PyImport_ImportModule("os");
	scope_py PyObject *subprocess = PyImport_ImportModule("subprocess");
	scope_py PyObject *connection =
		PyImport_ImportModule("multiprocessing.connection");
	scope_py PyObject *space =
		os && subprocess && connection
			? Py_BuildValue("{s:O,s:O,s:O,s:O}", "__builtins__",
				  PyEval_GetBuiltins(), "os", os, "subprocess",
				  subprocess, "connection", connection)
			: NULL;

	if (!code || !space || processes_table_begin()) {
		PyErr_Print();
		return fail_set(f, "multiprocessing cannot be had to try it");
	}
	processes_places_begin((PyCodeObject *)code);
	processes_pickle_begin();
	processes_hooks_begin();
	scope_py PyObject *done = PyEval_EvalCode(code, space, space);
	if (!done) {
		PyErr_Print();
		return fail_set(f, "a known program with processes fails");
	}
	return look_at_table(f);
}

int
processes_check(struct fail *f)
{
	return py_apart(look, f);
}
