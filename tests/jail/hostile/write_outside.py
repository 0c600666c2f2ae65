# expect: {"status": "ok", "stdout": {"text": "8\n"}}
refused = 0
for p in ["/x", "/usr/x", "/usr/lib/x", "/etc/passwd", "/usr/bin/python3.11", "/dev/x", "/usr/lib/python3.11/os.py", "/var/x"]:
    try:
        open(p, "a")
    except OSError:
        refused += 1
print(refused)
