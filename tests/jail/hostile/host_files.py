# expect: {"status": "ok", "stdout": {"text": "[]\n"}}
# None of the host's files exists in the root.
import os
paths = ["/etc/shadow", "/etc/hostname", "/root", "/proc/self/environ", "/sys", "/home", "/var/lib", "/boot", "/run", "/bin/sh", "/usr/bin/env", "/etc/machine-id"]
print([p for p in paths if os.path.exists(p)])
