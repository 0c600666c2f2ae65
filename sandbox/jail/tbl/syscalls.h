/*
 * The system calls of a jailed child, each with the reason why.
 *
 * What is in no table is answered ENOSYS, so that callers written for older
 * kernels fall back; what is known to be dangerous is answered EPERM, so that a
 * curious reader meets a PermissionError; a foreign ABI ends the process.
 * Nothing is ever pretended to have succeeded.
 *
 * Numbers are those of x86-64, the only architecture whose ABI is let in: the
 * filter looks them up by name, so another architecture would be this table
 * with the calls that it lacks left out.
 *
 * ALLOW_TABLE: X(call, why), allowed whatever its arguments; by purpose.
 */
#ifndef SANDBOX_JAIL_TBL_SYSCALLS_H
#define SANDBOX_JAIL_TBL_SYSCALLS_H

/* Bytes through descriptors that are already there. */
#define ALLOW_IO(X)                                                            \
	X(read, "every input")                                                 \
	X(write, "every output")                                               \
	X(readv, "io.readinto of several buffers, os.readv")                   \
	X(writev, "os.writev; libc's own messages")                            \
	X(pread64, "os.pread, sqlite")                                         \
	X(pwrite64, "os.pwrite, sqlite")                                       \
	X(preadv, "os.preadv")                                                 \
	X(pwritev, "os.pwritev")                                               \
	X(preadv2, "os.preadv with flags")                                     \
	X(pwritev2, "os.pwritev with flags")                                   \
	X(lseek, "file.seek, tell")                                            \
	X(close, "every file")                                                 \
	X(close_range,                                                         \
		"subprocess and spawn close what a child must not have")       \
	X(dup, "os.dup")                                                       \
	X(dup2, "streams of a child")                                          \
	X(dup3, "os.dup2 with inheritable=False")                              \
	X(pipe, "os.pipe on old paths of libc")                                \
	X(sendfile, "shutil.copyfile")                                         \
	X(copy_file_range, "os.copy_file_range")

/* Files: where, is up to the root, the mounts and Landlock. */
#define ALLOW_FILES(X)                                                         \
	X(open, "libc's older paths")                                          \
	X(openat, "open()")                                                    \
	X(creat, "open(2) of old, for programs by ctypes")                     \
	X(stat, "os.stat by older libc")                                       \
	X(lstat, "os.lstat by older libc")                                     \
	X(fstat, "every open(): is it a directory, how large")                 \
	X(newfstatat, "os.stat, imports")                                      \
	X(statx, "libc asks by it first")                                      \
	X(statfs, "os.statvfs, shutil.disk_usage")                             \
	X(fstatfs, "os.fstatvfs")                                              \
	X(access, "os.access")                                                 \
	X(faccessat, "os.access")                                              \
	X(faccessat2, "os.access with flags")                                  \
	X(readlink, "os.path.realpath")                                        \
	X(readlinkat, "os.readlink")                                           \
	X(getdents, "os.listdir of old")                                       \
	X(getdents64, "os.listdir, glob")                                      \
	X(getcwd, "os.getcwd, imports")                                        \
	X(chdir, "os.chdir")                                                   \
	X(fchdir, "os.fchdir, shutil.rmtree")                                  \
	X(mkdir, "os.mkdir")                                                   \
	X(mkdirat, "os.mkdir with dir_fd")                                     \
	X(rmdir, "os.rmdir")                                                   \
	X(unlink, "os.remove")                                                 \
	X(unlinkat, "shutil.rmtree")                                           \
	X(rename, "os.rename")                                                 \
	X(renameat, "os.rename with dir_fd")                                   \
	X(renameat2, "libc's renameat")                                        \
	X(link, "os.link")                                                     \
	X(linkat, "os.link with dir_fd")                                       \
	X(symlink,                                                             \
		"os.symlink; what it leads to is checked when it is followed") \
	X(symlinkat, "os.symlink with dir_fd")                                 \
	X(chmod, "os.chmod; set-id bits have no effect on a nosuid mount")     \
	X(fchmod, "tempfile, shutil.copymode")                                 \
	X(fchmodat, "os.chmod with dir_fd")                                    \
	X(umask, "os.umask")                                                   \
	X(truncate, "os.truncate, within RLIMIT_FSIZE")                        \
	X(ftruncate, "file.truncate, shared_memory")                           \
	X(fallocate, "os.posix_fallocate, within the size of the mount")       \
	X(fsync, "os.fsync, sqlite")                                           \
	X(fdatasync, "os.fdatasync, sqlite")                                   \
	X(fadvise64, "os.posix_fadvise")                                       \
	X(utime, "os.utime of old")                                            \
	X(utimes, "os.utime of old")                                           \
	X(futimesat, "os.utime of old")                                        \
	X(utimensat, "os.utime, shutil.copystat")                              \
	X(flock, "fcntl.flock; what it can tell others is in "                 \
		 "docs/security.md")

/* Memory of one's own. */
#define ALLOW_MEMORY(X)                                                        \
	X(mmap, "malloc, mmap, libraries; executable too, as ctypes needs it") \
	X(munmap, "free")                                                      \
	X(mprotect, "libraries, thread stacks, ctypes")                        \
	X(mremap, "realloc, mmap.resize")                                      \
	X(msync, "mmap.flush")                                                 \
	X(brk, "malloc")

/* Processes and threads; execve finds only the interpreter executable. */
#define ALLOW_PROCESSES(X)                                                     \
	X(fork, "programs by ctypes; libc uses clone")                         \
	X(vfork, "subprocess")                                                 \
	X(execve, "subprocess and spawn start the interpreter; Landlock lets " \
		  "nothing else be executed")                                  \
	X(exit, "a thread ends")                                               \
	X(exit_group, "the process ends")                                      \
	X(wait4, "os.waitpid")                                                 \
	X(waitid, "os.waitid, asyncio")                                        \
	X(getpid, "os.getpid")                                                 \
	X(getppid, "os.getppid")                                               \
	X(gettid, "threading.get_native_id")                                   \
	X(getpgid, "os.getpgid")                                               \
	X(getpgrp, "os.getpgrp")                                               \
	X(getsid, "os.getsid")                                                 \
	X(setsid, "os.setsid, subprocess with start_new_session")              \
	X(setpgid, "os.setpgid; no process group of others can be joined")     \
	X(getuid, "os.getuid")                                                 \
	X(geteuid, "os.geteuid, imports")                                      \
	X(getgid, "os.getgid")                                                 \
	X(getegid, "os.getegid")                                               \
	X(getresuid, "os.getresuid")                                           \
	X(getresgid, "os.getresgid")                                           \
	X(getgroups, "os.getgroups")                                           \
	X(capget, "reads; capset is refused")                                  \
	X(set_tid_address, "libc, for each process")                           \
	X(set_robust_list, "libc, for each thread")                            \
	X(get_robust_list, "of its own thread; others cannot be traced")       \
	X(rseq, "libc, for each thread")                                       \
	X(sched_yield, "os.sched_yield, time.sleep(0)")                        \
	X(sched_getaffinity, "os.cpu_count, concurrent.futures")               \
	X(sched_getparam, "os.sched_getparam")                                 \
	X(sched_getscheduler, "os.sched_getscheduler")                         \
	X(sched_getattr, "reads, as sched_getparam")                           \
	X(sched_get_priority_max, "os.sched_get_priority_max")                 \
	X(sched_get_priority_min, "os.sched_get_priority_min")                 \
	X(sched_rr_get_interval, "os.sched_rr_get_interval")                   \
	X(getpriority, "os.getpriority")                                       \
	X(getrlimit, "resource.getrlimit by older libc")                       \
	X(setrlimit, "resource.setrlimit; hard limits cannot be raised")       \
	X(getrusage, "resource.getrusage, time.process_time")                  \
	X(times, "os.times")                                                   \
	X(sysinfo, "libc counts memory and processors by it")                  \
	X(uname, "os.uname, platform")                                         \
	X(getcpu, "libc's sched_getcpu")                                       \
	X(restart_syscall, "the kernel's own, after a stop")

/* Signals: within the PID namespace, or as far as Landlock lets them. */
#define ALLOW_SIGNALS(X)                                                       \
	X(rt_sigaction, "signal.signal, faulthandler")                         \
	X(rt_sigprocmask, "signal.pthread_sigmask, every fork")                \
	X(rt_sigreturn, "the way back from a handler")                         \
	X(rt_sigpending, "signal.sigpending")                                  \
	X(rt_sigsuspend, "libc's sigsuspend")                                  \
	X(rt_sigtimedwait, "signal.sigwait, sigtimedwait")                     \
	X(sigaltstack, "faulthandler")                                         \
	X(kill, "os.kill: processes of the run")                               \
	X(tkill, "libc of old, as tgkill")                                     \
	X(tgkill, "signal.raise_signal, pthread_kill, abort")                  \
	X(pause, "signal.pause")                                               \
	X(alarm, "signal.alarm")                                               \
	X(getitimer, "signal.getitimer")                                       \
	X(setitimer, "signal.setitimer")

/* Time. */
#define ALLOW_TIME(X)                                                          \
	X(clock_gettime, "time, where the vDSO does not answer")               \
	X(clock_getres, "time.get_clock_info")                                 \
	X(clock_nanosleep, "time.sleep")                                       \
	X(nanosleep, "libc's sleep")                                           \
	X(gettimeofday, "time, where the vDSO does not answer")                \
	X(time, "the same")                                                    \
	X(timerfd_create, "event loops of programs by ctypes")                 \
	X(timerfd_settime, "the same")                                         \
	X(timerfd_gettime, "the same")

/* Waiting, and AF_UNIX sockets within the cell (forkserver needs them). */
#define ALLOW_EVENTS(X)                                                        \
	X(epoll_create, "select.epoll by older libc")                          \
	X(epoll_create1, "selectors, asyncio")                                 \
	X(epoll_ctl, "selectors, asyncio")                                     \
	X(epoll_wait, "selectors, asyncio")                                    \
	X(epoll_pwait, "libc's epoll_wait")                                    \
	X(poll, "select.poll, socket timeouts")                                \
	X(ppoll, "libc's poll")                                                \
	X(select, "select.select")                                             \
	X(pselect6, "libc's select")                                           \
	X(eventfd, "os.eventfd by older libc")                                 \
	X(eventfd2, "os.eventfd")                                              \
	X(bind, "a name in the cell; no address of a network, for there is "   \
		"no such socket")                                              \
	X(listen, "multiprocessing.connection.Listener")                       \
	X(accept, "Listener.accept")                                           \
	X(accept4, "socket.accept")                                            \
	X(connect, "multiprocessing.connection.Client")                        \
	X(getsockname, "every socket object")                                  \
	X(getpeername, "socket.getpeername")                                   \
	X(shutdown, "socket.shutdown")                                         \
	X(sendto, "socket.send, sendto")                                       \
	X(sendmsg, "descriptors between processes: forkserver, reduction")     \
	X(recvfrom, "socket.recv, recvfrom")                                   \
	X(recvmsg, "descriptors between processes: forkserver, reduction")     \
	X(sendmmsg, "libc's resolver, for programs by ctypes")                 \
	X(recvmmsg, "the same")                                                \
	X(getrandom, "os.urandom, random, uuid, secrets")

#define ALLOW_TABLE(X)                                                         \
	ALLOW_IO(X)                                                            \
	ALLOW_FILES(X) ALLOW_MEMORY(X) ALLOW_PROCESSES(X) ALLOW_SIGNALS(X)     \
		ALLOW_TIME(X) ALLOW_EVENTS(X)

/*
 * MATCH_TABLE: X(call, argument, mask, value, why): allowed when
 * (argument & mask) == value; several rows of one call are alternatives.
 * The mask covers all 64 bits that the kernel does not ignore: an argument that
 * the kernel reads as 32 bits is never refused wrongly, and allowing is exact.
 * Of a socket's options there are no filters, and no larger buffers: what waits
 * in a socket is the kernel's memory, and no limit of a process counts it.
 */
#define ALL_BITS       0xffffffffULL
#define NO_FUTEX_FLAGS (ALL_BITS & ~0x180ULL) /* PRIVATE, CLOCK_REALTIME */
#define MATCH_TABLE(X)                                                         \
	X(clone, 0, 0x7e82a000ULL, 0,                                          \
		"threads and fork; no CLONE_NEW*, PARENT, PTRACE, UNTRACED")   \
	X(prlimit64, 0, ALL_BITS, 0, "resource.setrlimit: its own limits")     \
	X(setpriority, 0, ALL_BITS, 0, "os.nice: PRIO_PROCESS, downwards")     \
	X(socket, 0, ALL_BITS, 1, "AF_UNIX: forkserver, managers")             \
	X(socketpair, 0, ALL_BITS, 1, "AF_UNIX: asyncio wakes itself by one")  \
	X(getsockopt, 1, ALL_BITS, 1, "SOL_SOCKET: what a socket is")          \
	X(setsockopt, 2, ALL_BITS, 2, "SO_REUSEADDR: Listener sets it")        \
	X(setsockopt, 2, ALL_BITS, 9,                                          \
		"SO_KEEPALIVE: no effect here, and often set")                 \
	X(setsockopt, 2, ALL_BITS, 16, "SO_PASSCRED: who is at the other end") \
	X(setsockopt, 2, ALL_BITS, 20, "SO_RCVTIMEO: a time to wait")          \
	X(setsockopt, 2, ALL_BITS, 21, "SO_SNDTIMEO: a time to wait")          \
	X(ioctl, 1, ALL_BITS, 0x5401, "TCGETS: isatty on every open()")        \
	X(ioctl, 1, ALL_BITS, 0x5413, "TIOCGWINSZ: os.get_terminal_size")      \
	X(ioctl, 1, ALL_BITS, 0x541b, "FIONREAD: how much there is to read")   \
	X(ioctl, 1, ALL_BITS, 0x5421, "FIONBIO: socket.settimeout")            \
	X(ioctl, 1, ALL_BITS, 0x5450, "FIONCLEX: os.set_inheritable")          \
	X(ioctl, 1, ALL_BITS, 0x5451, "FIOCLEX: os.set_inheritable")           \
	X(fcntl, 1, ALL_BITS & ~7ULL, 0,                                       \
		"DUPFD, GETFD, SETFD, GETFL, SETFL, record locks (sqlite); "   \
		"no lease, notify, owner")                                     \
	X(fcntl, 1, ALL_BITS, 1030, "DUPFD_CLOEXEC: os.dup")                   \
	X(fcntl, 1, ALL_BITS, 1032, "GETPIPE_SZ: subprocess asks")             \
	X(fcntl, 1, ALL_BITS, 1033,                                            \
		"ADD_SEALS: on nothing but memfds, of which there are none")   \
	X(fcntl, 1, ALL_BITS, 1034, "GET_SEALS: the same")                     \
	X(prctl, 0, ALL_BITS, 2, "PR_GET_PDEATHSIG: reads")                    \
	X(prctl, 0, ALL_BITS, 3, "PR_GET_DUMPABLE: reads")                     \
	X(prctl, 0, ALL_BITS, 15, "PR_SET_NAME: names of threads")             \
	X(prctl, 0, ALL_BITS, 16, "PR_GET_NAME: names of threads")             \
	X(prctl, 0, ALL_BITS, 23, "PR_CAPBSET_READ: reads")                    \
	X(prctl, 0, ALL_BITS, 39, "PR_GET_NO_NEW_PRIVS: reads")                \
	X(prctl, 0, ALL_BITS, 0x53564d41, "PR_SET_VMA: libc names its memory") \
	X(futex, 1, NO_FUTEX_FLAGS, 0, "WAIT: every lock")                     \
	X(futex, 1, NO_FUTEX_FLAGS, 1, "WAKE: every lock")                     \
	X(futex, 1, NO_FUTEX_FLAGS, 3,                                         \
		"REQUEUE: condition variables; PI, with its holes, is not "    \
		"here")                                                        \
	X(futex, 1, NO_FUTEX_FLAGS, 4, "CMP_REQUEUE: condition variables")     \
	X(futex, 1, NO_FUTEX_FLAGS, 5, "WAKE_OP: condition variables")         \
	X(futex, 1, NO_FUTEX_FLAGS, 9, "WAIT_BITSET: locks with a time")       \
	X(futex, 1, NO_FUTEX_FLAGS, 10, "WAKE_BITSET: locks with a time")      \
	X(madvise, 2, ALL_BITS & ~3ULL, 0, "NORMAL to WILLNEED: mmap.madvise") \
	X(madvise, 2, ALL_BITS, 4, "DONTNEED: malloc gives memory back")       \
	X(madvise, 2, ALL_BITS & ~3ULL, 8,                                     \
		"FREE, REMOVE, DONTFORK, DOFORK: mmap.madvise")                \
	X(madvise, 2, ALL_BITS, 14, "HUGEPAGE: numpy")                         \
	X(madvise, 2, ALL_BITS, 15, "NOHUGEPAGE: mmap.madvise")                \
	X(madvise, 2, ALL_BITS & ~3ULL, 16,                                    \
		"DONTDUMP to KEEPONFORK; no poisoning of pages")               \
	X(pipe2, 1, ALL_BITS & ~0x84800ULL, 0,                                 \
		"os.pipe: CLOEXEC, NONBLOCK, DIRECT; no notification pipe")    \
	X(mknod, 1, 0170000, 0010000, "os.mkfifo; no device")                  \
	X(mknodat, 2, 0170000, 0010000, "os.mkfifo; no device")                \
	X(arch_prctl, 0, ALL_BITS, 0x1002,                                     \
		"ARCH_SET_FS: libc, for each thread")                          \
	X(arch_prctl, 0, ALL_BITS, 0x1003, "ARCH_GET_FS: reads")

/*
 * Where there are no namespaces, these are not simply allowed, but asked of the
 * init of the cell: X(call, why).
 */
#define PLAIN_TABLE(X)                                                         \
	X(clone, "may there be one more, and may there be any at the end")     \
	X(fork, "the same")                                                    \
	X(vfork, "the same")                                                   \
	X(socket, "EPERM: it could reach those of others by their path, of "   \
		  "which Landlock knows nothing")

/*
 * Where there are namespaces, these are not simply allowed, but told to the init
 * of the cell, which lets them go on: X(call, why).
 */
#define TOLD_TABLE(X)                                                          \
	X(exit_group, "what a run came to is known before its memory is freed")

/*
 * Where there are none, a row of MATCH_TABLE for one of these calls also needs one of
 * these: X(call, argument, mask, value, action, why).  sendto(2) and connect(2)
 * of a pair of datagram sockets take the path of another socket just as well;
 * those of a pair that is connected for good do not.  AF_UNIX makes SOCK_RAW a
 * datagram socket (net/unix/af_unix.c, unix_create).
 */
#define SOCKET_TYPE 0xfULL
#define PLAIN_MATCH_TABLE(X)                                                   \
	X(socketpair, 1, SOCKET_TYPE, 1, SCMP_ACT_ALLOW,                       \
		"SOCK_STREAM: asyncio")                                        \
	X(socketpair, 1, SOCKET_TYPE, 5, SCMP_ACT_ALLOW,                       \
		"SOCK_SEQPACKET: connected for good, too")                     \
	X(socketpair, 1, SOCKET_TYPE, 2, REFUSE, "SOCK_DGRAM: sends anywhere") \
	X(socketpair, 1, SOCKET_TYPE, 3, REFUSE,                               \
		"SOCK_RAW: the same under another name")

/* Answered ENOTSUP: X(call, why). */
#define NOTSUP_TABLE(X)                                                        \
	X(setxattr, "shutil.copystat ignores ENOTSUP alone")                   \
	X(lsetxattr, "the same")                                               \
	X(fsetxattr, "the same")                                               \
	X(getxattr, "the same")                                                \
	X(lgetxattr, "the same")                                               \
	X(fgetxattr, "the same")                                               \
	X(listxattr, "shutil.copystat asks by it what there is")               \
	X(llistxattr, "the same")                                              \
	X(flistxattr, "the same")                                              \
	X(removexattr, "the same")                                             \
	X(lremovexattr, "the same")                                            \
	X(fremovexattr, "the same")

/* Answered EPERM: X(call, why). */
/* Other processes. */
#define EPERM_PROCESSES(X)                                                     \
	X(ptrace, "reads and writes another process")                          \
	X(process_vm_readv, "reads another's memory")                          \
	X(process_vm_writev, "writes another's memory")                        \
	X(process_madvise, "changes another's memory")                         \
	X(process_mrelease, "takes another's memory")                          \
	X(kcmp, "compares what two processes have in the kernel")              \
	X(pidfd_getfd, "takes another's descriptors")                          \
	X(pidfd_send_signal,                                                   \
		"signals by a descriptor, past what is known of pids")
/* Mounts and namespaces. */
#define EPERM_MOUNTS(X)                                                        \
	X(mount, "changes the root")                                           \
	X(umount2, "uncovers what the root hides")                             \
	X(pivot_root, "leaves the root")                                       \
	X(chroot, "a way out of a root, for who has the right")                \
	X(unshare, "a user namespace has every capability, and most holes of " \
		   "the kernel behind it")                                     \
	X(setns, "enters another's namespaces")                                \
	X(fsopen, "a mount, by parts")                                         \
	X(fsconfig, "a mount, by parts")                                       \
	X(fsmount, "a mount, by parts")                                        \
	X(fspick, "a mount, by parts")                                         \
	X(open_tree, "a mount, by parts")                                      \
	X(move_mount, "a mount, by parts")                                     \
	X(mount_setattr, "makes a mount writable")                             \
	X(swapon, "the machine's swap")                                        \
	X(swapoff, "the machine's swap")                                       \
	X(quotactl, "quotas of a file system")                                 \
	X(name_to_handle_at, "a handle for the next")                          \
	X(open_by_handle_at, "opens any file of a file system, past every "    \
			     "root")
/* The kernel itself. */
#define EPERM_KERNEL(X)                                                        \
	X(bpf, "programs in the kernel")                                       \
	X(perf_event_open, "looks into the kernel and others; many holes")     \
	X(userfaultfd, "stops the kernel in the middle of a copy, as "         \
		       "exploits need it")                                     \
	X(keyctl, "keyrings outlive a run, and are shared by who has the id")  \
	X(add_key, "keyrings")                                                 \
	X(request_key, "keyrings; starts a program of the host")               \
	X(init_module, "code in the kernel")                                   \
	X(finit_module, "code in the kernel")                                  \
	X(delete_module, "code in the kernel")                                 \
	X(kexec_load, "another kernel")                                        \
	X(kexec_file_load, "another kernel")                                   \
	X(reboot, "the machine")                                               \
	X(acct, "writes a file of the host at each exit")                      \
	X(syslog, "the kernel's log, with its addresses")                      \
	X(vhangup, "a terminal of others")                                     \
	X(iopl, "the machine's ports")                                         \
	X(ioperm, "the machine's ports")                                       \
	X(modify_ldt, "segments; a hole of its own more than once")            \
	X(uselib, "executes what execve would not")                            \
	X(seccomp, "another filter; what is added could answer a call in "     \
		   "ours's place")                                             \
	X(landlock_create_ruleset,                                             \
		"another Landlock layer: there are 16, and ours is one")       \
	X(landlock_add_rule, "the same")                                       \
	X(landlock_restrict_self, "the same")
/* Identity. */
#define EPERM_IDENTITY(X)                                                      \
	X(setuid, "another user")                                              \
	X(setgid, "another group")                                             \
	X(setreuid, "another user")                                            \
	X(setregid, "another group")                                           \
	X(setresuid, "another user")                                           \
	X(setresgid, "another group")                                          \
	X(setfsuid, "another user")                                            \
	X(setfsgid, "another group")                                           \
	X(setgroups, "other groups")                                           \
	X(capset, "capabilities")                                              \
	X(chown, "whose a file is")                                            \
	X(fchown, "whose a file is")                                           \
	X(lchown, "whose a file is")                                           \
	X(fchownat, "whose a file is")
/* Clocks and host name. */
#define EPERM_CLOCKS(X)                                                        \
	X(settimeofday, "the machine's clock")                                 \
	X(clock_settime, "the machine's clock")                                \
	X(clock_adjtime, "the machine's clock")                                \
	X(adjtimex, "the machine's clock")                                     \
	X(sethostname, "a name of others")                                     \
	X(setdomainname, "a name of others")
/* Scheduling and memory policy. */
#define EPERM_POLICY(X)                                                        \
	X(sched_setscheduler, "a share of the processor that others wait for") \
	X(sched_setparam, "the same")                                          \
	X(sched_setattr, "the same")                                           \
	X(sched_setaffinity,                                                   \
		"chooses the processor, as timing attacks like to")            \
	X(ioprio_set, "a share of the disk")                                   \
	X(mbind, "where memory is; large and rarely looked at")                \
	X(set_mempolicy, "the same")                                           \
	X(get_mempolicy, "the same, and tells addresses of nodes")             \
	X(migrate_pages, "moves memory of others")                             \
	X(move_pages, "moves memory, and tells where it is")                   \
	X(mlock, "memory that cannot be taken back")                           \
	X(mlock2, "the same")                                                  \
	X(mlockall, "the same")                                                \
	X(munlock, "the other half of it")                                     \
	X(munlockall, "the other half of it")
/* Executing and sharing by other doors. */
#define EPERM_DOORS(X)                                                         \
	X(execveat,                                                            \
		"executes a descriptor, without a path for Landlock to see")   \
	X(memfd_create, "a file without a place, to execute from")             \
	X(memfd_secret, "memory that nobody else can look at")                 \
	X(vmsplice, "pages into pipes; holes of its own (Dirty Pipe was of "   \
		    "this family)")                                            \
	X(splice, "the same family")                                           \
	X(tee, "the same family")                                              \
	X(sync, "every file system of the machine")                            \
	X(syncfs, "a file system of the machine")                              \
	X(rt_sigqueueinfo, "a signal that lies about who sent it")             \
	X(rt_tgsigqueueinfo, "the same")                                       \
	X(shmget, "System V memory outlives its run")                          \
	X(shmat, "the same")                                                   \
	X(shmctl, "the same")                                                  \
	X(shmdt, "the same")                                                   \
	X(semget, "System V semaphores outlive their run")                     \
	X(semop, "the same")                                                   \
	X(semctl, "the same")                                                  \
	X(semtimedop, "the same")                                              \
	X(msgget, "System V queues outlive their run")                         \
	X(msgsnd, "the same")                                                  \
	X(msgrcv, "the same")                                                  \
	X(msgctl, "the same")                                                  \
	X(mq_open, "POSIX queues: the kernel's memory, that no limit of a "    \
		   "run counts")                                               \
	X(mq_unlink, "the same")                                               \
	X(mq_timedsend, "the same")                                            \
	X(mq_timedreceive, "the same")                                         \
	X(mq_notify, "the same")                                               \
	X(mq_getsetattr, "the same")                                           \
	X(fanotify_init, "watches files of others")                            \
	X(fanotify_mark, "the same")                                           \
	X(inotify_init, "watches directories; tells what others open")         \
	X(inotify_init1, "the same")                                           \
	X(inotify_add_watch, "the same")                                       \
	X(inotify_rm_watch, "the same")
#define EPERM_TABLE(X)                                                         \
	EPERM_PROCESSES(X)                                                     \
	EPERM_MOUNTS(X) EPERM_KERNEL(X) EPERM_IDENTITY(X) EPERM_CLOCKS(X)      \
		EPERM_POLICY(X) EPERM_DOORS(X)

/*
 * When no row of MATCH_TABLE fits, the answer is ENOSYS, but for these, for
 * which one condition says it: X(call, argument, operator, value, errno, why).
 */
#define ELSE_TABLE(X)                                                          \
	X(socket, 0, SCMP_CMP_NE, 1, EPERM,                                    \
		"every network: PermissionError, as where a firewall is")      \
	X(socketpair, 0, SCMP_CMP_NE, 1, EPERM, "the same")                    \
	X(prlimit64, 0, SCMP_CMP_NE, 0, EPERM, "limits of another process")    \
	X(setpriority, 0, SCMP_CMP_NE, 0, EPERM, "of a group or a user")

#endif
