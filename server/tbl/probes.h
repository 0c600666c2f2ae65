/*
 * What is tried on the jail: X(name, what must hold, kind, layer, guards, code,
 * expected).  The layer is the one that answers EPERM there.  The guards are the
 * layers without any of which an attempt may get through: where one of them is
 * missing because the operator said that it may be, the server serves all the
 * same.
 *
 * SAYS     the output is the expected text, to the letter
 * REFUSED  each line of the output is the errno that an attempt met, and there
 *          are as many as expected says; "done" says that one got through
 * DEADLINE the program is still there when its wall limit ends it
 *
 * PROBE_BEGIN is what the codes of REFUSED begin with.
 */
#ifndef SERVER_TBL_PROBES_H
#define SERVER_TBL_PROBES_H

#define PROBE_BEGIN                                                            \
	"import errno, os\n"                                                   \
	"def attempt(call, *args):\n"                                          \
	"    try:\n"                                                           \
	"        call(*args)\n"                                                \
	"        print('done')\n"                                              \
	"    except OSError as e:\n"                                           \
	"        print(errno.errorcode[e.errno])\n"

#define PROBE_TABLE(X)                                                         \
	X("run", "a snippet runs and its output comes back", SAYS, SECCOMP, 0,    \
		"print(6 * 7)\n", "42\n")                                      \
	/* That anybody may read or write where file modes decide. */          \
	X("host-file", "a file of the host cannot be read", REFUSED, SECCOMP, BIT(LAYER_LANDLOCK),  \
		PROBE_BEGIN "attempt(open, '/etc/os-release')\n"               \
			    "attempt(open, '/proc/version')\n"                 \
			    "attempt(os.listdir, '/home')\n",                  \
		"3")                                                           \
	X("write-outside",                                                     \
		"nothing outside the working places can be written", REFUSED,  \
		SECCOMP, BIT(LAYER_LANDLOCK),                                                       \
		PROBE_BEGIN "attempt(open, '/run/lock/x', 'w')\n"              \
			    "attempt(open, '/usr/x', 'w')\n"                   \
			    "attempt(open, '/usr/lib/x', 'w')\n"               \
			    "attempt(os.mkdir, '/x')\n",                       \
		"4")                                                           \
	X("exec", "no program but the interpreter can be executed", REFUSED,   \
		SECCOMP, BIT(LAYER_LANDLOCK) | BIT(LAYER_SECCOMP),                                                       \
		PROBE_BEGIN "open('x', 'w').write('#!/usr/bin/python3\\n')\n"  \
			    "os.chmod('x', 0o755)\n"                           \
			    "attempt(os.execv, '/bin/sh', ['sh'])\n"           \
			    "attempt(os.execv, 'x', ['x'])\n"                  \
			    "attempt(os.memfd_create, 'x')\n",                 \
		"3")                                                           \
	X("socket", "no network socket can be made", REFUSED, SECCOMP, BIT(LAYER_SECCOMP),         \
		PROBE_BEGIN "import socket\n"                                  \
			    "attempt(socket.socket, socket.AF_INET)\n"         \
			    "attempt(socket.socket, socket.AF_INET6)\n"        \
			    "attempt(socket.socket, socket.AF_NETLINK, "       \
			    "socket.SOCK_RAW)\n",                              \
		"3")                                                           \
	/* The init is a stranger where there is no PID namespace, and where   \
	 * there is, nobody else has a number; that a signal to its init does  \
	 * no harm is seen in that this one tells the end. */                  \
	X("signal", "no process of others can be signalled", REFUSED,          \
		LANDLOCK, BIT(LAYER_LANDLOCK),                                                      \
		PROBE_BEGIN "import signal\n"                                  \
			    "init = os.getppid()\n"                            \
			    "try:\n"                                           \
			    "    os.kill(init, signal.SIGKILL)\n"              \
			    "except PermissionError:\n"                        \
			    "    pass\n"                                       \
			    "attempt(os.kill, 3 if init == 1 else init, 0)\n", \
		"1")                                                           \
	X("fork", "no more processes than allowed can be forked", REFUSED,     \
		SECCOMP, BIT(LAYER_RLIMITS) | BIT(LAYER_SECCOMP),                                                       \
		PROBE_BEGIN "import signal\n"                                  \
			    "def fork():\n"                                    \
			    "    while len(made) < 64:\n"                      \
			    "        pid = os.fork()\n"                        \
			    "        if pid == 0:\n"                           \
			    "            signal.pause()\n"                     \
			    "        made.append(pid)\n"                       \
			    "made = []\n"                                      \
			    "attempt(fork)\n"                                  \
			    "for pid in made:\n"                               \
			    "    os.kill(pid, signal.SIGKILL)\n",              \
		"1")                                                           \
	/* A daemon, and a program deaf to every signal that it can be deaf    \
	 * to. */                                                              \
	X("deadline", "nothing outlives its time", DEADLINE, SECCOMP, 0,          \
		"import os, signal, time\n"                                    \
		"signal.pthread_sigmask(signal.SIG_BLOCK,\n"                   \
		"                       signal.valid_signals())\n"             \
		"if os.fork() == 0:\n"                                         \
		"    os.setsid()\n"                                            \
		"    if os.fork() == 0:\n"                                     \
		"        os.kill(os.getpid(), signal.SIGSTOP)\n"               \
		"while True:\n"                                                \
		"    time.sleep(1)\n",                                         \
		"")                                                            \
	/* A user other than root cannot drop groups: its own may be listed    \
	 * again, others show as 65534 and reach no file.  39 is               \
	 * PR_GET_NO_NEW_PRIVS, 125 capget(2), asked with version 3. */        \
	X("privileges", "the snippet has none and cannot gain any", SAYS,      \
		SECCOMP, 0,                                                       \
		"import ctypes, os\n"                                          \
		"libc = ctypes.CDLL(None)\n"                                   \
		"groups = set(os.getgroups()) <= {os.getgid(), 65534}\n"       \
		"nnp = libc.prctl(39, 0, 0, 0, 0)\n"                           \
		"head = ctypes.c_uint64(0x20080522)\n"                         \
		"sets = ctypes.create_string_buffer(24)\n"                     \
		"got = libc.syscall(125, ctypes.byref(head), sets)\n"          \
		"print(groups, nnp, got, any(sets.raw))\n",                    \
		"True 1 0 False\n")

#endif
