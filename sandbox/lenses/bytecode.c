/*
 * bytecode: what the compiler made of the source.
 *
 * The runtime's own `dis` says it: right for each version by construction.  The
 * STATIC pass compiles only, so nothing of the snippet's has run when it is
 * asked.  In the ADAPTIVE pass the snippet ran first; what it may have done to
 * `dis` shows, and a lens's word is the child's claim in any case.
 */
#include "sandbox/lenses/lens.h"

#include <string.h>

#include "sandbox/py/internal.h"

/* A long constant is cut, so that it cannot fill the report.  dis itself gives
 * up at an int with more digits than sys.set_int_max_str_digits() allows. */
static const char source[] =
	"import dis, sys, types\n"
	"\n"
	"HAS_POSITIONS = sys.version_info >= (3, 11)\n"
	"HAS_CACHE_INFO = sys.version_info >= (3, 13)\n"
	"LONGEST = 32768\n"
	"\n"
	"class Shown:\n"
	"    \"\"\"A constant as it is shown: its text is made once, and never "
	"too long.\"\"\"\n"
	"    def __init__(self, value):\n"
	"        self.text = text(value)\n"
	"        self.cut = len(self.text) > LONGEST\n"
	"        if self.cut:\n"
	"            self.text = self.text[:LONGEST] + '\\u2026'\n"
	"    def __repr__(self):\n"
	"        return self.text\n"
	"\n"
	"class View:\n"
	"    \"\"\"A code object whose constants are Shown, for dis.\"\"\"\n"
	"    def __init__(self, code):\n"
	"        self.code = code\n"
	"        self.co_consts = [Shown(c) for c in code.co_consts]\n"
	"    def __getattr__(self, name):\n"
	"        return getattr(self.code, name)\n"
	"\n"
	"def text(value):\n"
	"    try:\n"
	"        return repr(value)\n"
	"    except ValueError:\n"
	"        pass\n"
	"    # An int with too many digits to be written, or something that "
	"holds one.\n"
	"    if isinstance(value, int):\n"
	"        return f'<int of {value.bit_length()} bits>'\n"
	"    if isinstance(value, slice):\n"
	"        parts = value.start, value.stop, value.step\n"
	"        return 'slice(' + ', '.join(map(text, parts)) + ')'\n"
	"    inner = ', '.join(map(text, value))\n"
	"    if isinstance(value, frozenset):\n"
	"        return 'frozenset({' + inner + '})'\n"
	"    return '(' + inner + (',)' if len(value) == 1 else ')')\n"
	"\n"
	"def qualname(code):\n"
	"    return code.co_qualname if HAS_POSITIONS else code.co_name\n"
	"\n"
	"def flags(code):\n"
	"    return dis.pretty_flags(code.co_flags).split(', ') if "
	"code.co_flags else []\n"
	"\n"
	"def row(i, line):\n"
	"    if not HAS_POSITIONS:\n"
	"        return shown(i.offset, i.opname, i.opcode, i.arg, i.argrepr,\n"
	"                     [line, None, None, None], i.is_jump_target)\n"
	"    return shown(i.offset, i.opname, i.opcode, i.arg, i.argrepr,\n"
	"                 list(i.positions), i.is_jump_target)\n"
	"\n"
	"def shown(offset, op, opcode, arg, argrepr, positions, target):\n"
	"    return {'offset': offset, 'op': op, 'opcode': opcode,\n"
	"            'arg': arg, 'argrepr': argrepr, 'line': positions[0],\n"
	"            'positions': positions, 'jump_target': target}\n"
	"\n"
	"def cache_rows(i):\n"
	"    \"\"\"From 3.13 on the entries are told with their "
	"instruction.\"\"\"\n"
	"    at = i.offset\n"
	"    for name, size, data in i.cache_info or ():\n"
	"        for n in range(size):\n"
	"            at += 2\n"
	"            value = int.from_bytes(data, sys.byteorder)\n"
	"            yield shown(at, 'CACHE', 0, 0, '' if n else f'{name}: "
	"{value}',\n"
	"                        list(i.positions), False)\n"
	"\n"
	"def rows(view, caches):\n"
	"    out, line = [], None\n"
	"    if HAS_POSITIONS and not HAS_CACHE_INFO:\n"
	"        found = dis.get_instructions(view, show_caches=caches)\n"
	"    else:\n"
	"        found = dis.get_instructions(view)\n"
	"    for i in found:\n"
	"        if not HAS_POSITIONS and i.starts_line is not None:\n"
	"            line = i.starts_line\n"
	"        out.append(row(i, line))\n"
	"        if caches and HAS_CACHE_INFO:\n"
	"            out += cache_rows(i)\n"
	"    return out\n"
	"\n"
	"def adapted(code):\n"
	"    \"\"\"The names of what it has specialised, by offset: dis does "
	"not read it\n"
	"    through a View.\"\"\"\n"
	"    names = getattr(dis, '_all_opname', dis.opname)\n"
	"    return {at: names[op]\n"
	"            for at, op in enumerate(code._co_code_adaptive) if at % 2 "
	"== 0}\n"
	"\n"
	"def instructions(view, caches, adaptive):\n"
	"    out = rows(view, caches)\n"
	"    if adaptive:\n"
	"        warm = adapted(view.code) if HAS_POSITIONS else {}\n"
	"        for r in out:\n"
	"            name = warm.get(r['offset'], r['op'])\n"
	"            r['specialized'] = name if name != r['op'] else None\n"
	"    return out\n"
	"\n"
	"def table(code):\n"
	"    \"\"\"Before 3.11, blocks are set up by instructions.\"\"\"\n"
	"    if not HAS_POSITIONS:\n"
	"        return []\n"
	"    return [{'start': e.start, 'end': e.end, 'target': e.target,\n"
	"             'depth': e.depth, 'lasti': e.lasti}\n"
	"            for e in dis._parse_exception_table(code)]\n"
	"\n"
	"def look(code, caches, adaptive):\n"
	"    view = View(code)\n"
	"    return {'name': code.co_name, 'qualname': qualname(code),\n"
	"            'first_line': code.co_firstlineno, 'flags': flags(code),\n"
	"            'stack_size': code.co_stacksize,\n"
	"            'arg_count': code.co_argcount,\n"
	"            'posonly_arg_count': code.co_posonlyargcount,\n"
	"            'kwonly_arg_count': code.co_kwonlyargcount,\n"
	"            'names': list(code.co_names),\n"
	"            'varnames': list(code.co_varnames),\n"
	"            'freevars': list(code.co_freevars),\n"
	"            'cellvars': list(code.co_cellvars),\n"
	"            'consts': [c.text for c in view.co_consts],\n"
	"            'truncated': any(c.cut for c in view.co_consts),\n"
	"            'exception_table': table(code),\n"
	"            'instructions': instructions(view, caches, adaptive)}\n"
	"\n"
	"def every(code):\n"
	"    \"\"\"The code object, then those among its constants, in their "
	"order.\"\"\"\n"
	"    left = [code]\n"
	"    while left:\n"
	"        code = left.pop()\n"
	"        yield code\n"
	"        left += [c for c in reversed(code.co_consts)\n"
	"                 if isinstance(c, types.CodeType)]\n";

static PyObject *look, *every;

static int
warm(struct fail *f)
{
	PyObject *space = PyDict_New();

	if (!space || PyDict_SetItemString(
			      space, "__builtins__", PyEval_GetBuiltins()))
		return fail_set(f, "no memory");
	scope_py PyObject *done =
		PyRun_String(source, Py_file_input, space, space);
	if (!done) {
		PyErr_Print();
		return fail_set(f, "dis is not as expected");
	}
	look = Py_XNewRef(PyDict_GetItemString(space, "look"));
	every = Py_XNewRef(PyDict_GetItemString(space, "every"));
	return look && every ? 0 : fail_set(f, "dis is not as expected");
}

static bool
option(const struct lens_run *r, const char *name)
{
	size_t at = 0, n;
	const char *value = lens_option(r, name, &at, &n);

	return value && n == 1 && *value == '1';
}

/* Takes the second half of the instructions away; false when there are none. */
static bool
halve(PyObject *seen)
{
	PyObject *b_rows = PyDict_GetItemString(seen, "instructions");
	Py_ssize_t n =
		b_rows && PyList_Check(b_rows) ? PyList_GET_SIZE(b_rows) : 0;

	return n && PyList_SetSlice(b_rows, n / 2, n, NULL) == 0 &&
	       PyDict_SetItemString(seen, "truncated", Py_True) == 0;
}

/* Writes what `look` made of a code object; when that does not fit, with fewer
 * instructions.  False when something is missing. */
static bool
write_seen(struct record_writer *records, PyObject *seen)
{
	for (;;) {
		struct jsonw *w = record_begin(
			records, RECORD_ITEM, LENS_BYTECODE, "code_objects");
		py_json(w, seen);
		if (jsonw_done(w) || !halve(seen))
			break;
		record_abandon(records);
	}
	return record_commit(records) &&
	       PyDict_GetItemString(seen, "truncated") == Py_False;
}

static bool
write_code(const struct lens_run *r, PyObject *code)
{
	PyObject *b_caches =
		option(r, "bytecode.show_caches") ? Py_True : Py_False;
	PyObject *b_adaptive = r->pass == PASS_ADAPTIVE ? Py_True : Py_False;
	scope_py PyObject *seen = PyObject_CallFunctionObjArgs(
		look, code, b_caches, b_adaptive, NULL);

	if (!seen || !PyDict_Check(seen)) {
		PyErr_Clear();
		return false;
	}
	return write_seen(r->records, seen);
}

static void
write_all(const struct lens_run *r)
{
	scope_py PyObject *codes = PyObject_CallOneArg(every, r->code);
	bool whole = codes && PyIter_Check(codes);

	while (codes && PyIter_Check(codes)) {
		scope_py PyObject *code = PyIter_Next(codes);
		if (!code)
			break;
		whole = write_code(r, code) && whole;
	}
	whole = whole && !PyErr_Occurred();
	PyErr_Clear();
	lens_truncated(r, LENS_BYTECODE, !whole);
}

static void
begin(const struct lens_run *r)
{
	if (r->pass == PASS_STATIC)
		write_all(r);
}

static void
end(const struct lens_run *r)
{
	if (r->pass != PASS_ADAPTIVE)
		return;
	/* What dis makes is not to make the collector run earlier. */
	struct py_gc_count count = py_gc_count();
	int was = PyGC_Disable();
	write_all(r);
	py_gc_set_count(count);
	if (was)
		PyGC_Enable();
}

const struct lens_ops lens_bytecode = {LENS_BYTECODE, warm, begin, end, NULL};
