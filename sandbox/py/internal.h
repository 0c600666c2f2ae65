/* What the files of sandbox/py share; needs Python.h. */
#ifndef SANDBOX_PY_INTERNAL_H
#define SANDBOX_PY_INTERNAL_H

#include <Python.h>

#include <stdbool.h>

#include "base/jsonw.h"
#include "sandbox/py/child.h"
#include "sandbox/py/scope_py.h"

/* settle.c: collects, and makes the collector look as in a fresh interpreter;
 * with freeze, what is alive is not looked at any more.  0 or -1. */
int py_settle_gc(bool freeze);
/* settle.c: how many objects were made since the collector last ran, which
 * decides when it runs next; without a GIL also how many of this thread's are
 * not among them yet. */
struct py_gc_count {
	int all, own;
};
struct py_gc_count py_gc_count(void);
void py_gc_set_count(struct py_gc_count count);

/* apart.c: zygote.  Has a process of its own `look`, which may well end by what
 * it reads, or never; whatever it does is gone with it.  0, or -1 with its
 * reason. */
int py_apart(int (*look)(struct fail *f), struct fail *f);

/* run.c: a process of its own that a lens forked in a pass that runs nothing:
 * runs the program as py_run() does in a pass, shuts down, and ends by its exit
 * status.  `raised` is told of the exception that it ends by, normalised and
 * borrowed, before that is printed.  Records go nowhere. */
struct lens_run;
_Noreturn void py_run_apart(const struct lens_run *r,
	void (*raised)(PyObject *type, PyObject *value, PyObject *tb));

/* holes.c: zygote, warmed: what children allocate is in pools of its own. */
void py_fill_holes(void);

/* What was looked up in the zygote, before any snippet could change it. */
struct py_kept {
	PyObject *format_exception; /* traceback.format_exception */
	PyObject *run_exitfuncs;    /* atexit._run_exitfuncs */
	PyObject *file_loader;	    /* importlib's SourceFileLoader */
	PyObject *excepthook;	    /* sys.excepthook */
	PyObject *getline;	    /* linecache.getline */
	enum zygote zygote;	    /* which one this is */
	PyObject *numpy_seed; /* numpy.random.seed, where it is imported */
	PyObject *at_start;   /* names of modules that python3 starts with */
	/* Names as they were, of each module that getline and
	 * format_exception look names up in: tuples (dict, its copy). */
	PyObject *untouched;
};
extern struct py_kept py_kept;

/* json.c: writes None, bool, int, str, list, tuple, dict (str keys). */
void py_json(struct jsonw *w, PyObject *o);
/* json.c: writes a str as UTF-8, lone surrogates as backslash escapes. */
void py_json_str(struct jsonw *w, PyObject *str);

/* display.c: prints the exception by sys.excepthook.  Returns what was printed,
 * or NULL when the hook is not the interpreter's own.  No error is left set. */
PyObject *py_display(PyObject *type, PyObject *value, PyObject *tb);

/* message.c: str(value), without running code of the snippet: made, or taken
 * out of `text`, which was printed (may be NULL).  NULL: neither can be. */
PyObject *py_message(PyObject *value, PyObject *name, PyObject *text);
/* message.c: would str(value) run nothing of the snippet's? */
bool py_message_is_plain(PyObject *value);

/* exception.c: writes the run-level record "exception" for the exception given
 * (normalised; borrowed).  phase is "compile" or "run"; text is what was
 * printed of it, or NULL. */
void py_record_exception(struct record_writer *r, const char *script,
	const char *phase, PyObject *type, PyObject *value, PyObject *tb,
	PyObject *text);

/* main_module.c: sys.argv and sys.orig_argv; the script's directory as
 * sys.path[0].  0, or -1 with an exception set. */
int py_set_arguments(const struct py_pass *p);
int py_set_path(const char *script);
/* main_module.c: __main__ as add_main_module() and PyRun_SimpleFile make it
 * (3.11); a new one, because the zygote's is out of the collector's sight.
 * Borrowed dict, or NULL with an exception set. */
PyObject *py_make_main(const char *script);

/* yield.c: modules that were imported ahead of need give way to files of the
 * run with their names, which come first on sys.path. */
void py_yield_modules(const struct py_pass *p);

/* shutdown.c: what Py_FinalizeEx does that a program can see: joins threads;
 * then runs atexit functions, drops __main__ and the snippet's modules so that
 * finalisers run, flushes the streams.  Returns -1 when flushing failed. */
void py_join_threads(void);
/* shutdown.c: zygote, warmed: notes what is there before any program.  0, or -1
 * when memory does not suffice. */
int py_keep_objects(void);
/* shutdown.c: flushes the streams, and keeps the exception that is set. */
void py_flush(void);
int py_shutdown(const char *script);
/* shutdown.c: ahead of need, looks at all that py_shutdown() will look at, and
 * changes nothing. */
void py_rehearse_shutdown(const char *script);

#endif
