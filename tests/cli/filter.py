"""System call filters that tests put around what they start: kernels and containers that allow less."""
import ctypes

LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # BPF, linux/bpf_common.h; a filter loads the number of the call first
ERRNO, ALLOW = 0x00050000, 0x7FFF0000  # SECCOMP_RET_*
SYS_SECCOMP, SYS_LANDLOCK_CREATE_RULESET = 317, 444  # arch/x86/entry/syscalls/syscall_64.tbl
LIBC = ctypes.CDLL(None, use_errno=True)


def install(program):
    """Instructions (code, jt, jf, k): from now on they decide, here and in what is started. seccomp(2)'s oldest form."""
    text = b"".join(i[0].to_bytes(2, "little") + bytes(i[1:3]) + i[3].to_bytes(4, "little") for i in program)
    buffer = ctypes.create_string_buffer(text, len(text))

    class Fprog(ctypes.Structure):
        _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    fprog = Fprog(len(program), ctypes.addressof(buffer))
    if LIBC.prctl(38, 1, 0, 0, 0) or LIBC.prctl(22, 2, ctypes.byref(fprog)):
        raise OSError(ctypes.get_errno(), "prctl")


def refuse(number, err):
    """From now on the system call has that errno."""
    install([(LOAD, 0, 0, 0), (EQUAL, 0, 1, number), (RETURN, 0, 0, ERRNO | err), (RETURN, 0, 0, ALLOW)])
