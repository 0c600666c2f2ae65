# expect: {"status": "ok", "stdout": {"text": "PermissionError\n"}}
# The init of the cell has the user id of its child, so kill(2) itself would let a signal through: Landlock's scope does not
# (ABI 6, Linux 6.12). Signal 0 asks, and hurts nobody.
import os
try:
    os.kill(os.getppid(), 0)
    print("it may be signalled")
except PermissionError as e:
    print(type(e).__name__)
