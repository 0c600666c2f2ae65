# expect: {"status": "error", "exception": {"type": "MemoryError"}}
# needs: memory limit
x = []
while True: x.append(bytearray(1 << 20))
