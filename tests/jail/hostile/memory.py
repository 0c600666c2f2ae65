# expect: {"status": "error", "exception": {"type": "MemoryError"}}
# needs: memory limit
x = bytearray(300 << 20)
