/* Capabilities and privileges of the child, and the session of a cell. */
#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/sabotage.h"
#include "sandbox/jail/jail.h"

int
jail_drop_privileges(void)
{
	struct __user_cap_header_struct h = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = {{0}};

	/* EINVAL comes past the last capability that the kernel has.  EPERM
	 * comes to whoever has none to drop them with, outside a user namespace
	 * of its own: then none can be gained either, by no_new_privs. */
	for (unsigned long cap = SABOTAGE(CAPABILITIES) ? 64 : 0; cap < 64;
		cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0)) {
			if (errno != EINVAL && errno != EPERM)
				return -1;
			break;
		}
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -1;
	if (!SABOTAGE(CAPABILITIES) && syscall(SYS_capset, &h, none))
		return -1;
	if (!SABOTAGE(NO_NEW_PRIVS) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	if (!SABOTAGE(DUMPABLE) && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -1;
	return !SABOTAGE(SESSION) && setpgid(0, 0) ? -1 : 0;
}

int
jail_leave_session(void)
{
	return !SABOTAGE(SESSION) && setsid() < 0 ? -1 : 0;
}
