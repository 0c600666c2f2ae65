# expect: {"status": "ok", "stdout": {"text": "True 28\n"}}
# expect in a container: {"status": "ok", "stdout": {"text": "True 13\n"}}
n = 0
try:
    while True:
        open(f"/tmp/{n}", "w").close(); n += 1
except OSError as e:
    print(n < 4096, e.errno)
