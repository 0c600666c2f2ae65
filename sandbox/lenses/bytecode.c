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

/* Longer reprs are cut, so that one constant cannot fill the report. */
static const char source[] =
	"import dis, sys, types\n"
	"\n"
	"def text(value, limit=4000):\n"
	"    try:\n"
	"        s = repr(value)\n"
	"    except ValueError:\n"
	"        s = f'<int of {value.bit_length()} bits>'\n"
	"    return s if len(s) <= limit else s[:limit] + '\\u2026'\n"
	"\n"
	"def flags(code):\n"
	"    return [name for bit, name in dis.COMPILER_FLAG_NAMES.items()\n"
	"            if code.co_flags & bit]\n"
	"\n"
	"def argrepr(i):\n"
	"    return i.argrepr if len(i.argrepr) <= 4000 else\\\n"
	"        i.argrepr[:4000] + '\\u2026'\n"
	"\n"
	"def instructions(code, caches, adaptive):\n"
	"    line, out = None, []\n"
	"    plain = dis.get_instructions(code, show_caches=caches)\n"
	"    warm = dis.get_instructions(code, show_caches=caches,\n"
	"                                adaptive=adaptive)\n"
	"    while True:\n"
	"        try:\n"
	"            i = next(plain)\n"
	"        except StopIteration:\n"
	"            break\n"
	"        except ValueError:\n"
	"            break\n"
	"        p = i.positions\n"
	"        row = {'offset': i.offset, 'op': i.opname,\n"
	"               'opcode': i.opcode, 'arg': i.arg,\n"
	"               'argrepr': argrepr(i),\n"
	"               'line': p.lineno if p else None,\n"
	"               'positions': [p.lineno, p.end_lineno, p.col_offset,\n"
	"                             p.end_col_offset] if p else None,\n"
	"               'jump_target': i.is_jump_target}\n"
	"        if adaptive:\n"
	"            name = next(warm).opname\n"
	"            row['specialized'] = name if name != i.opname else None\n"
	"        out.append(row)\n"
	"    return out\n"
	"\n"
	"def table(code):\n"
	"    return [{'start': e.start, 'end': e.end, 'target': e.target,\n"
	"             'depth': e.depth, 'lasti': e.lasti}\n"
	"            for e in dis._parse_exception_table(code)]\n"
	"\n"
	"def look(code, caches, adaptive):\n"
	"    return {'name': code.co_name, 'qualname': code.co_qualname,\n"
	"            'first_line': code.co_firstlineno, 'flags': flags(code),\n"
	"            'stack_size': code.co_stacksize,\n"
	"            'arg_count': code.co_argcount,\n"
	"            'posonly_arg_count': code.co_posonlyargcount,\n"
	"            'kwonly_arg_count': code.co_kwonlyargcount,\n"
	"            'names': list(code.co_names),\n"
	"            'varnames': list(code.co_varnames),\n"
	"            'freevars': list(code.co_freevars),\n"
	"            'cellvars': list(code.co_cellvars),\n"
	"            'consts': [text(c) for c in code.co_consts],\n"
	"            'instructions': instructions(code, caches, adaptive),\n"
	"            'exception_table': table(code)}\n"
	"\n"
	"def nested(code):\n"
	"    return [c for c in code.co_consts if isinstance(c, "
	"types.CodeType)]\n";

static PyObject *look, *nested;

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
	nested = Py_XNewRef(PyDict_GetItemString(space, "nested"));
	return look && nested ? 0 : fail_set(f, "dis is not as expected");
}

static bool
option(const struct lens_run *r, const char *name)
{
	size_t at = 0, n;
	const char *value = lens_option(r, name, &at, &n);

	return value && n == 1 && *value == '1';
}

/* A code object, then the ones among its constants, in their order. */
static void
walk(const struct lens_run *r, PyObject *code, int depth)
{
	scope_py PyObject *caches =
		PyBool_FromLong(option(r, "bytecode.show_caches"));
	scope_py PyObject *adaptive = PyBool_FromLong(r->pass == PASS_ADAPTIVE);
	scope_py PyObject *seen = PyObject_CallFunctionObjArgs(
		look, code, caches, adaptive, NULL);

	if (!seen || depth > 90) {
		PyErr_Clear();
		return;
	}
	py_json(record_begin(
			r->records, RECORD_ITEM, LENS_BYTECODE, "code_objects"),
		seen);
	record_commit(r->records);
	scope_py PyObject *inner = PyObject_CallOneArg(nested, code);
	if (!inner || !PyList_Check(inner)) {
		PyErr_Clear();
		return;
	}
	for (Py_ssize_t i = 0; i < PyList_GET_SIZE(inner); i++)
		walk(r, PyList_GET_ITEM(inner, i), depth + 1);
}

static void
begin(const struct lens_run *r)
{
	if (r->pass == PASS_STATIC)
		walk(r, r->code, 0);
}

static void
end(const struct lens_run *r)
{
	if (r->pass == PASS_ADAPTIVE)
		walk(r, r->code, 0);
}

const struct lens_ops lens_bytecode = {LENS_BYTECODE, warm, begin, end};
