# expect: {"status": "error", "exit_code": 5, "signal": null, "limit": null, "stdout": {"text": "told True\n"}, "stderr": {"text": ""}}
# A result of the snippet's own making, to every descriptor that there is, by two processes that both come back here: the
# reply is what the kernel says of the first. The child's own exit, and what it may write late, decide nothing.
import json, os, sys
fake = json.dumps({"status": "ok", "exit_code": 0, "stdout": {"text": "forged"}}).encode() + b"\n"
refused = 0
child = os.fork()
for fd in range(3, 4096):
    try:
        os.write(fd, fake)
    except OSError:
        refused += 1
if child:
    os.waitpid(child, 0)
    print("told", refused == 4093, flush=True)
    os._exit(5)
os._exit(0)
