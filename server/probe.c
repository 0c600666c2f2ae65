/* Proof at start. */
#include "server/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/log.h"

static const struct {
	const char *name, *what, *code, *expect;
} probes[] = {
	{"run", "a snippet runs and its output comes back", "print(6 * 7)",
		"42\n"},
	{"host-file", "a file of the host cannot be read",
		"try:\n"
		"    open('/etc/shadow')\n"
		"except OSError as e:\n"
		"    print('contained')\n",
		"contained\n"},
	{"write-outside", "nothing outside the working places can be written",
		"n = 0\n"
		"for p in '/x', '/usr/x', '/etc/x', '/usr/lib/x':\n"
		"    try:\n"
		"        open(p, 'w')\n"
		"    except OSError:\n"
		"        n += 1\n"
		"print(n)\n",
		"4\n"},
	{"exec", "no program but the interpreter can be executed",
		"import os\n"
		"open('x', 'w').write('#!/usr/bin/python3\\n')\n"
		"os.chmod('x', 0o755)\n"
		"n = 0\n"
		"for p in '/bin/sh', './x':\n"
		"    try:\n"
		"        os.execv(p, [p])\n"
		"    except OSError:\n"
		"        n += 1\n"
		"print(n)\n",
		"2\n"},
	{"socket", "no network socket can be made",
		"import socket\n"
		"try:\n"
		"    socket.socket()\n"
		"except PermissionError:\n"
		"    print('contained')\n",
		"contained\n"},
	{"signal", "no process of others can be signalled",
		/* Landlock refuses it from Linux 6.12 on; before, the kernel
		 * drops what would end the init of a namespace.  That the init
		 * lives is seen in that it is the one that tells the end. */
		"import os\n"
		"try:\n"
		"    os.kill(1, 9)\n"
		"except OSError:\n"
		"    pass\n"
		"print('contained')\n",
		"contained\n"},
	{"privileges", "the snippet has none and cannot gain any",
		"import ctypes, os\n"
		"libc = ctypes.CDLL(None)\n"
		/* A user other than root cannot drop groups: its own may be
		 * listed again, others show as 65534 and reach no file. */
		"groups = set(os.getgroups()) <= {os.getgid(), 65534}\n"
		/* no_new_privs, and capget(2) of version 3. */
		"nnp = libc.prctl(39, 0, 0, 0, 0)\n"
		"head = ctypes.c_uint64(0x20080522)\n"
		"sets = ctypes.create_string_buffer(24)\n"
		"got = libc.syscall(125, ctypes.byref(head), sets)\n"
		"print(groups, nnp, got, any(sets.raw))\n",
		"True 1 0 False\n"},
};
#define PROBES (sizeof(probes) / sizeof(*probes))

struct one {
	struct probe *all;
	struct run_request q;
	bool over, passed;
	char got[200];
};

struct probe {
	struct one one[PROBES];
	void (*done)(void *arg);
	void *arg;
};

static void
answered(void *arg, enum engine_outcome outcome, struct run_result *r,
	const char *reason)
{
	struct one *o = arg;
	const struct pass_result *p = &r->pass[PASS_CLEAN];
	size_t i = (size_t)(o - o->all->one);

	o->over = true;
	if (outcome != ENGINE_DONE) {
		snprintf(o->got, sizeof(o->got), "no answer: %s", reason);
	} else {
		snprintf(o->got, sizeof(o->got), "%s",
			p->out.len   ? p->out.data
			: p->err.len ? p->err.data
				     : "");
		o->passed = p->exit.cause == END_SELF &&
			    p->killed == KILL_NONE &&
			    p->exit.wait_status == 0 &&
			    strcmp(o->got, probes[i].expect) == 0;
	}
	if (probe_over(o->all))
		o->all->done(o->all->arg);
}

struct probe *
probe_start(struct engine *e, void (*done)(void *arg), void *arg)
{
	struct probe *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->done = done;
	p->arg = arg;
	for (size_t i = 0; i < PROBES; i++) {
		struct one *o = &p->one[i];
		o->all = p;
		o->q = (struct run_request){
			.code = {strdup(probes[i].code),
				strlen(probes[i].code)},
			.hash_seed = -1,
			.limits = limits_default(),
		};
		if (!o->q.code.data)
			abort();
		engine_submit(e, &o->q, answered, o);
	}
	return p;
}

bool
probe_over(const struct probe *p)
{
	for (size_t i = 0; i < PROBES; i++)
		if (!p->one[i].over)
			return false;
	return true;
}

bool
probe_passed(const struct probe *p)
{
	for (size_t i = 0; i < PROBES; i++)
		if (!p->one[i].passed)
			return false;
	return true;
}

json_t *
probe_json(const struct probe *p)
{
	json_t *a = json_array();

	for (size_t i = 0; i < PROBES; i++)
		json_array_append_new(
			a, json_pack("{s:s, s:s, s:b, s:s*}", "name",
				   probes[i].name, "what", probes[i].what,
				   "passed", (int)p->one[i].passed, "got",
				   p->one[i].passed ? NULL : p->one[i].got));
	return a;
}

void
probe_log(const struct probe *p)
{
	for (size_t i = 0; i < PROBES; i++)
		if (!p->one[i].passed)
			log_error("a probe failed: %s (%s); it said: %s",
				probes[i].name, probes[i].what, p->one[i].got);
}

void
probe_free(struct probe *p)
{
	for (size_t i = 0; p && i < PROBES; i++)
		run_request_clear(&p->one[i].q);
	free(p);
}
