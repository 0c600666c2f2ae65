/*
 * Every size and number that comes from outside is checked against these
 * before anything is allocated.
 */
#ifndef WIRE_LIMITS_H
#define WIRE_LIMITS_H

#define KIB 1024ULL
#define MIB (1024ULL * KIB)
#define GIB (1024ULL * MIB)

/* What one request may carry. */
#define MAX_BODY_BYTES	 (8 * MIB)
#define MAX_CODE_BYTES	 (1 * MIB)
#define MAX_STDIN_BYTES	 (4 * MIB)
#define MAX_ARGS	 64
#define MAX_ARG_BYTES	 (32 * KIB)
#define MAX_FILES	 64
#define MAX_FILE_BYTES	 (1 * MIB)
#define MAX_FILES_BYTES	 (4 * MIB)
#define MAX_PATH_BYTES	 200
#define MAX_NAMES	 64
#define MAX_NAME_BYTES	 128
#define MAX_OPTION_BYTES 256
#define MAX_BLOCKED_MS	 60000
#define MAX_SCHEDULES	 1000
#define MAX_ASKED	 16
#define MAX_COMPARED	 32
#define MAX_MEASURED	 6
#define MAX_BUNDLE_BYTES (12 * MIB)
#define MAX_BUNDLE_PARTS 512

/* What a pass may say. */
#define REPORT_BYTES	 (16 * MIB)
#define MAX_RECORD_BYTES (8 * MIB)
#define MAX_MEMBER_BYTES 64

/* Lenses: sets of them are bits of 32, and a message has a note for each. */
#define MAX_LENSES 31

/* Different system calls whose refusals are counted apart. */
#define MAX_DENIED 32

#define MAX_STANDBY 64

/* Descriptors that one process of a run may have open. */
#define MAX_OPEN_FILES 256
/* Files and directories that a run may make. */
#define MAX_SCRATCH_FILES 4096

/* User and group that a runner becomes when it is started as root. */
#define RUNNER_ID 61000

/* A run without a file system of its own is ended when its files are that much
 * over its limit: one file alone can reach the limit, beside main.py. */
#define DISK_SLACK_BYTES (64 * KIB)
/* There, a file or directory counts as that much beside its contents: about
 * what the kernel needs for it. */
#define DISK_FILE_BYTES (1 * KIB)

/* The least that a run can ask for, and so the least that there has to be. */
#define MIN_DISK_BYTES (64 * KIB)

/* limits.deadline_ms of a request, which has none unless it says so.  It is no
 * row of the table: it ends a run with all its passes and its waiting, which is
 * the server's to see, and no runner is told of it.  The longest run there may
 * be, of several passes, has to fit. */
#define MIN_DEADLINE_MS 1
#define MAX_DEADLINE_MS 600000

/*
 * X(member, default, minimum, maximum) of the request's limits object.
 * Units are in the names.
 */
#define LIMITS_TABLE(X)                                                        \
	X(wall_ms, 10000, 1, 60000)                                            \
	X(cpu_ms, 5000, 1, 60000)                                              \
	X(memory_bytes, 256 * MIB, 16 * MIB, 2 * GIB)                          \
	X(output_bytes, 1 * MIB, 1, 16 * MIB)                                  \
	X(processes, 64, 1, 256)                                               \
	X(disk_bytes, 16 * MIB, 64 * KIB, 256 * MIB)

#endif
