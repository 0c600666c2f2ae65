/*
 * The layers of the jail.  X(ID, name, what is lost without it)
 * The names stand in `confinement`, in --allow-missing= and in `doctor`.
 */
#ifndef WIRE_TBL_LAYERS_H
#define WIRE_TBL_LAYERS_H

#define LAYER_TABLE(X)                                                         \
	X(NAMESPACES, "namespaces",                                            \
		"own users, processes, mounts, network, IPC and host name; "   \
		"the read-only root")                                          \
	X(LANDLOCK, "landlock", "the second fence around the file system")     \
	X(SECCOMP, "seccomp", "the allow-list of system calls")                \
	X(RLIMITS, "rlimits", "bounds on memory, time, processes and files")   \
	X(CGROUPS, "cgroups", "a bound on the memory of a run as a whole")

#endif
