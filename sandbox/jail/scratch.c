/*
 * The cell's own writable places: one tmpfs, so that one size holds for all.
 *
 * It is mounted where the first of them will be, which then hides it: taking it
 * away again would cost each cell some milliseconds, for the kernel waits until
 * no CPU can be looking at it (namespace_unlock(), fs/namespace.c).
 */
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/sabotage.h"
#include "sandbox/jail/jail.h"

#define SCRATCH_FLAGS                                                          \
	(MS_NOSUID | MS_NODEV | (SABOTAGE(SCRATCH_NOEXEC) ? 0 : MS_NOEXEC))

static const struct {
	const char *from, *at;
	mode_t mode;
} places[] = {
	{JAIL_WORKDIR "/tmp", "/tmp", 01777},
	{JAIL_WORKDIR "/shm", "/dev/shm", 01777},
	{JAIL_WORKDIR "/box", JAIL_WORKDIR, 0755},
};

static int
tmpfs(unsigned long flags, uint64_t bytes)
{
	char options[80];

	snprintf(options, sizeof(options), "size=%llu,nr_inodes=%d,mode=755",
		(unsigned long long)bytes, MAX_SCRATCH_FILES);
	return mount("scratch", JAIL_WORKDIR, "tmpfs", flags | SCRATCH_FLAGS,
		options);
}

int
jail_mount_scratch(void)
{
	/* Before any mount: what umask(2) was must not decide modes. */
	umask(0);
	if (tmpfs(0, limits_default().disk_bytes))
		return -1;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (mkdir(places[i].from, places[i].mode) ||
			mount(places[i].from, places[i].at, NULL, MS_BIND,
				NULL))
			return -1;
	umask(022);
	return 0;
}

int
jail_size_scratch(uint64_t bytes)
{
	if (bytes == limits_default().disk_bytes || SABOTAGE(SCRATCH_SIZE))
		return 0;
	return tmpfs(MS_REMOUNT, bytes);
}
