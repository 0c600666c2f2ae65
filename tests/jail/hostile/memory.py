# expect: {"status": "error", "exception": {"type": "MemoryError"}}
x = bytearray(300 << 20)
