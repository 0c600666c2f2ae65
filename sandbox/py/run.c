/*
 * One pass of one snippet, as `python3 main.py args` would run it
 * (Modules/main.c, pymain_run_file; Python/pythonrun.c, 3.11).
 */
#include "sandbox/py/internal.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/scope.h"
#include "sandbox/gcov.h"
#include "sandbox/lenses/lens.h"
#include "sandbox/py/clock.h"
#include "sandbox/py/lock.h"
#include "wire/bundle.h"

static int64_t
cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void
record_int(struct record_writer *r, const char *member, int64_t v)
{
	py_lock();
	jsonw_int(record_begin(r, RECORD_SET, RECORD_RUN, member), v);
	record_commit(r);
	py_unlock();
}

static PyObject *
compile(const struct py_pass *p, struct buf *ret_source)
{
	scope_fd int fd = open(p->script, O_RDONLY | O_CLOEXEC);
	scope_py PyObject *name = PyUnicode_FromString(p->script);
	struct fail f = {0};
	/* Without any, 3.9 would not look for a coding or a BOM. */
	PyCompilerFlags flags = _PyCompilerFlags_INIT;

	if (fd < 0 || io_read_all(fd, ret_source, &f) || !name) {
		PyErr_Format(PyExc_OSError, "cannot read main.py: %s", f.text);
		return NULL;
	}
	return Py_CompileStringObject(ret_source->data ? ret_source->data : "",
		name, Py_file_input, &flags, -1);
}

enum step { BEGIN, REFUSED, END, JOINED };

static void
each_lens(const struct py_pass *p, const struct lens_run *r, enum step step)
{
	for (size_t i = 0; i < LENS_COUNT; i++) {
		const struct lens_ops *l = lenses[i];
		void (*const steps[])(const struct lens_run *) = {
			[BEGIN] = l->begin,
			[REFUSED] = l->refused,
			[END] = l->end,
			[JOINED] = l->joined};
		if (!(p->lenses & BIT(l->id)) || !steps[step])
			continue;
		steps[step](r);
		PyErr_Clear();
	}
}

/* The source does not compile: the exception stays set. */
static void
refuse(const struct py_pass *p, struct lens_run *r)
{
	PyObject *type, *value, *tb;

	PyErr_Fetch(&type, &value, &tb);
	PyErr_NormalizeException(&type, &value, &tb);
	r->error = value;
	each_lens(p, r, REFUSED);
	r->error = NULL;
	PyErr_Restore(type, value, tb);
}

/* handle_system_exit(): None is 0, an int itself, anything else is printed. */
static int
exit_status(PyObject *value)
{
	PyObject *held = Py_NewRef(value);

	if (PyExceptionInstance_Check(value)) {
		PyObject *code = PyObject_GetAttrString(value, "code");
		if (code)
			Py_SETREF(held, code);
		PyErr_Clear();
	}
	scope_py PyObject *code = held;
	if (code == Py_None)
		return 0;
	if (PyLong_Check(code)) {
		long status = PyLong_AsLong(code);
		PyErr_Clear();
		return (int)status & 0xff;
	}
	PyObject *b_err = PySys_GetObject("stderr");
	if (b_err && b_err != Py_None) {
		PyFile_WriteObject(code, b_err, Py_PRINT_RAW);
		PyFile_WriteString("\n", b_err);
	}
	PyErr_Clear();
	return 1;
}

/* Memory that a snippet does not get, so that there is some to say that it ran
 * out: while the traceback is printed, its objects are still there. */
#define RESERVE_BYTES (2 * MIB)
static void *reserve = MAP_FAILED;

static void
take_reserve(void)
{
	/* Never touched: it counts towards RLIMIT_DATA, and takes no memory. */
	reserve = mmap(NULL, RESERVE_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void
release_reserve(void)
{
	if (reserve != MAP_FAILED)
		munmap(reserve, RESERVE_BYTES);
	reserve = MAP_FAILED;
}

/* Prints and records the exception that is set.  Returns the exit status;
 * *ret_interrupt says that it was a KeyboardInterrupt. */
static int
report_exception(
	const struct py_pass *p, const char *phase, bool *ret_interrupt)
{
	PyObject *type, *value, *tb;
	int status = 1;

	release_reserve();
	PyErr_Fetch(&type, &value, &tb);
	PyErr_NormalizeException(&type, &value, &tb);
	if (tb)
		PyException_SetTraceback(value, tb);
	if (PyErr_GivenExceptionMatches(type, PyExc_SystemExit)) {
		status = exit_status(value);
		Py_XDECREF(type);
		Py_XDECREF(value);
		Py_XDECREF(tb);
		return status;
	}
	*ret_interrupt = type == PyExc_KeyboardInterrupt; /* and no subclass */
	scope_py PyObject *text = py_display(type, value, tb);
	py_record_exception(
		p->records, p->script, phase, type, value, tb, text);
	Py_XDECREF(type);
	Py_XDECREF(value);
	Py_XDECREF(tb);
	return status;
}

/* Runs the code; the lenses are told before and after. */
static int
execute(const struct py_pass *p, struct lens_run *r, bool *ret_interrupt)
{
	PyObject *type, *value, *tb;
	struct py_gc_count count = py_gc_count();

	each_lens(p, r, BEGIN);
	py_gc_set_count(count);
	if (!pass_runs(p->pass))
		return 0;
	int64_t cpu = cpu_ns();
	int64_t wall = io_now_ns();
	PyObject *result = PyEval_EvalCode(r->code, r->globals, r->globals);
	wall = io_now_ns() - wall;
	cpu = cpu_ns() - cpu;
	Py_XDECREF(result);
	PyErr_Fetch(&type, &value, &tb);
	record_int(p->records, "exec_wall_ns", wall);
	record_int(p->records, "exec_cpu_ns", cpu);
	each_lens(p, r, END);
	PyErr_Restore(type, value, tb);
	py_flush();
	return result ? 0 : report_exception(p, "run", ret_interrupt);
}

/* Each run of a request has the clock that it asked for.  0, or -1. */
static int
begin_clock(const struct py_pass *p)
{
	struct lens_run r = {.bundle = p->bundle, .bundle_len = p->bundle_len};
	struct py_gc_count count = py_gc_count();
	size_t at = 0, n;

	if (!pass_runs(p->pass) ||
		!lens_option(&r, "tasks.virtual_clock", &at, &n))
		return 0;
	int failed = py_clock_begin();
	py_gc_set_count(count);
	return failed;
}

static int
run(const struct py_pass *p, bool *ret_interrupt)
{
	/* Before modules of the program's own are in the way. */
	if (begin_clock(p))
		return report_exception(p, "compile", ret_interrupt);
	py_yield_modules(p);
	/* What does not run it finds none of its files, whatever is imported to
	 * look at it: from 3.15 on modules of the library do so late. */
	if (py_set_arguments(p) ||
		(pass_runs(p->pass) && py_set_path(p->script)))
		return report_exception(p, "compile", ret_interrupt);
	PyObject *b_dict = py_make_main(p->script);
	if (!b_dict)
		return report_exception(p, "compile", ret_interrupt);
	scope_buf struct buf source = BUF_INIT(MAX_CODE_BYTES);
	int64_t began = io_now_ns();
	scope_py PyObject *code = compile(p, &source);
	if (code)
		record_int(p->records, "compile_ns", io_now_ns() - began);
	if (pass_runs(p->pass))
		buf_free(&source);

	struct lens_run r = {.pass = p->pass,
		.code = code,
		.globals = b_dict,
		.source = source.data ? source.data : "",
		.source_len = source.len,
		.script = p->script,
		.bundle = p->bundle,
		.bundle_len = p->bundle_len,
		.limits = p->limits,
		.records = p->records};
	if (!code) {
		refuse(p, &r);
		return report_exception(p, "compile", ret_interrupt);
	}
	int status = execute(p, &r, ret_interrupt);
	if (pass_runs(p->pass)) {
		py_join_threads();
		each_lens(p, &r, JOINED);
	}
	return status;
}

/* From the end of the program on, however it ended. */
static int
finish(const struct py_pass *p, int status, bool interrupted)
{
	if (py_shutdown(p->script))
		status = 120;
	record_int(p->records, "end", status);
	if (interrupted) {
		/* exit_sigint(): so that a caller sees what it was. */
		signal(SIGINT, SIG_DFL);
		kill(getpid(), SIGINT);
	}
	return status;
}

int
py_run(const struct py_pass *p)
{
	bool interrupted = false;

	take_reserve();
	int status = run(p, &interrupted);
	return finish(p, status, interrupted);
}

_Noreturn void
py_run_apart(const struct lens_run *r,
	void (*raised)(PyObject *type, PyObject *value, PyObject *tb))
{
	struct py_pass p = {
		.pass = r->pass, .script = r->script, .records = r->records};
	PyObject *type, *value, *tb;
	bool interrupted = false;
	int status = 0;

	PyObject *result =
		py_set_path(p.script)
			? NULL
			: PyEval_EvalCode(r->code, r->globals, r->globals);
	if (!result) {
		PyErr_Fetch(&type, &value, &tb);
		PyErr_NormalizeException(&type, &value, &tb);
		raised(type, value, tb);
		PyErr_Restore(type, value, tb);
	}
	py_flush();
	if (!result)
		status = report_exception(&p, "run", &interrupted);
	Py_XDECREF(result);
	py_join_threads();
	status = finish(&p, status, interrupted);
	gcov_flush(1);
	_exit(status);
}
