"""A program that looks at its own address space: Python source that goes before a snippet, and what only root sees outside."""
import pathlib
import re

import vt

# There is no /proc in the jail. write(2) from an address that is not there fails with EFAULT, so a pipe tells what is; and
# everything lies near something with a known address: the program and its heap, the libraries and all that was mapped (from the
# top of the libraries down, with the gaps that huge alignments leave), the stack. Functions are libc's own: those that a
# sanitizer puts before them forbid what is looked for here.
WALK = r"""
import ctypes, os, time
libc = ctypes.CDLL("libc.so.6", use_errno=True)
libc.sbrk.restype = ctypes.c_void_p
libc.write.argtypes = ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t
PAGE, GAP = 4096, 1 << 29
reader, writer = os.pipe()
def there(at):
    if libc.write(writer, at, 1) != 1:
        return False
    os.read(reader, 1)
    return True
class Info(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("name", ctypes.c_char_p), ("more", ctypes.c_void_p), ("n", ctypes.c_ushort)]
bases = []
def object_seen(info, size, arg):
    bases.append(info.contents.base or 0)
    return 0
libc.dl_iterate_phdr(ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Info), ctypes.c_size_t, ctypes.c_void_p)(object_seen), None)
def walk():
    '''Ranges of pages that can be read, each (first, end).'''
    ranges = []
    def look(at):
        if not there(at):
            return False
        for r in ranges[-1:]:
            if r[1] == at:
                r[1] = at + PAGE
                return True
            if r[0] == at + PAGE:
                r[0] = at
                return True
        ranges.append([at, at + PAGE])
        return True
    end = (libc.sbrk(0) + PAGE - 1) // PAGE * PAGE
    for at in range(min(bases), end, PAGE):
        look(at)
    stack = ctypes.c_void_p.in_dll(libc, "__libc_stack_end").value // PAGE * PAGE
    last = at = stack
    while at < last + (1 << 26):  # the stack is random by 2 MiB from its top; the kernel's own pages are above it
        if look(at):
            last = at
        at += PAGE
    for at in range(stack - PAGE, stack - (8 << 20), -PAGE):
        if not look(at):
            break
    top = max(bases[1:]) // PAGE * PAGE
    top = min(top + (1 << 26), at)
    last = top
    for at in range(top, 0, -PAGE):
        if look(at):
            last = at
        elif last - at > GAP:
            break
    return ranges
def read(first, end):
    '''The bytes of a range, in pieces that overlap.'''
    for at in range(first, end, 32768):
        n = min(65536, end - at)
        got = libc.write(writer, at, n)
        if got > 0:
            yield at, os.read(reader, got)
"""


def readable(pid):
    """[(first, end, mode, name)] of a process, as root sees it."""
    found = []
    for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
        first, end, mode, name = re.match(r"(\w+)-(\w+) (\S+) \S+ \S+ \S+ *(.*)", line).groups()
        if mode.startswith("r"):
            found.append((int(first, 16), int(end, 16), mode, name))
    return found


def contents(pid):
    """All that can be read of a process, as root sees it: (address, name, bytes)."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for first, end, _, name in readable(pid):
            if name in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
                continue
            try:
                memory.seek(first)
                yield first, name, memory.read(end - first)
            except OSError:
                pass  # behind the end of its file


def cells(server):
    return [pid for pid in vt.descendants(server.pid) if pid not in server.children()]
