# expect: {"status": "limit", "limit": {"name": "cpu", "allowed": 200}, "stdout": {"text": "before\n"}}
# limits: --cpu-ms=200
print("before")
while True: pass
