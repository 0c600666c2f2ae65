/*
 * What this machine offers a jail, found out by trying, without a runner; and
 * what to do where it does not.
 */
#ifndef SERVER_CLI_KERNEL_H
#define SERVER_CLI_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/tables.h"

struct cli_kernel {
	char release[80];
	bool root;	    /* we run as root (the runner will not) */
	bool container;	    /* Docker's or podman's mark was found */
	bool filtered;	    /* a seccomp filter is on us already */
	int drop_error;	    /* errno of giving root up, or 0 */
	int userns_error;   /* … of making a user namespace */
	int idmap_error;    /* … of mapping ids in it */
	int nested_error;   /* … of the other namespaces inside it */
	int mount_error;    /* … of a tmpfs inside these */
	long userns_max;    /* user.max_user_namespaces, -1: not known */
	long userns_clone;  /* kernel.unprivileged_userns_clone, -1: none */
	long apparmor;	    /* apparmor_restrict_unprivileged_userns, -1 */
	int landlock_abi;   /* 0: none */
	int landlock_error; /* errno when there is none */
	char lsm[160];	    /* /sys/kernel/security/lsm, "" when not read */
	bool seccomp;	    /* filters with errno can be loaded */
	int seccomp_error;
};

/* Tries everything in processes of its own.  Never fails: what cannot be found
 * out is not known. */
void cli_kernel_probe(struct cli_kernel *ret_k);

/* Does the machine offer what the layer stands on? */
bool cli_kernel_offers(const struct cli_kernel *k, enum layer l);

/* A table of causes: the i-th advice on a layer that does not hold, a sentence
 * or two, or NULL past the last. */
const char *cli_kernel_advice(
	const struct cli_kernel *k, enum layer l, size_t i);

#endif
