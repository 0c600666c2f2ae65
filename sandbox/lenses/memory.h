/*
 * What the files of the lens `memory` share.
 *
 * CPython's allocators are hooked (PyMem_SetAllocator), and each block that is
 * given out is noted with its size and the line that it was given to.  All of
 * this is in mappings of its own, away from where CPython and libc put theirs:
 * nothing is allocated from what is watched, and the addresses of a program's
 * objects are those of a run without the lens.  The mappings are shared ones,
 * which do not count towards RLIMIT_DATA, so that memory runs out for the
 * program where it would without.
 *
 * Whatever has a struct of here is called with the hooks' lock, or when nothing
 * is hooked any more.
 */
#ifndef SANDBOX_LENSES_MEMORY_H
#define SANDBOX_LENSES_MEMORY_H

#include "sandbox/py/compat.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/jsonw.h"
#include "wire/record.h"

/* --- memory_blocks.c: every block that is there, by its address ------------
 */

#define MEMORY_MAX_SLOTS (1U << 21) /* of 16 bytes; three quarters are used */

struct memory_block {
	uint64_t bytes; /* as asked for */
	uint16_t row;
	bool fresh; /* no object was made in it since it was given out */
	bool seen;  /* memory_types_find() came to it */
	bool code;  /* a code object is in it whose places are known */
};

/* n bytes, zero; NULL when there are none. */
void *memory_map(size_t n);
/* 0, or -1 without memory. */
int memory_blocks_begin(void);
/* False when there is no room for one more. */
bool memory_blocks_put(const void *p, struct memory_block b);
bool memory_blocks_get(const void *p, struct memory_block *ret);
/* Of a block that is there. */
void memory_blocks_change(const void *p, struct memory_block b);
/* Takes it out; false when it was not there. */
bool memory_blocks_take(const void *p, struct memory_block *ret);

/* --- memory_places.c: lines, and who called them ---------------------------
 */

#define MEMORY_MAX_FILES  512
#define MEMORY_MAX_PLACES 8192
#define MEMORY_MAX_ROWS	  8192
/* The row of what no line of Python did, or of lines that there is no room
 * for. */
#define MEMORY_NO_ROW 0

/* Says which code is the script's: what was compiled together shares its
 * filename.  0, or -1 without memory. */
int memory_places_begin(PyCodeObject *script);
/* The row of the line that the thread is at: the one of its innermost frame
 * and, when that is in another file than the script, the script's line that led
 * there.  The thread is the caller's own; NULL: no thread of Python's. */
uint16_t memory_places_here(PyThreadState *thread);
/* A code object is gone: another may come to lie there. */
void memory_places_forget(const void *code);
/* Has the places' tables been too small? */
bool memory_places_full(void);
/* How many rows there are, MEMORY_NO_ROW among them. */
size_t memory_places_rows(void);
/* Members "file", "line" and "via" of a row: the last is the script's line that
 * it was done for, which may be the line itself. */
void memory_places_write(struct jsonw *w, uint16_t row);

/* --- memory_tally.c: the numbers -------------------------------------------
 */

struct memory_sums {
	uint64_t allocations; /* malloc and calloc */
	uint64_t reallocations;
	uint64_t reused; /* objects made in a block that was there already */
	uint64_t bytes;	 /* asked for, by all of them */
	uint64_t freed;	 /* blocks that were freed or are another row's now */
	uint64_t live_blocks, live_bytes;
};

/* 0, or -1 without memory. */
int memory_tally_begin(void);
/* A block was given out; noted says that it is in the table of blocks. */
void memory_tally_new(const struct memory_block *b, bool again, bool noted);
void memory_tally_gone(const struct memory_block *b);
/* A block is given a new size: it leaves its row, and memory_tally_new()
 * follows. */
void memory_tally_leave(const struct memory_block *b);
/* A block that stays where it is belongs to another row now. */
void memory_tally_move(const struct memory_block *b, uint16_t row);
/* Allocations and frees so far. */
uint64_t memory_tally_events(void);
/* Blocks that there was no room to note. */
uint64_t memory_tally_dropped(void);
/* Records "totals", "peak", "timeline". */
void memory_tally_write(struct record_writer *r);
/* Records "by_line"; with types, what stayed is told by type.  False when rows
 * were left out. */
bool memory_tally_write_rows(struct record_writer *r, bool types);

/* --- memory_types.c: what is in the blocks that stayed ----------------------
 */

/* When nothing is hooked any more, with the GIL: finds the objects that are in
 * blocks, by the collector's own lists and references.  Nothing of the
 * program's is called.  False when there was no room for all. */
bool memory_types_find(void);
/* Member "types" of a row. */
void memory_types_write(struct jsonw *w, uint16_t row);

/* --- memory_pools.c: CPython's small blocks, by size ------------------------
 */

/* Zygote: 0, or -1. */
int memory_pools_warm(struct fail *f);
/* With CPython's own allocators in their place: the state at the beginning, and
 * at the end. */
void memory_pools_look(bool end);
/* Records "allocator". */
void memory_pools_write(struct record_writer *r);

/* --- memory_hooks.c ---------------------------------------------------------
 */

/* Records go to r.  Last of what begin does. */
void memory_hooks_begin(struct record_writer *r);
/* False when the program took a hook of ours out. */
bool memory_hooks_end(void);
/* Calls f with CPython's own allocator of objects in its place. */
void memory_hooks_without(void (*f)(bool), bool argument);

#endif
