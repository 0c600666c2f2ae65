# expect: {"status": "error", "exit_code": 1, "exception": {"type": "MemoryError", "line": 6}, "stderr": {"text": "Traceback (most recent call last):\n  File \"/box/main.py\", line 6, in <module>\n    while True: x.append(object())\n                ^^^^^^^^^^^^^^^^^^\nMemoryError\n"}}
# needs: memory limit
# limits: --memory-bytes 33554432
# Nothing is left, not even for the words that say so; a list that is full of small objects is still there meanwhile.
x = []
while True: x.append(object())
