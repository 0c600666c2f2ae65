/*
 * What this machine offers a jail.  Each trial is a child that makes the system
 * calls in the order in which sandbox/jail/ makes them, and exits with the
 * step that failed.
 */
#include "server/cli_kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope.h"
#include "wire/limits.h"

/* A small file's text without its last newline; "" when it cannot be read. */
static void
read_small(const char *path, char *ret, size_t size)
{
	scope_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, size - 1);

	ret[n > 0 ? n : 0] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
}

static long
read_number(const char *path)
{
	char text[32], *end;

	read_small(path, text, sizeof(text));
	long v = strtol(text, &end, 10);
	return end == text ? -1 : v;
}

static int
write_file(const char *path, const char *text)
{
	scope_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	return write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
}

enum step { STEP_DROP, STEP_USER, STEP_IDS, STEP_OTHERS, STEP_MOUNT, STEPS };

static int
map_ids(uid_t uid, gid_t gid)
{
	char line[64];

	snprintf(line, sizeof(line), "1000 %u 1\n", uid);
	if (write_file("/proc/self/uid_map", line) ||
		write_file("/proc/self/setgroups", "deny"))
		return -1;
	snprintf(line, sizeof(line), "1000 %u 1\n", gid);
	return write_file("/proc/self/gid_map", line);
}

static bool
become_nobody(void)
{
	if (geteuid() != 0)
		return true;
	return setgroups(0, NULL) == 0 &&
	       setresgid(RUNNER_ID, RUNNER_ID, RUNNER_ID) == 0 &&
	       setresuid(RUNNER_ID, RUNNER_ID, RUNNER_ID) == 0 &&
	       prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

/* Walks the steps; what comes back is the first that failed, or STEPS. */
static enum step
namespaces(void)
{
	const int others = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC |
			   CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_NEWPID;
	uid_t uid;
	gid_t gid;

	if (!become_nobody())
		return STEP_DROP;
	uid = geteuid();
	gid = getegid();
	if (unshare(CLONE_NEWUSER))
		return STEP_USER;
	if (map_ids(uid, gid))
		return STEP_IDS;
	if (unshare(others))
		return STEP_OTHERS;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		mount("probe", "/mnt", "tmpfs", MS_NOSUID, "size=64k"))
		return STEP_MOUNT;
	return STEPS;
}

static void
probe_namespaces(struct cli_kernel *k)
{
	int *const errors[STEPS] = {&k->drop_error, &k->userns_error,
		&k->idmap_error, &k->nested_error, &k->mount_error};
	int said[2] = {STEPS, 0}, p[2];

	if (pipe2(p, O_CLOEXEC))
		return;
	scope_fd int from = p[0], to = p[1];
	pid_t pid = fork();
	if (pid == 0) {
		said[0] = (int)namespaces();
		said[1] = errno;
		(void)!write(to, said, sizeof(said));
		_exit(0);
	}
	close(steal_fd(&to));
	if (pid < 0 || read(from, said, sizeof(said)) != sizeof(said)) {
		k->userns_error = EAGAIN;
		said[0] = STEPS;
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	if (said[0] >= 0 && said[0] < STEPS)
		*errors[said[0]] = said[1] ? said[1] : EPERM;
}

static void
probe_landlock(struct cli_kernel *k)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
		LANDLOCK_CREATE_RULESET_VERSION);

	k->landlock_abi = abi > 0 ? (int)abi : 0;
	k->landlock_error = abi > 0 ? 0 : errno;
	read_small("/sys/kernel/security/lsm", k->lsm, sizeof(k->lsm));
}

static void
probe_seccomp(struct cli_kernel *k)
{
	uint32_t action = SECCOMP_RET_ERRNO;

	k->seccomp =
		syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
	k->seccomp_error = k->seccomp ? 0 : errno;
	k->filtered = prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER;
}

void
cli_kernel_probe(struct cli_kernel *ret_k)
{
	struct utsname u;

	*ret_k = (struct cli_kernel){.root = geteuid() == 0};
	if (uname(&u) == 0)
		snprintf(ret_k->release, sizeof(ret_k->release), "%.64s",
			u.release);
	ret_k->container = access("/.dockerenv", F_OK) == 0 ||
			   access("/run/.containerenv", F_OK) == 0;
	ret_k->userns_max = read_number("/proc/sys/user/max_user_namespaces");
	ret_k->userns_clone =
		read_number("/proc/sys/kernel/unprivileged_userns_clone");
	ret_k->apparmor = read_number("/proc/sys/kernel/"
				      "apparmor_restrict_unprivileged_userns");
	probe_namespaces(ret_k);
	probe_landlock(ret_k);
	probe_seccomp(ret_k);
}

static int
namespace_error(const struct cli_kernel *k)
{
	const int errors[] = {k->drop_error, k->userns_error, k->idmap_error,
		k->nested_error, k->mount_error};

	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (errors[i])
			return errors[i];
	return 0;
}

bool
cli_kernel_offers(const struct cli_kernel *k, enum layer l)
{
	switch (l) {
	case LAYER_NAMESPACES:
		return namespace_error(k) == 0;
	case LAYER_LANDLOCK:
		return k->landlock_abi > 0;
	case LAYER_SECCOMP:
		return k->seccomp;
	case LAYER_RLIMITS:
	case LAYER_CGROUPS:
	case LAYER_COUNT:
		break;
	}
	return true;
}

/* --- Causes --------------------------------------------------------------- */

static bool
is_root_kept(const struct cli_kernel *k)
{
	return k->drop_error;
}

static bool
is_max_zero(const struct cli_kernel *k)
{
	return k->userns_max == 0;
}

static bool
is_max_reached(const struct cli_kernel *k)
{
	return k->userns_max != 0 && k->userns_error == ENOSPC;
}

static bool
is_clone_off(const struct cli_kernel *k)
{
	return k->userns_clone == 0;
}

static bool
is_apparmor(const struct cli_kernel *k)
{
	return k->apparmor > 0 && namespace_error(k);
}

static bool
is_contained(const struct cli_kernel *k)
{
	return (k->userns_error == EPERM || k->nested_error == EPERM ||
		       k->userns_error == ENOSYS) &&
	       (k->container || k->filtered) && !is_max_zero(k) &&
	       !is_clone_off(k);
}

static bool
is_mount_refused(const struct cli_kernel *k)
{
	return k->mount_error && k->container;
}

static bool
is_userns_unbuilt(const struct cli_kernel *k)
{
	return k->userns_error == EINVAL || k->userns_max == -1;
}

static bool
is_unexplained(const struct cli_kernel *k)
{
	return namespace_error(k) && !k->drop_error && !is_max_zero(k) &&
	       !is_max_reached(k) && !is_clone_off(k) && !is_apparmor(k) &&
	       !is_contained(k) && !is_userns_unbuilt(k);
}

/* The jail failed although everything that it stands on works here. */
static bool
is_ours(const struct cli_kernel *k)
{
	return !namespace_error(k);
}

static bool
is_landlock_disabled(const struct cli_kernel *k)
{
	return k->landlock_error == EOPNOTSUPP ||
	       (k->landlock_error && k->lsm[0] && !strstr(k->lsm, "landlock"));
}

static bool
is_landlock_refused(const struct cli_kernel *k)
{
	return k->landlock_error == EPERM ||
	       (k->landlock_error == ENOSYS && k->filtered);
}

static bool
is_landlock_unbuilt(const struct cli_kernel *k)
{
	return k->landlock_error == ENOSYS && !k->filtered;
}

static bool
is_seccomp_unbuilt(const struct cli_kernel *k)
{
	return !k->seccomp;
}

static const struct {
	enum layer layer;
	bool (*applies)(const struct cli_kernel *k);
	const char *words;
} causes[] = {
	{LAYER_NAMESPACES, is_root_kept,
		"We are root and cannot become an ordinary user: this is the "
		"root of a user namespace that has no other ids. Start Vitrine "
		"as an ordinary user, or give the namespace a range of ids "
		"(/etc/subuid, /etc/subgid)."},
	{LAYER_NAMESPACES, is_max_zero,
		"User namespaces are switched off. As root: "
		"sysctl -w user.max_user_namespaces=15000, and the same line "
		"in /etc/sysctl.d/ to keep it."},
	{LAYER_NAMESPACES, is_max_reached,
		"All user namespaces that this system allows are in use. As "
		"root, raise user.max_user_namespaces by sysctl, or end what "
		"holds them (lsns -t user lists them)."},
	{LAYER_NAMESPACES, is_clone_off,
		"Debian's switch is off. As root: "
		"sysctl -w kernel.unprivileged_userns_clone=1, and the same "
		"line in /etc/sysctl.d/ to keep it."},
	{LAYER_NAMESPACES, is_apparmor,
		"AppArmor restricts user namespaces, as Ubuntu does from 23.10 "
		"on. Give the runner a profile of its own with the rule "
		"\"userns,\" (profile vitrine-runner "
		"/path/to/runner-3.11 flags=(unconfined) { userns, }), or as "
		"root: sysctl -w "
		"kernel.apparmor_restrict_unprivileged_userns=0."},
	{LAYER_NAMESPACES, is_contained,
		"This is a container, or something else with a system call "
		"filter, that refuses namespaces, as Docker's default profile "
		"does. Give the container one that allows clone, clone3, "
		"unshare, mount, umount2, mount_setattr and pivot_root, such "
		"as podman's (--security-opt seccomp=FILE; "
		"/usr/share/containers/seccomp.json of Debian's package "
		"golang-github-containers-common)."},
	{LAYER_NAMESPACES, is_mount_refused,
		"Mounts are refused inside the namespaces: in Docker, add "
		"--security-opt apparmor=unconfined and "
		"--security-opt systempaths=unconfined."},
	{LAYER_NAMESPACES, is_userns_unbuilt,
		"This kernel was built without user namespaces "
		"(CONFIG_USER_NS): another kernel is needed."},
	{LAYER_NAMESPACES, is_unexplained,
		"No usual cause was found. The errno above and the kernel's "
		"log (dmesg, journalctl -k) say more; SELinux is one that "
		"refuses user namespaces."},
	{LAYER_NAMESPACES, is_ours,
		"Namespaces can be had here, so the jail failed at something "
		"else: the reason above names it."},
	{LAYER_LANDLOCK, is_landlock_disabled,
		"This kernel has Landlock and does not use it: add landlock to "
		"the lsm= list of the kernel's command line (the present list "
		"is in /sys/kernel/security/lsm), and restart."},
	{LAYER_LANDLOCK, is_landlock_refused,
		"Something around us refuses Landlock: in a container, the "
		"seccomp profile must allow landlock_create_ruleset, "
		"landlock_add_rule and landlock_restrict_self."},
	{LAYER_LANDLOCK, is_landlock_unbuilt,
		"This kernel has no Landlock: it came with Linux 5.13 "
		"(CONFIG_SECURITY_LANDLOCK). To do without, start with "
		"--allow-missing=landlock."},
	{LAYER_SECCOMP, is_seccomp_unbuilt,
		"This kernel cannot load system call filters "
		"(CONFIG_SECCOMP_FILTER), or something around us refuses "
		"seccomp(2). Another kernel, or another container profile, is "
		"needed: without the filter the rest does not contain."},
};

const char *
cli_kernel_advice(const struct cli_kernel *k, enum layer l, size_t i)
{
	for (size_t c = 0; c < sizeof(causes) / sizeof(*causes); c++)
		if (causes[c].layer == l && causes[c].applies(k) && i-- == 0)
			return causes[c].words;
	return NULL;
}
