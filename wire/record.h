/*
 * Records: what a pass says about itself.
 *
 * The report is a memfd of REPORT_BYTES that the server makes (sealed against
 * shrinking and growing) and the child maps.  The child appends records and
 * then moves the committed length, so that whatever ends it, every record up
 * to that moment can be read; nothing blocks, and no system call is made while
 * a snippet is being traced.  The server reads with pread after the cell is
 * gone.  The child also runs a stranger's code: all of this is a claim, bounded
 * and parsed, never a fact.
 *
 *   struct record_top (64 bytes), then records, each 8-aligned:
 *   u32 total length, u8 kind, u8 lens, u16 member length, u32 JSON length,
 *   u32 spare, member bytes, JSON bytes, padding
 */
#ifndef WIRE_RECORD_H
#define WIRE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/jsonw.h"
#include "wire/tables.h"

#define RECORD_MAGIC 0x31455456u

enum record_kind {
	RECORD_SET,  /* member = JSON value; the last one wins */
	RECORD_ITEM, /* append the JSON value to the array `member` */
	RECORD_KINDS
};

/* Records about the run itself have this in place of a lens. */
#define RECORD_RUN 255

struct record_top {
	uint32_t magic;
	uint32_t full;	    /* 1 once a record did not fit */
	uint64_t committed; /* bytes of whole records after this header */
	uint8_t spare[48];
};

/* The writing end, in the child. */
struct record_writer {
	struct record_top *top;
	size_t size;  /* of the mapping */
	size_t start; /* offset of the record being written */
	struct jsonw json;
	bool open, closed;
};

/* Takes a mapping of `size` bytes (zero-filled) into use. */
void record_init(struct record_writer *w, void *map, size_t size);
/* Begins a record; write exactly one JSON value to the result, then call
 * record_commit.  `member` is at most MAX_MEMBER_BYTES - 1 long. */
struct jsonw *record_begin(struct record_writer *w, enum record_kind kind,
	unsigned lens, const char *member);
/* Commits the record; false when it did not fit (the report is then marked
 * full; smaller records may still fit). */
bool record_commit(struct record_writer *w);
/* Gives up the record that was begun. */
void record_abandon(struct record_writer *w);
/* From now on every record is dropped: for processes that the snippet forks. */
void record_close(struct record_writer *w);

/* The reading end, in the server. */
struct record {
	enum record_kind kind;
	unsigned lens; /* enum lens, or RECORD_RUN */
	const char *member;
	size_t member_len;
	const char *json;
	size_t json_len;
};

/* Walks the n bytes of a report, header included; *at is 0 at first.  1 with a
 * record, 0 at the end, -1 with a reason when the bytes are not a report. */
int record_next(const void *bytes, size_t n, size_t *at, struct record *ret_r,
	struct fail *f);
/* True when the writer dropped something. */
bool record_was_cut(const void *bytes, size_t n);
/* Number of bytes of the report, header included, that hold records, from its
 * header: at most `size`. */
size_t record_length(const struct record_top *top, size_t size);

#endif
