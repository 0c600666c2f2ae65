/*
 * The system calls of a jailed child.
 *
 * What is in no table is answered ENOSYS, so that callers written for older
 * kernels fall back; what is known to be dangerous is answered EPERM, so that a
 * curious reader meets a PermissionError; a foreign ABI ends the process.
 * Nothing is ever pretended to have succeeded.
 *
 * ALLOW_TABLE: X(call), allowed whatever its arguments, by purpose.
 */
#ifndef SANDBOX_JAIL_TBL_SYSCALLS_H
#define SANDBOX_JAIL_TBL_SYSCALLS_H

/* Bytes through descriptors that are already there. */
#define ALLOW_IO(X)                                                            \
	X(read)                                                                \
	X(write)                                                               \
	X(readv)                                                               \
	X(writev) X(pread64) X(pwrite64) X(preadv) X(pwritev) X(preadv2)       \
		X(pwritev2) X(lseek) X(close) X(close_range) X(dup) X(dup2)    \
			X(dup3) X(pipe) X(sendfile) X(copy_file_range)
/* Files: where, is up to the root, the mounts and Landlock. */
#define ALLOW_FILES(X)                                                         \
	X(open)                                                                \
	X(openat)                                                              \
	X(creat)                                                               \
	X(stat) X(lstat) X(fstat) X(newfstatat) X(statx) X(statfs) X(          \
		fstatfs) X(access) X(faccessat) X(faccessat2) X(readlink)      \
		X(readlinkat) X(getdents) X(getdents64) X(getcwd) X(chdir) X(  \
			fchdir) X(mkdir) X(mkdirat) X(rmdir) X(unlink)         \
			X(unlinkat) X(rename) X(renameat) X(renameat2) X(      \
				link) X(linkat) X(symlink) X(symlinkat)        \
				X(chmod) X(fchmod) X(fchmodat) X(umask) X(     \
					truncate) X(ftruncate) X(fallocate)    \
					X(fsync) X(fdatasync) X(fadvise64) X(  \
						utime) X(utimes) X(futimesat)  \
						X(utimensat) X(flock)
/* Memory of one's own. */
#define ALLOW_MEMORY(X) X(mmap) X(munmap) X(mprotect) X(mremap) X(msync) X(brk)
/* Processes and threads; execve finds only the interpreter executable. */
#define ALLOW_PROCESSES(X)                                                       \
	X(fork)                                                                  \
	X(vfork)                                                                 \
	X(execve)                                                                \
	X(exit) X(exit_group) X(wait4) X(waitid) X(getpid) X(getppid) X(         \
		gettid) X(getpgid) X(getpgrp) X(getsid) X(setsid) X(setpgid)     \
		X(getuid) X(geteuid) X(getgid) X(getegid) X(getresuid) X(        \
			getresgid) X(getgroups) X(capget) X(set_tid_address)     \
			X(set_robust_list) X(get_robust_list) X(rseq) X(         \
				sched_yield) X(sched_getaffinity)                \
				X(sched_getparam) X(sched_getscheduler) X(       \
					sched_getattr) X(sched_get_priority_max) \
					X(sched_get_priority_min) X(             \
						sched_rr_get_interval)           \
						X(getpriority) X(getrlimit) X(   \
							setrlimit) X(getrusage)  \
							X(times) X(sysinfo) X(   \
								uname) X(getcpu) \
								X(restart_syscall)
/* Signals: within the PID namespace. */
#define ALLOW_SIGNALS(X)                                                       \
	X(rt_sigaction)                                                        \
	X(rt_sigprocmask)                                                      \
	X(rt_sigreturn)                                                        \
	X(rt_sigpending) X(rt_sigsuspend) X(rt_sigtimedwait) X(sigaltstack)    \
		X(kill) X(tkill) X(tgkill) X(pause) X(alarm) X(getitimer)      \
			X(setitimer)
#define ALLOW_TIME(X)                                                          \
	X(clock_gettime)                                                       \
	X(clock_getres)                                                        \
	X(clock_nanosleep)                                                     \
	X(nanosleep) X(gettimeofday) X(time) X(timerfd_create)                 \
		X(timerfd_settime) X(timerfd_gettime)
/* Waiting, and AF_UNIX sockets within the cell (forkserver needs them). */
#define ALLOW_EVENTS(X)                                                        \
	X(epoll_create)                                                        \
	X(epoll_create1)                                                       \
	X(epoll_ctl)                                                           \
	X(epoll_wait) X(epoll_pwait) X(poll) X(ppoll) X(select) X(pselect6)    \
		X(eventfd) X(eventfd2) X(bind) X(listen) X(accept) X(accept4)  \
			X(connect) X(getsockname) X(getpeername) X(shutdown)   \
				X(sendto) X(sendmsg) X(recvfrom) X(recvmsg)    \
					X(sendmmsg) X(recvmmsg) X(getrandom)
#define ALLOW_TABLE(X)                                                         \
	ALLOW_IO(X)                                                            \
	ALLOW_FILES(X)                                                         \
	ALLOW_MEMORY(X)                                                        \
	ALLOW_PROCESSES(X) ALLOW_SIGNALS(X) ALLOW_TIME(X) ALLOW_EVENTS(X)

/*
 * MATCH_TABLE: X(call, argument, mask, value): allowed when
 * (argument & mask) == value; several rows of one call are alternatives.
 * The mask covers all 64 bits that the kernel does not ignore: an argument that
 * the kernel reads as 32 bits is never refused wrongly, and allowing is exact.
 */
#define ALL_BITS       0xffffffffULL
#define NO_FUTEX_FLAGS (ALL_BITS & ~0x180ULL) /* PRIVATE, CLOCK_REALTIME */
#define MATCH_TABLE(X)                                                         \
	/* Threads and fork, no CLONE_NEW*, PARENT, PTRACE, UNTRACED. */       \
	X(clone, 0, 0x7e82a000ULL, 0)                                          \
	/* One's own limits only. */                                           \
	X(prlimit64, 0, ALL_BITS, 0)                                           \
	X(setpriority, 0, ALL_BITS, 0)                                         \
	X(socket, 0, ALL_BITS, 1)                                              \
	X(socketpair, 0, ALL_BITS, 1)                                          \
	X(getsockopt, 1, ALL_BITS, 1)                                          \
	/* SO_REUSEADDR, KEEPALIVE, PASSCRED, RCVTIMEO, SNDTIMEO; no */        \
	/* filters, and no larger buffers: what waits in a socket is the */    \
	/* kernel's memory, and no limit of a process counts it. */            \
	X(setsockopt, 2, ALL_BITS, 2)                                          \
	X(setsockopt, 2, ALL_BITS, 9)                                          \
	X(setsockopt, 2, ALL_BITS, 16)                                         \
	X(setsockopt, 2, ALL_BITS, 20)                                         \
	X(setsockopt, 2, ALL_BITS, 21)                                         \
	/* TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: isatty */ \
	/* on every open(), settimeout, set_inheritable. */                    \
	X(ioctl, 1, ALL_BITS, 0x5401)                                          \
	X(ioctl, 1, ALL_BITS, 0x5413)                                          \
	X(ioctl, 1, ALL_BITS, 0x541b)                                          \
	X(ioctl, 1, ALL_BITS, 0x5421)                                          \
	X(ioctl, 1, ALL_BITS, 0x5450)                                          \
	X(ioctl, 1, ALL_BITS, 0x5451)                                          \
	/* DUPFD, GETFD, SETFD, GETFL, SETFL, record locks (sqlite), */        \
	/* DUPFD_CLOEXEC, GETPIPE_SZ, seals; no lease, notify, owner. */       \
	X(fcntl, 1, ALL_BITS & ~7ULL, 0)                                       \
	X(fcntl, 1, ALL_BITS, 1030)                                            \
	X(fcntl, 1, ALL_BITS, 1032)                                            \
	X(fcntl, 1, ALL_BITS, 1033)                                            \
	X(fcntl, 1, ALL_BITS, 1034)                                            \
	/* GET/SET_NAME, GET_DUMPABLE, GET_PDEATHSIG, GET_NO_NEW_PRIVS, */     \
	/* CAPBSET_READ, SET_VMA. */                                           \
	X(prctl, 0, ALL_BITS, 2)                                               \
	X(prctl, 0, ALL_BITS, 3)                                               \
	X(prctl, 0, ALL_BITS, 15)                                              \
	X(prctl, 0, ALL_BITS, 16)                                              \
	X(prctl, 0, ALL_BITS, 23)                                              \
	X(prctl, 0, ALL_BITS, 39)                                              \
	X(prctl, 0, ALL_BITS, 0x53564d41)                                      \
	/* WAIT, WAKE, REQUEUE, CMP_REQUEUE, WAKE_OP, the BITSETs; no PI. */   \
	X(futex, 1, NO_FUTEX_FLAGS, 0)                                         \
	X(futex, 1, NO_FUTEX_FLAGS, 1)                                         \
	X(futex, 1, NO_FUTEX_FLAGS, 3)                                         \
	X(futex, 1, NO_FUTEX_FLAGS, 4)                                         \
	X(futex, 1, NO_FUTEX_FLAGS, 5)                                         \
	X(futex, 1, NO_FUTEX_FLAGS, 9)                                         \
	X(futex, 1, NO_FUTEX_FLAGS, 10)                                        \
	/* NORMAL to DONTNEED, FREE to DOFORK, HUGEPAGE to KEEPONFORK. */      \
	X(madvise, 2, ALL_BITS & ~3ULL, 0)                                     \
	X(madvise, 2, ALL_BITS, 4)                                             \
	X(madvise, 2, ALL_BITS & ~3ULL, 8)                                     \
	X(madvise, 2, ALL_BITS, 14)                                            \
	X(madvise, 2, ALL_BITS, 15)                                            \
	X(madvise, 2, ALL_BITS & ~3ULL, 16)                                    \
	/* O_CLOEXEC, O_NONBLOCK, O_DIRECT; not a notification pipe. */        \
	X(pipe2, 1, ALL_BITS & ~0x84800ULL, 0)                                 \
	/* A FIFO; no device nodes. */                                         \
	X(mknod, 1, 0170000, 0010000)                                          \
	X(mknodat, 2, 0170000, 0010000)                                        \
	X(arch_prctl, 0, ALL_BITS, 0x1002)                                     \
	X(arch_prctl, 0, ALL_BITS, 0x1003)

/*
 * Where there are no namespaces, these are not simply allowed, but asked of the
 * init of the cell: it lets forks and threads continue while there may be more,
 * and none at the end, and answers socket(2) EPERM, for a socket could reach
 * those of others by their path, of which Landlock knows nothing.
 */
#define PLAIN_TABLE(X) X(clone) X(fork) X(vfork) X(socket)

/*
 * There, too, a row of MATCH_TABLE for one of these calls also needs one of
 * these: X(call, argument, mask, value, action).  sendto(2) and connect(2) of a
 * pair of datagram sockets take the path of another socket just as well; those
 * of a pair that is connected for good do not.  AF_UNIX makes SOCK_RAW a
 * datagram socket (net/unix/af_unix.c, unix_create).
 */
#define SOCKET_TYPE 0xfULL
#define PLAIN_MATCH_TABLE(X)                                                   \
	X(socketpair, 1, SOCKET_TYPE, 1, SCMP_ACT_ALLOW) /* SOCK_STREAM */     \
	X(socketpair, 1, SOCKET_TYPE, 5, SCMP_ACT_ALLOW) /* SEQPACKET */       \
	X(socketpair, 1, SOCKET_TYPE, 2, REFUSE)	 /* SOCK_DGRAM */      \
	X(socketpair, 1, SOCKET_TYPE, 3, REFUSE)	 /* SOCK_RAW */

/* Answered ENOTSUP: shutil.copy2 and copytree ignore just that. */
#define NOTSUP_TABLE(X)                                                        \
	X(setxattr)                                                            \
	X(lsetxattr)                                                           \
	X(fsetxattr)                                                           \
	X(getxattr) X(lgetxattr) X(fgetxattr) X(listxattr) X(llistxattr)       \
		X(flistxattr) X(removexattr) X(lremovexattr) X(fremovexattr)

/* Answered EPERM. */
#define EPERM_TABLE(X)                                                              \
	/* other processes */                                                       \
	X(ptrace)                                                                   \
	X(process_vm_readv)                                                         \
	X(process_vm_writev)                                                        \
	X(process_madvise) X(process_mrelease) X(kcmp) X(pidfd_getfd)               \
		X(pidfd_send_signal) /* mounts and namespaces */                    \
		X(mount) X(umount2) X(pivot_root) X(chroot) X(unshare) X(           \
			setns) X(fsopen) X(fsconfig) X(fsmount) X(fspick)           \
			X(open_tree) X(move_mount) X(mount_setattr) X(swapon)       \
				X(swapoff) X(quotactl) X(name_to_handle_at)         \
					X(open_by_handle_at) /* the kernel          \
								itself */           \
		X(bpf) X(perf_event_open) X(userfaultfd) X(keyctl) X(               \
			add_key) X(request_key) X(init_module) X(finit_module)      \
			X(delete_module) X(kexec_load) X(kexec_file_load) X(        \
				reboot) X(acct) X(syslog) X(vhangup) X(iopl)        \
				X(ioperm) X(modify_ldt) X(uselib) X(                \
					seccomp) X(landlock_create_ruleset)         \
					X(landlock_add_rule) X(                     \
						landlock_restrict_self) /* identity \
									 */         \
		X(setuid) X(setgid) X(setreuid) X(setregid) X(setresuid)            \
			X(setresgid) X(setfsuid) X(setfsgid) X(setgroups)           \
				X(capset) X(chown) X(fchown) X(lchown)              \
					X(fchownat) /* clocks and host name */      \
		X(settimeofday) X(clock_settime) X(clock_adjtime) X(                \
			adjtimex) X(sethostname)                                    \
			X(setdomainname) /* scheduling and memory policy */         \
		X(sched_setscheduler) X(sched_setparam) X(sched_setattr) X(         \
			sched_setaffinity) X(ioprio_set) X(mbind)                   \
			X(set_mempolicy) X(get_mempolicy) X(migrate_pages) X(       \
				move_pages) X(mlock) X(mlock2) X(mlockall)          \
				X(munlock)                                          \
					X(munlockall) /* executing and sharing      \
							 by other doors */          \
		X(execveat) X(memfd_create) X(memfd_secret) X(vmsplice) X(          \
			splice) X(tee) X(sync) X(syncfs) X(rt_sigqueueinfo)         \
			X(rt_tgsigqueueinfo) X(shmget) X(shmat) X(shmctl) X(        \
				shmdt) X(semget) X(semop) X(semctl) X(semtimedop)   \
				X(msgget) X(msgsnd) X(msgrcv) X(msgctl) X(          \
					mq_open) X(mq_unlink) X(mq_timedsend)       \
					X(mq_timedreceive) X(mq_notify) X(          \
						mq_getsetattr) X(fanotify_init)     \
						X(fanotify_mark) X(                 \
							inotify_init)               \
							X(inotify_init1) X(         \
								inotify_add_watch)  \
								X(inotify_rm_watch)

/*
 * When no row of MATCH_TABLE fits, the answer is ENOSYS, but for these, for
 * which one condition says it: X(call, argument, operator, value, errno).
 */
#define ELSE_TABLE(X)                                                          \
	X(socket, 0, SCMP_CMP_NE, 1, EPERM)                                    \
	X(socketpair, 0, SCMP_CMP_NE, 1, EPERM)                                \
	X(prlimit64, 0, SCMP_CMP_NE, 0, EPERM)                                 \
	X(setpriority, 0, SCMP_CMP_NE, 0, EPERM)

#endif
