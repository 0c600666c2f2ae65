# expect: {"status": "error", "exit_code": 1, "exception": {"type": "MemoryError", "line": 7}, "stderr": {"text": "Traceback (most recent call last):\n  File \"/box/main.py\", line 7, in <module>\n    x.extend(iter(object, None))\nMemoryError\n"}}
# needs: memory limit
# limits: --memory-bytes 33554432
# Nothing is left, not even for the words that say so; a list that is full of small objects is still there meanwhile. Whether
# an object was the last that did not fit, or the list, is chance.
x = []
x.extend(iter(object, None))
