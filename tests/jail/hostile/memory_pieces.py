# expect: {"status": "error", "exception": {"type": "MemoryError"}}
x = []
while True: x.append(bytearray(1 << 20))
