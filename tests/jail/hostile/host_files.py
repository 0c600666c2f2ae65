# expect: {"status": "ok", "stdout": {"text": "[]\n"}}
# expect in a container: {"status": "ok"}
# None of the host's files can be read. With namespaces none of them even exists in the root; without, Landlock lets
# everybody know that a path exists, and no more.
import os
import sys

paths = ["/etc/shadow", "/etc/passwd", "/etc/hostname", "/root", "/proc/self/environ", "/proc/1/cmdline", "/sys", "/home",
         "/var/lib", "/boot", "/run", "/bin/sh", "/usr/bin/env", "/etc/machine-id", "/", "/usr", "/tmp/..", "/box/.."]
own = ["/etc/passwd", "/", "/usr", "/tmp/..", "/box/.."]  # with namespaces the root's own


def reads(path):
    try:
        return os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1)
    except OSError:
        return None


print([p for p in paths if p not in own and os.path.exists(p)])
sys.exit(len([p for p in paths if p not in own and reads(p)]))
