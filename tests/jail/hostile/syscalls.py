# expect: {"status": "ok", "stdout": {"text": ""}}
# Numbers of x86-64 from arch/x86/entry/syscalls/syscall_64.tbl. EPERM is 1, ENOSYS 38.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
dangerous = {"ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "mount": 165, "umount2": 166, "pivot_root": 155,
    "chroot": 161, "unshare": 272, "setns": 308, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "keyctl": 250, "add_key": 248,
    "request_key": 249, "init_module": 175, "kexec_load": 246, "reboot": 169, "execveat": 322, "memfd_create": 319, "setuid": 105,
    "setgroups": 116, "shmget": 29, "msgget": 68, "mq_open": 240, "inotify_init": 253, "fanotify_init": 300, "splice": 275, "vmsplice": 278}
unknown = {"clone3": 435, "io_uring_setup": 425, "io_uring_enter": 426, "pidfd_open": 434, "openat2": 437, "signalfd": 282, "timer_create": 222, "future": 999}
for table, want in ((dangerous, 1), (unknown, 38)):
    for name, number in table.items():
        ctypes.set_errno(0)
        r = libc.syscall(number, 0, 0, 0, 0, 0, 0)
        if r != -1 or ctypes.get_errno() != want:
            print(name, r, ctypes.get_errno())
CLONE_NEW = [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]
for flag in CLONE_NEW:
    ctypes.set_errno(0)
    if libc.syscall(56, flag | 17, 0, 0, 0, 0) != -1 or ctypes.get_errno() != 1:
        print("clone", hex(flag), ctypes.get_errno())
