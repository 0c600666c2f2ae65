#include "sandbox/jail/denials.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

/* A kernel's structs may be longer than those of our headers: it writes its
 * own length (SECCOMP_GET_NOTIF_SIZES; 80 and 24 bytes up to Linux 6.18). */
union notification {
	struct seccomp_notif n;
	char room[256];
};
union answer {
	struct seccomp_notif_resp r;
	char room[256];
};

struct denials *
denials_new(void)
{
	struct denials *d = mmap(NULL, sizeof(*d), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return d == MAP_FAILED ? NULL : d;
}

int
denials_keep(struct denials *d)
{
	return madvise(d, sizeof(*d), MADV_DONTFORK);
}

void
denials_free(struct denials *d)
{
	if (d)
		munmap(d, sizeof(*d));
}

static void
count(struct denials *d, uint32_t number)
{
	for (uint32_t i = 0; i < d->rows; i++)
		if (d->row[i].number == number) {
			if (d->row[i].count < UINT32_MAX)
				d->row[i].count++;
			return;
		}
	if (d->rows == MAX_DENIED) {
		if (d->others < UINT32_MAX)
			d->others++;
		return;
	}
	d->row[d->rows].number = number;
	d->row[d->rows].count = 1;
	d->rows++;
}

/* A fork, or a thread, without a namespace of its own or another's parent: what
 * the table allows. */
static bool
is_fork(const struct seccomp_data *call)
{
	return call->nr == SYS_fork || call->nr == SYS_vfork ||
	       (call->nr == SYS_clone &&
		       (call->args[0] & JAIL_CLONE_DENIED) == 0);
}

/* Does the call go on as it is?  If not, it is refused. */
static bool
goes_on(const struct seccomp_notif *n, const struct denials_asked *asked,
	int *ret_error)
{
	if (n->data.nr == SYS_exit_group) {
		asked->leaves(asked->arg, (pid_t)n->pid, (int)n->data.args[0]);
		return true;
	}
	if (!asked->may_fork || !is_fork(&n->data)) {
		*ret_error = -EPERM;
		return false;
	}
	*ret_error = -EAGAIN;
	return asked->may_fork(asked->arg);
}

int
denials_serve(
	struct denials *d, int listener, const struct denials_asked *asked)
{
	union notification in = {.room = {0}};
	union answer out = {.room = {0}};
	int error = 0;

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &in))
		/* ENOENT: the caller was killed meanwhile. */
		return errno == ENOENT || errno == EINTR ? 0 : -1;
	out.r.id = in.n.id;
	if (goes_on(&in.n, asked, &error))
		out.r.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		out.r.error = error;
	if (error == -EPERM)
		count(d, (uint32_t)in.n.data.nr);
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &out) &&
			       errno != ENOENT && errno != EINTR
		       ? -1
		       : 0;
}

void
denials_tell(
	const struct denials *d, const struct jail *j, struct msg_exited *ret)
{
	for (uint32_t i = 0; i < d->rows; i++) {
		struct msg_denied *to = &ret->denied[i];
		uint32_t number = d->row[i].number;
		const char *name =
			number < JAIL_MAX_CALL ? j->call_name[number] : NULL;
		snprintf(to->syscall, sizeof(to->syscall), "%s",
			name ? name : "unknown");
		to->error = EPERM;
		to->count = d->row[i].count;
	}
	ret->denied_others = d->others;
}
