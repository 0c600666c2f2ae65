/*
 * The system call filter: built from the table by libseccomp once, exported as
 * BPF, loaded by each child with one call.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/sabotage.h"
#include "base/scope.h"
#include "sandbox/jail/jail.h"
#include "sandbox/jail/tbl/syscalls.h"

#define WAIT_KILLABLE_RECV (1U << 5) /* Linux 5.19 */

static void
release(scmp_filter_ctx *c)
{
	if (*c)
		seccomp_release(*c);
}
#define scope_filter __attribute__((cleanup(release)))

struct rule {
	const char *call;
	uint32_t action;
	struct scmp_arg_cmp args[2]; /* op 0: whatever the argument */
};

#define ALLOW(call, why) {#call, SCMP_ACT_ALLOW, {{0}}},
/* Becomes SCMP_ACT_NOTIFY where refusals are counted. */
#define REFUSE		  SCMP_ACT_ERRNO(EPERM)
#define DENY(call, why)	  {#call, REFUSE, {{0}}},
#define NOTSUP(call, why) {#call, SCMP_ACT_ERRNO(ENOTSUP), {{0}}},
#define MATCH(call, a, mask, value, why)                                       \
	{#call, SCMP_ACT_ALLOW, {{a, SCMP_CMP_MASKED_EQ, mask, value}}},
#define ELSE(call, a, op, value, err, why)                                     \
	{#call, SCMP_ACT_ERRNO(err), {{a, op, value, 0}}},

static const struct rule rules[] = {
	ALLOW_TABLE(ALLOW)		       /* by purpose */
	MATCH_TABLE(MATCH) ELSE_TABLE(ELSE)    /* by argument */
	NOTSUP_TABLE(NOTSUP) EPERM_TABLE(DENY) /* by name */
};

static const struct {
	const char *call;
	struct scmp_arg_cmp arg;
	uint32_t action;
} plain_matches[] = {
#define X(call, a, mask, value, action, why)                                   \
	{#call, {a, SCMP_CMP_MASKED_EQ, mask, value}, action},
	PLAIN_MATCH_TABLE(X)
#undef X
};

/* clone with any of these is EPERM; libseccomp wants a rule for each bit. */
static const uint64_t clone_denied[] = {0x00020000, 0x02000000, 0x04000000,
	0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x00002000, 0x00008000,
	0x00800000};

/* Is this call put to the init in this posture, which answers? */
static bool
is_asked(const struct jail *j, const char *call)
{
	static const char *const asked[] = {
#define X(call, why) #call,
		PLAIN_TABLE(X) NULL};
	static const char *const told[] = {TOLD_TABLE(X) NULL};
#undef X

	for (const char *const *c = jail_is_plain(j) ? asked : told; *c; c++)
		if (strcmp(call, *c) == 0)
			return true;
	return false;
}

static int
add(struct jail *j, scmp_filter_ctx c, const struct rule *r)
{
	int number = seccomp_syscall_resolve_name(r->call);
	uint32_t action = r->action;

	if (number == __NR_SCMP_ERROR)
		return 0; /* newer than libseccomp: ENOSYS as any unknown */
	if (j->listen_flags && (action == REFUSE || is_asked(j, r->call))) {
		action = SCMP_ACT_NOTIFY;
		if (number >= 0 && number < JAIL_MAX_CALL)
			j->call_name[number] = r->call;
	}
	return seccomp_rule_add_array(c, action, number,
		(unsigned)!!r->args[0].op + !!r->args[1].op, r->args);
}

/* As add(); where there are no namespaces, with a second argument looked at
 * for the calls of plain_matches. */
static int
add_narrowed(struct jail *j, scmp_filter_ctx c, const struct rule *r)
{
	bool narrowed = false;

	if (!jail_is_plain(j) || r->action != SCMP_ACT_ALLOW ||
		SABOTAGE(SOCKET_PAIRS))
		return add(j, c, r);
	for (size_t i = 0; i < sizeof(plain_matches) / sizeof(*plain_matches);
		i++) {
		struct rule both = *r;
		if (strcmp(r->call, plain_matches[i].call) != 0)
			continue;
		narrowed = true;
		both.action = plain_matches[i].action;
		both.args[1] = plain_matches[i].arg;
		int rc = add(j, c, &both);
		if (rc)
			return rc;
	}
	return narrowed ? 0 : add(j, c, r);
}

static int
fill(struct jail *j, scmp_filter_ctx c, struct fail *f)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		int rc = add_narrowed(j, c, &rules[i]);
		if (rc)
			return fail_set(f, "filter rule for %s: %s",
				rules[i].call, strerror(-rc));
	}
	for (size_t i = 0; i < sizeof(clone_denied) / sizeof(*clone_denied);
		i++) {
		struct rule r = {"clone", REFUSE,
			{{0, SCMP_CMP_MASKED_EQ, clone_denied[i],
				clone_denied[i]}}};
		int rc = add(j, c, &r);
		if (rc)
			return fail_set(
				f, "filter rule for clone: %s", strerror(-rc));
	}
	return 0;
}

static int
keep(struct jail *j, int fd, struct fail *f)
{
	struct stat st;

	if (fstat(fd, &st))
		return fail_errno(f, "cannot size the filter");
	size_t n = (size_t)st.st_size / sizeof(struct sock_filter);
	if (!n || n > BPF_MAXINSNS)
		return fail_set(f, "the filter has %zu instructions", n);
	scope_free struct sock_filter *program = malloc(n * sizeof(*program));
	if (!program)
		return fail_set(f, "no memory for the filter");
	if (io_pread_all(fd, program, n * sizeof(*program), 0, f))
		return -1;
	j->filter.len = (unsigned short)n;
	j->filter.filter = steal_ptr(&program);
	snprintf(j->note[LAYER_SECCOMP], sizeof(j->note[0]),
		"allow-list of %zu rules in %zu instructions; unknown calls "
		"ENOSYS, foreign ABIs killed; refusals %scounted",
		sizeof(rules) / sizeof(*rules), n,
		j->listen_flags ? "" : "not ");
	return 0;
}

static bool
can_listen(unsigned flags)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	const struct sock_fprog program = {1, &allow};
	int status;

	pid_t pid = fork();
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			_exit(1);
		_exit(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags,
			      &program) < 0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* One process can have one listener: where the container's own filter has it,
 * and on kernels before 5.0, refusals are not counted.  Found out by doing.
 * From 5.19 on a signal does not make a refused call end as EINTR once the
 * init has looked at it. */
static unsigned
find_listen_flags(void)
{
	static const unsigned ways[] = {
		SECCOMP_FILTER_FLAG_NEW_LISTENER | WAIT_KILLABLE_RECV,
		SECCOMP_FILTER_FLAG_NEW_LISTENER,
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (can_listen(ways[i]))
			return ways[i];
	return 0;
}

int
jail_build_filter(struct jail *j, struct fail *f)
{
	j->listen_flags = find_listen_flags();
	if (jail_is_plain(j) && !j->listen_flags)
		return fail_set(f,
			"seccomp user notifications cannot be had, and without "
			"namespaces forks are counted by them");
	scope_filter scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));

	if (!c)
		return fail_set(f, "libseccomp cannot start a filter");
	if (seccomp_attr_set(
		    c, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) ||
		seccomp_attr_set(c, SCMP_FLTATR_CTL_OPTIMIZE, 2))
		return fail_set(f, "libseccomp refuses an attribute");
	if (fill(j, c, f))
		return -1;
	scope_fd int fd = memfd_create("filter", MFD_CLOEXEC);
	if (fd < 0)
		return fail_errno(f, "memfd_create");
	int rc = seccomp_export_bpf(c, fd);
	if (rc)
		return fail_set(
			f, "cannot export the filter: %s", strerror(-rc));
	return keep(j, fd, f);
}

int
jail_close_seccomp(const struct jail *j, int *ret_listener)
{
	*ret_listener = -1;
	if (!(j->layers & BIT(LAYER_SECCOMP)) || SABOTAGE(SECCOMP))
		return 0;
	/* no_new_privs is set: creds.c ran before. */
	int rc = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		j->listen_flags, &j->filter);
	if (rc >= 0 && j->listen_flags)
		*ret_listener = rc;
	return rc < 0 ? -1 : 0;
}
