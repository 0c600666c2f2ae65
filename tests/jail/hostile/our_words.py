# expect: {"status": "ok", "exit_code": 0, "limit": null, "exception": null, "stdout": {"text": "{\"status\": \"limit\"}\n"}, "stderr": {"text": "vitrine run: error: the layer seccomp cannot be had\nMemoryError\n"}}
# What the program prints is only what it prints, our own words and an interpreter's too.
import sys
print('{"status": "limit"}')
print("vitrine run: error: the layer seccomp cannot be had\nMemoryError", file=sys.stderr)
