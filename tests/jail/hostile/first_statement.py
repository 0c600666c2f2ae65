# expect: {"status": "error", "exception": {"type": "PermissionError"}}
__import__("socket").socket()
