/*
 * What of the system a snippet can see: X(path, needed, kind).  %s is the version
 * of Python.  With namespaces these are bound into the root, read-only; without,
 * Landlock lets a cell read these and nothing else.
 *   PROGRAM  a file that may be read and executed
 *   DIR      read with all below
 *   LIST     a directory of which the names are told, with those below
 *   DEVICE   read and written
 */
#ifndef SANDBOX_JAIL_TBL_PATHS_H
#define SANDBOX_JAIL_TBL_PATHS_H

#define PATH_TABLE(X)                                                          \
	X("/usr/bin/python%s", 1, PROGRAM)                                     \
	X("/usr/lib/python%s", 1, DIR)                                         \
	X("/usr/lib/" JAIL_TRIPLET, 1, DIR)                                    \
	X("/usr/lib/locale/C.utf8", 0, DIR)                                    \
	X("/usr/share/zoneinfo", 0, DIR)                                       \
	X("/usr/lib/python3/dist-packages", 0, LIST)                           \
	X("/usr/lib/python3/dist-packages/numpy", 0, DIR)                      \
	X("/dev/null", 1, DEVICE)                                              \
	X("/dev/zero", 1, DEVICE)                                              \
	X("/dev/full", 1, DEVICE)                                              \
	X("/dev/random", 1, DEVICE)                                            \
	X("/dev/urandom", 1, DEVICE)

#endif
