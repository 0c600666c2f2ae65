/*
 * The messages between server and runner; docs/wire.md says the same in words.
 *
 * A message is one SEQPACKET datagram: struct wire_head, then the body struct
 * of its type, exactly.  Integers are of the host's byte order: both ends are
 * always on one machine.  The table says for each type who may send it, in
 * which state, its length and its number of descriptors; all of it is checked
 * before the body is looked at, and a violation drops the peer.
 */
#ifndef WIRE_MSG_H
#define WIRE_MSG_H

#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "wire/tables.h"

#define WIRE_MAGIC   0x31525456u /* "VTR1" */
#define WIRE_VERSION 4u

/* Descriptors of a PASS, in this order. */
enum pass_fd {
	PASS_FD_BUNDLE, /* sealed memfd, see wire/bundle.h */
	PASS_FD_STDIN,	/* sealed memfd or pipe, read end */
	PASS_FD_STDOUT, /* pipe, write end */
	PASS_FD_STDERR, /* pipe, write end */
	PASS_FD_REPORT, /* memfd of REPORT_BYTES, see wire/record.h */
	PASS_FD_COUNT
};

struct msg_hello {
	uint32_t protocol;   /* WIRE_VERSION */
	uint32_t gil;	     /* 1 with a GIL, 0 free-threaded */
	uint32_t lenses;     /* set of enum lens that work here */
	uint32_t layers;     /* set of enum layer in force */
	uint32_t hash_fixed; /* 1 when hash_seed was given */
	uint32_t standby;    /* cells kept ready */
	/* What there is for the files of a run, all together: 0 means as much
	 * as its order says. */
	uint64_t disk_bytes;
	/* What its own root holds; 0: it has the machine's. */
	uint64_t root_bytes;
	char id[16];			   /* "3.11" */
	char version[32];		   /* "3.11.2" */
	char numpy[32];			   /* "1.24.2" or "" */
	char build[128];		   /* Py_GetVersion(), one line */
	char workdir[32];		   /* of runs, absolute */
	char flags[64];			   /* of the build: words */
	char layer_note[LAYER_COUNT][160]; /* how it is done, or why missing */
	char lens_note[MAX_LENSES][96];	   /* why it does not work here */
};

/* A runner that cannot start says why, then exits. */
struct msg_failed {
	uint32_t layer; /* enum layer, or LAYER_COUNT when it is no layer */
	char text[508];
};

struct msg_pass {
	uint32_t pass;	 /* enum pass */
	uint32_t lenses; /* set of enum lens */
	uint32_t
		zygote; /* enum zygote: where it is forked from, if it can be */
	uint32_t unused; /* 0 */
	struct limits limits;
};

/* The order was given to a cell; one descriptor: a pidfd of its init. */
struct msg_started {
	uint32_t standby; /* 1 when the cell was ready beforehand */
	uint32_t zygote;  /* enum zygote: where it was forked from */
};

enum end_cause {
	END_SELF,   /* the main process ended by itself */
	END_CPU,    /* ended by the cell: CPU time used up */
	END_KILLED, /* the cell was killed from outside (wall, output, cancel)
		     */
	END_JAIL,   /* our fault: the cell could not be made */
	END_MEMORY, /* ended by the kernel: the memory of the cell used up */
	END_DISK,   /* ended by the cell: more files than it may have */
	END_COUNT
};

/* A system call that was refused. */
struct msg_denied {
	char syscall[24];
	int32_t error; /* errno it was answered with */
	uint32_t count;
};

/* Facts about a pass, measured outside the child. */
struct msg_exited {
	uint32_t cause;	     /* enum end_cause */
	int32_t wait_status; /* raw, of the main process; 0 unless END_SELF */
	uint64_t wall_ns;    /* order given to main process gone */
	uint64_t cpu_ns;     /* user and system, all processes of the cell */
	uint64_t peak_rss_bytes; /* largest process of the cell; with
				  * END_MEMORY, what all had together */
	uint64_t disk_bytes;	 /* with END_DISK, what its files took */
	char text[256];		 /* with END_JAIL: what failed */
	/* In order of their first refusal; the rest is all zero. */
	struct msg_denied denied[MAX_DENIED];
	uint32_t denied_others; /* refusals of further system calls, together */
	uint32_t unused;	/* 0 */
};

/*
 * X(ID, body type, sender, state in which it is allowed, descriptors)
 */
#define MESSAGE_TABLE(X)                                                       \
	X(HELLO, struct msg_hello, RUNNER, START, 0)                           \
	X(FAILED, struct msg_failed, RUNNER, START, 0)                         \
	X(PASS, struct msg_pass, SERVER, READY, PASS_FD_COUNT)                 \
	X(STARTED, struct msg_started, RUNNER, READY, 1)                       \
	X(EXITED, struct msg_exited, RUNNER, READY, 0)

#define X(id, ...) MSG_##id,
enum msg_type { MESSAGE_TABLE(X) MSG_COUNT };
#undef X
enum msg_side { SIDE_SERVER, SIDE_RUNNER };
/* START until HELLO was seen, READY from then on. */
enum msg_state { STATE_START, STATE_READY };

struct wire_head {
	uint32_t magic;
	uint32_t type;
	uint32_t length;  /* of the body */
	uint32_t spare;	  /* 0 */
	uint64_t pass_id; /* which pass; 0 in START, never 0 in READY */
};

struct msg {
	struct wire_head head;
	union {
		struct msg_hello hello;
		struct msg_failed failed;
		struct msg_pass pass;
		struct msg_started started;
		struct msg_exited exited;
	};
};

#define MSG_MAX_BYTES sizeof(struct msg)

const char *msg_name(enum msg_type t);

/* Fills in m->head for the type; the body is the caller's.  Returns the length
 * of the datagram. */
size_t msg_seal(struct msg *m, enum msg_type t, uint64_t pass_id);

/*
 * Checks a datagram of n bytes with nfd descriptors that came from `from` in
 * `state`: magic, type, sender, state, length, descriptor count, the rest of
 * the head, then the values of the body (enums in range, sets within their
 * tables, strings terminated, limits within LIMITS_TABLE).  On success *ret_m
 * is filled, on failure untouched.
 */
int msg_open(struct msg *ret_m, const void *bytes, size_t n, size_t nfd,
	enum msg_side from, enum msg_state state, struct fail *f);

#endif
