# expect: {"status": "ok", "stdout": {"text": "kept\n"}}
# A run cannot take its directory away from the runs after it, which wait in it already: not remove it, move it, swap it, or
# put another in its place. It is a mount, or lies where a run may not make or remove directories. renameat2(2) is 316,
# RENAME_EXCHANGE 2.
import ctypes
import os
import shutil

here = os.getcwd()
before = os.stat(here)
above = os.path.dirname(here)
for name in os.listdir(here):
    os.remove(name)  # as rename(2) and rmdir(2) want it


def swap(a, b):
    return ctypes.CDLL(None).syscall(316, -100, a.encode(), -100, b.encode(), 2)


def shm():
    open("/dev/shm/file", "w").close()
    swap("/dev/shm/file", here)


for act in [lambda: os.rmdir(here), lambda: os.rename(here, f"{above}/moved"), lambda: os.mkdir(f"{above}/other"),
            lambda: os.rename(f"{above}/other", here), lambda: os.symlink("/tmp", f"{above}/link"),
            lambda: swap(f"{above}/other", here), lambda: swap(f"{above}/link", here), shm, lambda: shutil.rmtree(here),
            lambda: os.rename(here, "/dev/shm/moved"), lambda: os.rename(here, "/tmp/moved")]:
    try:
        act()
    except OSError:
        pass
try:
    print("kept" if os.path.samestat(before, os.stat(here)) and os.path.samestat(before, os.stat(".")) else "another")
except OSError as e:
    print("gone", e.errno)
