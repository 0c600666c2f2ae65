# expect: {"status": "limit", "limit": {"name": "output", "allowed": 1000}, "stdout": {"truncated": true}}
# limits: --output-bytes=1000
while True: print("x" * 10000)
