#!/usr/bin/python3
"""Every row of sandbox/jail/tbl/syscalls.h, tried by number in the jail and compared with what the row promises.

The rows come out of the preprocessor, the numbers out of the kernel's header: neither is what the runner looks them up with.
What the tables must not let through whatever they say is listed here a second time, with the reason.

Calls are made through syscall(2) with arguments that the kernel itself would refuse (-1: no such descriptor, no such address,
no such command), so that one which gets past the filter does no harm and is told apart by another errno.
"""
import errno
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

BUILD = os.environ.get("VITRINE_BUILD", "build")
HEADER = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"
LOW, MOST_NAMES = 0xFFFFFFFF, 30  # a reply names 32 different calls
TABLES = ("ALLOW", "MATCH", "NOTSUP", "EPERM", "ELSE")

# The driver in the jail: a list of [key, number, arguments] comes in as a file, answers go out as JSON. "fork" tries a call in
# a process of its own; what it did first counts: its answer, or its end.
DRIVER = """
import ctypes, json, os, signal, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

def call(number, args):
    ctypes.set_errno(0)
    r = libc.syscall(ctypes.c_long(number), *map(ctypes.c_ulong, args))
    return ctypes.get_errno() if r == -1 else 0

def apart(act):
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.setitimer(signal.ITIMER_REAL, 0.2)  # one that waits is ended by SIGALRM
        try:
            os.write(w, b"%d;" % act())
        finally:
            os._exit(0)
    os.close(w)
    status = os.waitpid(pid, 0)[1]
    said = os.read(r, 100)
    os.close(r)
    return int(said.split(b";")[0]) if said else "signal %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else "exit"

def machine(code):
    import mmap
    m = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    m.write(bytes.fromhex(code))
    return ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()

base = ctypes.c_ulong()
libc.syscall(158, 0x1003, ctypes.byref(base))  # ARCH_GET_FS
out = {}
for key, how, number, args in json.load(open("calls.json")):
    if how == "machine":
        out[key] = apart(lambda: machine(number))
        continue
    args = [base.value if a == "fs" else a for a in args]
    out[key] = apart(lambda: call(number, args)) if how == "fork" else call(number, args)
print(json.dumps(out))
"""


WHY = {}


def expand():
    """The five tables as lists of rows of words, by the C preprocessor."""
    source = '#include "sandbox/jail/tbl/syscalls.h"\n#define ROW(...) @ROW __VA_ARGS__\n'
    source += "".join(f"@{t}\n{t}_TABLE(ROW)\n" for t in TABLES)
    text = subprocess.run(["gcc", "-E", "-P", "-I.", "-"], input=source, capture_output=True, text=True, check=True).stdout
    tables, rows = {}, None
    for piece in text.split("@")[1:]:
        words = piece.split(None, 1)
        if words[0] in TABLES:
            rows = tables[words[0]] = []
        else:
            *row, why = re.fullmatch(r'(.*), "(.*)"', words[1].strip()).groups()
            rows.append([w.strip() for w in row[0].split(",")])
            WHY[rows[-1][0]] = why
    return tables


def value(words):
    words = re.sub(r"(?<=[0-9a-fA-F])ULL", "", words)
    return eval(re.sub(r"\b0([0-7]+)\b", r"0o\1", words), {"__builtins__": {}})  # C's octal


NUMBER = {name: int(n) for name, n in re.findall(r"#define __NR_(\w+) (\d+)", pathlib.Path(HEADER).read_text())}
TABLE = expand()
MATCH = [(c, int(a), value(m), value(v)) for c, a, m, v in TABLE["MATCH"]]
ELSE = {c: (int(a), value(v), getattr(errno, e)) for c, a, _, v, e in TABLE["ELSE"]}
NAMES = {c for rows in TABLE.values() for c, *_ in rows}
ARGUMENT = {c: a for c, a, _, _ in MATCH}


def jailed(calls):
    """The driver's answers to [key, how, number, args] by key, and the reply's `denied` as {name: count}."""
    with tempfile.TemporaryDirectory() as directory:
        given = pathlib.Path(directory, "calls.json")
        given.write_text(json.dumps(calls))
        main = pathlib.Path(directory, "main.py")
        main.write_text(DRIVER)
        done = subprocess.run([f"{BUILD}/vitrine", "run", "--json", "--wall-ms=20000", "--cpu-ms=10000", f"--file={given}", str(main)],
                              capture_output=True, text=True, timeout=60)
    reply = json.loads(done.stdout)
    if reply["status"] != "ok":
        raise AssertionError(f"{reply['status']} {reply.get('signal')} {reply['stderr']}")
    return json.loads(reply["stdout"]["text"]), {d["syscall"]: d["count"] for d in reply["denied"]}


def word(e):
    return errno.errorcode.get(e, "passed") if isinstance(e, int) else e


def compare(wanted, got):
    """wanted: key -> set of answers, or a predicate with words."""
    bad = []
    for key, want in wanted.items():
        fine, words = (want[0](got[key]), want[1]) if isinstance(want, tuple) else (got[key] == want, word(want))
        if not fine:
            bad.append(f"{key}: {words} expected, got {word(got[key])}")
    return bad


PAST = (lambda got: got not in (errno.EPERM, errno.ENOSYS, errno.ENOTSUP, "signal 31"), "past the filter")
ALL = [LOW << 32 | LOW] * 6


def resolved():
    """A name that the filter's library does not know is left out of the filter without a word."""
    import ctypes
    library = ctypes.CDLL("libseccomp.so.2")
    skipped, bad = [], []
    for name in sorted(NAMES):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number == -1:
            skipped.append(name)
        elif number != NUMBER.get(name):
            bad.append(f"{name} is {number} to libseccomp, {NUMBER.get(name)} to the kernel's header")
    print(f"# {len(NAMES)} names, unknown to libseccomp: {', '.join(skipped) or 'none'}")
    return bad + [f"{name} is unknown to libseccomp: left out of the filter" for name in skipped]


def once():
    """A call in two tables has two answers, and which one holds is not the reader's to guess."""
    seen = [c for t in ("ALLOW", "NOTSUP", "EPERM") for c, in TABLE[t]] + sorted(ARGUMENT)
    return [f"{c} is in two tables" for c in sorted(set(seen)) if seen.count(c) > 1]


# Of their number nothing else can be: the reasons stand in docs/security.md and the incidents of other sandboxes.
NEVER = """ptrace process_vm_readv process_vm_writev pidfd_getfd pidfd_open kcmp process_madvise
    mount umount2 pivot_root chroot unshare setns fsopen fsmount move_mount open_tree mount_setattr open_by_handle_at
    bpf perf_event_open userfaultfd keyctl add_key request_key init_module finit_module delete_module kexec_load reboot
    io_uring_setup io_uring_enter io_uring_register seccomp execveat memfd_create memfd_secret clone3 personality
    setuid setgid setresuid setresgid setgroups capset chown fchown lchown fchownat
    settimeofday clock_settime adjtimex sethostname setdomainname shmget semget msgget mq_open
    inotify_init inotify_init1 fanotify_init splice tee vmsplice openat2 signalfd4 timer_create""".split()


def never():
    got, _ = jailed([[c, "here", NUMBER[c], ALL] for c in NEVER])
    return compare({c: (lambda e: e in (errno.EPERM, errno.ENOSYS), "EPERM or ENOSYS") for c in got}, got)


def allowed():
    calls = [[c, "fork", NUMBER[c], ALL] for c, in TABLE["ALLOW"]]
    got, denied = jailed(calls)
    return compare({c: PAST for c in got}, got) + [f"counted as denied: {denied}"] * bool(denied)


COUNTED = "refusals counted" in " ".join(subprocess.run([f"{BUILD}/vitrine", "doctor"], capture_output=True, text=True).stdout.split())


def refused():
    """In batches, each call as often as no other of its batch, so that one name's count is not another's."""
    names, bad = [c for c, in TABLE["EPERM"]], []
    for at in range(0, len(names), MOST_NAMES):
        times = {c: n for n, c in enumerate(names[at:at + MOST_NAMES], 1)}
        got, denied = jailed([[f"{c} {i}", "here", NUMBER[c], ALL] for c, n in times.items() for i in range(n)])
        bad += compare({key: errno.EPERM for key in got}, got)
        if denied != (times if COUNTED else {}):
            bad.append(f"denied: {denied}, not {times}")
    return bad


def not_supported():
    got, denied = jailed([[c, "here", NUMBER[c], ALL] for c, in TABLE["NOTSUP"]])
    return compare({c: errno.ENOTSUP for c in got}, got) + [f"counted: {denied}"] * bool(denied)


def unknown():
    numbers = sorted(set(range(0, 601)) - {NUMBER[c] for c in NAMES if c in NUMBER}) + [1000, 4096, 65535, 0x3FFFFFFF, -1]
    got, _ = jailed([[str(n), "fork" if n in (335, 336) else "here", n, ALL] for n in numbers])
    print(f"# {len(numbers)} numbers that no table names")
    wanted = {key: errno.ENOSYS for key in got}
    # The kernel asks no filter about these two (kernel/seccomp.c, from 6.14 and 6.18 on): probes that a debugger set in the
    # program's code make them. Made by anybody else they end the process, or are refused.
    wanted["335"] = (lambda e: e in (errno.ENOSYS, "signal 4"), "ENOSYS or SIGILL (uretprobe)")
    wanted["336"] = (lambda e: e in (errno.ENOSYS, errno.ENXIO), "ENOSYS or ENXIO (uprobe)")
    return compare(wanted, got)


def x32():
    """Its numbers are those from bit 30 up; -2 has that bit too."""
    calls = [[f"x32 {n}", "fork", 0x40000000 | n, ALL] for n in (0, 1, 39, 41, 57, 59, 101, 272, 319, 322, 512, 520, 547)]
    calls += [["-2", "fork", -2, ALL]]
    got, _ = jailed(calls)
    return compare({key: "signal 31" for key in got}, got)


def i386():
    """int 0x80 and sysenter lead to it. sysenter is no instruction to an AMD in this mode (SIGILL); where it is one, SIGSYS."""
    # Some virtual machines, and kernels without that ABI, answer the interrupt with a fault, whoever asks.
    if subprocess.run(["/usr/bin/python3", "tests/jail/hostile/foreign_abi.py"], capture_output=True).returncode:
        return "the i386 ABI cannot be entered on this machine"
    calls = [[f"int 0x80 {n}", "machine", f"b8{n:02x}000000cd80c3", []] for n in (1, 11, 20, 26, 102, 120)]
    calls += [["sysenter", "machine", "b814000000" "89e5" "0f34" "c3", []]]
    got, _ = jailed(calls)
    wanted = {key: "signal 31" for key in got}
    wanted["sysenter"] = (lambda e: e in ("signal 31", "signal 4", "signal 11"), "SIGSYS or SIGILL")
    return compare(wanted, got)


def verdict(call, low):
    """What the tables say of an argument's low 32 bits."""
    if call == "futex" and low & 0x100 and low & 0x7F not in (0, 9):
        return errno.ENOSYS  # the kernel's own: a clock is for waiting only (kernel/futex/syscalls.c)
    if any(c == call and low & mask == v for c, _, mask, v in MATCH):
        return PAST
    if call == "clone":
        return errno.EPERM
    if call in ELSE and low != ELSE[call][1]:
        return ELSE[call][2]
    return errno.ENOSYS


def arguments():
    """Each row at its value, next to it, with each single bit turned, and all of that below set high bits: the kernel reads
    these arguments as 32 bits, so the filter has to as well, neither dodged nor wrongly refusing."""
    bad = []
    for call in sorted(ARGUMENT):
        lows = {v for c, _, _, v in MATCH if c == call}
        lows |= {v + d & LOW for v in lows for d in (-1, 1)} | {v ^ 1 << bit for v in lows for bit in range(32)}
        lows |= {0, LOW, 0x7FFFFFFF, 0x80000000}
        calls, wanted = [], {}
        for low in sorted(lows):
            args = list(ALL)
            if call == "clone":
                # What passes fails in the kernel: SIGHAND without VM, or THREAD without SIGHAND.
                low |= 0x800 if not low & 0x100 else 0x10000 if not low & 0x800 else 0
                if low & 0x900 == 0x900:
                    continue
            if (call, low) == ("arch_prctl", 0x1002):
                args[1] = "fs"
            for high in (0, 1, 0x80000000, LOW):
                key = f"{call} {high << 32 | low:#x}"
                args[ARGUMENT[call]] = high << 32 | low
                calls.append([key, "here", NUMBER[call], list(args)])
                wanted[key] = verdict(call, low)
        print(f"# {call}: {len(calls)} arguments")
        got, _ = jailed(calls)
        bad += compare(wanted, got)
    return bad


def independent():
    """The same, from reasons and not from the table: numbers of the kernel's headers."""
    clone_new = {"NEWNS": 0x20000, "NEWCGROUP": 0x2000000, "NEWUTS": 0x4000000, "NEWIPC": 0x8000000, "NEWUSER": 0x10000000,
                 "NEWPID": 0x20000000, "NEWNET": 0x40000000, "PTRACE": 0x2000, "PARENT": 0x8000, "UNTRACED": 0x800000}
    calls, wanted = [], {}

    def add(name, call, want, *args):
        for high in (0, 1 << 32):
            at = ARGUMENT[call]
            these = [*args, *ALL][:6]
            these[at] |= high
            key = f"{name}{' with high bits' if high else ''}"
            calls.append([key, "here", NUMBER[call], these])
            wanted[key] = want
    refuse = (lambda e: e in (errno.EPERM, errno.ENOSYS), "EPERM or ENOSYS")
    for name, flag in clone_new.items():
        add(f"clone {name}", "clone", refuse, flag | 0x800)
    for family in (0, 2, 3, 10, 16, 17, 29, 38, 40, 44, 45):  # INET, AX25, INET6, NETLINK, PACKET, CAN, ALG, VSOCK, XDP, MCTP
        add(f"socket {family}", "socket", errno.EPERM, family)
        add(f"socketpair {family}", "socketpair", errno.EPERM, family)
    for name, command in {"TIOCSTI": 0x5412, "TIOCSCTTY": 0x540E, "TIOCSETD": 0x5423, "TIOCLINUX": 0x541C, "FIOASYNC": 0x5452,
                          "TCSETS": 0x5402, "SIOCGIFCONF": 0x8912, "NS_GET_USERNS": 0xB701, "FICLONE": 0x40049409}.items():
        add(f"ioctl {name}", "ioctl", refuse, 0, command)
    for name, option in {"SET_PDEATHSIG": 1, "SET_DUMPABLE": 4, "SET_KEEPCAPS": 8, "SET_SECCOMP": 22, "CAPBSET_DROP": 24, "SET_TSC": 26,
                         "SET_SECUREBITS": 28, "SET_MM": 35, "SET_CHILD_SUBREAPER": 36, "SET_NO_NEW_PRIVS": 38, "CAP_AMBIENT": 47,
                         "SCHED_CORE": 62, "SET_PTRACER": 0x59616D61}.items():
        add(f"prctl {name}", "prctl", refuse, option)
    for name, command in {"SETOWN": 8, "SETSIG": 10, "SETOWN_EX": 15, "SETLEASE": 1024, "NOTIFY": 1026, "SETPIPE_SZ": 1031}.items():
        add(f"fcntl {name}", "fcntl", refuse, 0, command)
    for name, mode in {"character": 0o020000, "block": 0o060000}.items():
        calls.append([name, "here", NUMBER["mknod"], [LOW, mode | 0o600, 0x103, 0, 0, 0]])
        wanted[name] = refuse
    for name, option in {"SNDBUF": 7, "RCVBUF": 8, "ATTACH_FILTER": 26, "SNDBUFFORCE": 32, "ATTACH_BPF": 50}.items():
        add(f"setsockopt {name}", "setsockopt", refuse, 0, 1, option)
    for name, pid in {"pid 1": 1, "another": 77, "-1": LOW}.items():
        add(f"prlimit64 {name}", "prlimit64", refuse, pid)
    add("setpriority PGRP", "setpriority", refuse, 1)
    add("setpriority USER", "setpriority", refuse, 2)
    add("futex LOCK_PI", "futex", refuse, 0, 6)
    add("madvise HWPOISON", "madvise", refuse, 0, 0, 100)
    add("pipe2 O_NOTIFICATION_PIPE", "pipe2", refuse, 0, 0x80)
    add("arch_prctl SET_GS", "arch_prctl", refuse, 0x1001)
    got, _ = jailed(calls)
    return compare(wanted, got)


TESTS = [
    ("no call stands in two tables", once),
    ("the filter's library knows every name", resolved),
    ("rows that allow", allowed),
    ("rows that refuse: EPERM, counted by name", refused),
    ("rows that are not supported: ENOTSUP", not_supported),
    ("rows with an argument, at each value and around it", arguments),
    ("arguments that must never pass, whatever the table says", independent),
    ("calls that must never pass, whatever the table says", never),
    ("numbers of no table: ENOSYS", unknown),
    ("x32 ends the process", x32),
    ("the i386 ABI ends the process", i386),
]
print("TAP version 13", f"1..{len(TESTS)}", sep="\n")
failed = 0
for n, (name, test) in enumerate(TESTS, 1):
    try:
        bad = test()
    except (AssertionError, OSError, ValueError, subprocess.SubprocessError) as e:
        bad = [repr(e)]
    if isinstance(bad, str):
        print(f"ok {n} - {name} # SKIP {bad}", flush=True)
        continue
    failed += bool(bad)
    print(f"{'not ' if bad else ''}ok {n} - {name}")
    for words in bad[:40]:
        print("#  ", words)
    sys.stdout.flush()
sys.exit(failed > 0)
