/* The interpreter of the zygote: made once, warm, never given a snippet. */
#include "sandbox/py/internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/lenses/lens.h"

struct py_kept py_kept;

/* What a run itself needs: each is paid at every fork, in page tables. */
static const char *const preload[] = {"atexit", "gc", "importlib.machinery",
	"linecache", "time", "traceback"};

/* CPython specialises an instruction after some sixteen turns. */
#define REHEARSALS 20

static const struct lens_ops *const lenses[] = {
	&lens_bytecode, &lens_refcounts, &lens_gc, &lens_timing, &lens_ast};

static int
status_fail(PyStatus s, struct fail *f)
{
	if (!PyStatus_Exception(s))
		return 0;
	return fail_set(f, "Python cannot start: %s",
		s.err_msg ? s.err_msg : "no reason given");
}

static int
configure(const struct py_config *c, PyConfig *py, struct fail *f)
{
	/* As `python3 main.py` would start, in the environment that the runner
	 * has fixed; what differs is said here. */
	py->parse_argv = 0;
	py->pathconfig_warnings = 0;
	py->user_site_directory = 0;
	py->write_bytecode = 0;
	if (c->hash_seed >= 0) {
		py->use_hash_seed = 1;
		py->hash_seed = (unsigned long)c->hash_seed;
	}
	if (status_fail(PyConfig_SetBytesString(py, &py->home, c->home), f) ||
		status_fail(PyConfig_SetBytesString(
				    py, &py->executable, c->executable),
			f) ||
		status_fail(PyConfig_SetBytesString(
				    py, &py->program_name, c->executable),
			f))
		return -1;
	return status_fail(Py_InitializeFromConfig(py), f);
}

/* Streams as the child will have them: pipes, so that what Python keeps of
 * their nature (not a terminal, not seekable) is true there. */
static int
make_streams(struct fail *f)
{
	int pair[2];

	if (pipe(pair))
		return fail_errno(f, "pipe");
	if (dup2(pair[0], 0) < 0 || dup2(pair[1], 1) < 0)
		return fail_errno(f, "dup2");
	for (int i = 0; i < 2; i++)
		if (pair[i] > 2)
			close(pair[i]);
	return 0;
}

/* Line by line, as on a terminal: what was printed is seen after a kill. */
static int
buffer_lines(void)
{
	PyObject *b_out = PySys_GetObject("stdout");
	scope_py PyObject *method =
		b_out ? PyObject_GetAttrString(b_out, "reconfigure") : NULL;
	scope_py PyObject *none = PyTuple_New(0);
	scope_py PyObject *how =
		Py_BuildValue("{s:O}", "line_buffering", Py_True);

	if (!method || !none || !how)
		return -1;
	scope_py PyObject *done = PyObject_Call(method, none, how);
	return done ? 0 : -1;
}

static PyObject *
attribute(const char *module, const char *name)
{
	scope_py PyObject *m = PyImport_ImportModule(module);

	return m ? PyObject_GetAttrString(m, name) : NULL;
}

/* traceback's and linecache's code, and what that calls. */
static const char *const looked_up[] = {
	"builtins", "traceback", "linecache", "tokenize", "os", "posixpath"};

static PyObject *
names_of(const char *module)
{
	scope_py PyObject *m = PyImport_ImportModule(module);
	PyObject *b_names = m ? PyModule_GetDict(m) : NULL;
	scope_py PyObject *copy = b_names ? PyDict_Copy(b_names) : NULL;

	return copy ? PyTuple_Pack(2, b_names, copy) : NULL;
}

static PyObject *
names_of_all(void)
{
	scope_py PyObject *all = PyList_New(0);

	for (size_t i = 0; i < sizeof(looked_up) / sizeof(*looked_up); i++) {
		scope_py PyObject *one = names_of(looked_up[i]);
		if (!all || !one || PyList_Append(all, one))
			return NULL;
	}
	return Py_XNewRef(all);
}

static int
keep(void)
{
	py_kept.at_start = PyDict_Copy(PyImport_GetModuleDict());
	for (size_t i = 0; i < sizeof(preload) / sizeof(*preload); i++) {
		scope_py PyObject *m = PyImport_ImportModule(preload[i]);
		if (!m)
			return -1;
	}
	py_kept.format_exception = attribute("traceback", "format_exception");
	py_kept.excepthook = attribute("sys", "excepthook");
	py_kept.run_exitfuncs = attribute("atexit", "_run_exitfuncs");
	py_kept.file_loader =
		attribute("importlib.machinery", "SourceFileLoader");
	py_kept.getline = attribute("linecache", "getline");
	py_kept.untouched = names_of_all();
	return py_kept.at_start && py_kept.untouched &&
			       py_kept.format_exception && py_kept.excepthook &&
			       py_kept.run_exitfuncs && py_kept.file_loader &&
			       py_kept.getline
		       ? 0
		       : -1;
}

void
py_warm_lenses(struct py_lenses *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < sizeof(lenses) / sizeof(*lenses); i++) {
		struct fail f = {0};
		if (!lenses[i]->warm || lenses[i]->warm(&f) == 0) {
			ret->work |= BIT(lenses[i]->id);
			continue;
		}
		snprintf(ret->note[lenses[i]->id], sizeof(ret->note[0]),
			"%.90s", f.text);
		fprintf(stderr, "lens %s is withdrawn: %s\n",
			lens_name(lenses[i]->id), f.text);
		PyErr_Clear();
	}
}

int
py_import(const char *modules, struct fail *f)
{
	int rc = 0;

	while (*modules) {
		size_t n = strcspn(modules, " ");
		scope_py PyObject *name =
			PyUnicode_FromStringAndSize(modules, (Py_ssize_t)n);
		scope_py PyObject *m = name ? PyImport_Import(name) : NULL;
		if (!m) {
			PyErr_Print();
			rc = fail_set(
				f, "%.*s cannot be imported", (int)n, modules);
		}
		modules += n + strspn(modules + n, " ");
	}
	return rc;
}

/* What makes the runs of numpy's own zygote differ. */
static int
keep_numpy(struct fail *f)
{
	scope_py PyObject *name = PyUnicode_FromString("numpy.random");
	scope_py PyObject *module = name ? PyImport_GetModule(name) : NULL;

	if (module)
		py_kept.numpy_seed = PyObject_GetAttrString(module, "seed");
	if (!PyErr_Occurred())
		return 0;
	PyErr_Print();
	return fail_set(f, "numpy.random has no seed()");
}

int
py_settle(enum zygote z, struct fail *f)
{
	py_kept.zygote = z;
	if (keep_numpy(f))
		return -1;
	for (int i = 0; i < REHEARSALS; i++)
		if (py_rehearse("/main.py", true)) {
			PyErr_Print();
			return fail_set(f, "the rehearsal does not work");
		}
	if (py_keep_objects())
		return fail_set(f, "no memory to note what is loaded");
	py_fill_holes();
	if (py_settle_gc(true)) {
		PyErr_Print();
		return fail_set(f, "the collector cannot be settled");
	}
	return 0;
}

/* The version of numpy, from its metadata: importing it would cost every fork
 * its pages. */
static void
find_numpy(struct msg_hello *h)
{
	static const char ask[] =
		"def ask():\n"
		"    import re\n"
		"    p = '/usr/lib/python3/dist-packages/numpy/version.py'\n"
		"    try:\n"
		"        text = open(p.replace('version', '_version')).read()\n"
		"    except OSError:\n"
		"        try:\n"
		"            text = open(p).read()\n"
		"        except OSError:\n"
		"            return ''\n"
		"    m = re.search(r'\"version\": \"([0-9.]+)\"|version = "
		"[\"\\']([0-9.]+)', text)\n"
		"    return (m[1] or m[2]) if m else 'present'\n"
		"answer = ask()\n";
	scope_py PyObject *space = PyDict_New();

	if (!space)
		return;
	PyDict_SetItemString(space, "__builtins__", PyEval_GetBuiltins());
	scope_py PyObject *done =
		PyRun_String(ask, Py_file_input, space, space);
	PyObject *b_answer = PyDict_GetItemString(space, "answer");
	const char *s = done && b_answer ? PyUnicode_AsUTF8(b_answer) : NULL;
	if (s)
		snprintf(h->numpy, sizeof(h->numpy), "%s", s);
	PyErr_Clear();
}

/* Of the build, as its pyconfig.h has them. */
static const char flags[] = "shared"
#ifdef Py_GIL_DISABLED
			    " free-threaded mimalloc"
#elif defined(WITH_PYMALLOC)
			    " pymalloc"
#endif
#ifdef Py_DEBUG
			    " debug"
#endif
#ifdef Py_TRACE_REFS
			    " trace-refs"
#endif
	;

/* Is it the interpreter that the runner was built for?  Layouts are read. */
static int
check_version(const char *id, struct fail *f)
{
	char built[16], here[16];
#ifdef Py_GIL_DISABLED
	const char *t = "t";
#else
	const char *t = "";
#endif

	snprintf(built, sizeof(built), "%d.%d%s", PY_MAJOR_VERSION,
		PY_MINOR_VERSION, t);
	snprintf(here, sizeof(here), "%.*s%s",
		(int)strspn(Py_GetVersion(), "0123456789."), Py_GetVersion(),
		t);
	if (strcmp(built, id) != 0)
		return fail_set(
			f, "a runner for %s was built for %s", id, built);
	if (strncmp(here, PY_VERSION, strlen(PY_VERSION)) != 0 &&
		strncmp(here, built, strlen(built) - strlen(t)) != 0)
		return fail_set(
			f, "a runner for %s met a CPython %s", id, here);
	return 0;
}

static void
describe(const char *id, struct msg_hello *h)
{
	size_t n;

	snprintf(h->id, sizeof(h->id), "%s", id);
	snprintf(h->flags, sizeof(h->flags), "%s", flags);
	snprintf(h->version, sizeof(h->version), "%.30s", Py_GetVersion());
	h->version[strcspn(h->version, " ")] = '\0';
	n = (size_t)snprintf(
		h->build, sizeof(h->build), "%.120s", Py_GetVersion());
	for (size_t i = 0; i < n && i < sizeof(h->build); i++)
		if (h->build[i] == '\n')
			h->build[i] = ' ';
#if defined(Py_GIL_DISABLED)
	h->gil = 0;
#else
	h->gil = 1;
#endif
	find_numpy(h);
}

int
py_warm(const struct py_config *c, struct msg_hello *ret_hello, struct fail *f)
{
	PyConfig py;

	if (check_version(c->id, f) || make_streams(f))
		return -1;
	PyConfig_InitPythonConfig(&py);
	int rc = configure(c, &py, f);
	PyConfig_Clear(&py);
	if (rc)
		return -1;
	if (buffer_lines() || keep()) {
		PyErr_Print();
		return fail_set(f, "the standard library cannot be loaded");
	}
	describe(c->id, ret_hello);
	return 0;
}

void
py_before_fork(void)
{
	PyOS_BeforeFork();
}

void
py_after_fork_parent(void)
{
	PyOS_AfterFork_Parent();
}

/* The generator behind numpy.random's functions has the state that it was
 * imported with; random's own hook does the same for random. */
static void
reseed_numpy(void)
{
	if (!py_kept.numpy_seed)
		return;
	scope_py PyObject *done = PyObject_CallNoArgs(py_kept.numpy_seed);
	if (!done)
		PyErr_Print();
}

void
py_after_fork_child(void)
{
	PyOS_AfterFork_Child();
	reseed_numpy();
}
