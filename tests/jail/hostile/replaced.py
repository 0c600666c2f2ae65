# expect: {"status": "error", "exit_code": 1, "exception": {"type": "ValueError", "message": "last", "line": 13}, "stdout": {"text": "before\n"}}
# What runs around a snippet uses nothing that the snippet can replace: builtins, modules, hooks. (The
# interpreter itself imports io to print a traceback: __import__ and sys.modules stay.)
import builtins, gc, json, os, sys, traceback
os.write(1, b"before\n")
def broken(*args, **kwargs):
    os._exit(99)
for name in ("print", "len", "open", "repr", "str", "isinstance", "getattr", "compile", "exec", "BaseException"):
    setattr(builtins, name, broken)
json.dumps = traceback.print_exception = traceback.format_exception = broken
sys.exit = sys.excepthook = sys.unraisablehook = sys.displayhook = broken
sys.excepthook = sys.__excepthook__
raise ValueError("last")
