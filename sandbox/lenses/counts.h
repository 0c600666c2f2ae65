/*
 * The lens counts: what a program had the interpreter do, by numbers that are
 * the same each time.
 *
 * counts.c hears of each instruction and has it counted where it stands
 * (counts_code.c).  counts_slots.c counts what types are asked for, comparisons
 * and hashes, counts_sort.c what list.sort() compares past them, and
 * counts_moves.c the bytes that are moved.  Nothing here holds a reference.
 */
#ifndef SANDBOX_LENSES_COUNTS_H
#define SANDBOX_LENSES_COUNTS_H

#include "sandbox/py/compat.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "sandbox/lenses/lens.h"

#define COUNTS_CODES 4096 /* code objects of the script that are told apart */

/* Of the whole program; several threads add to them. */
struct counts_totals {
	_Atomic uint64_t comparisons, hashes, moves, moved_bytes;
};
extern struct counts_totals counts_totals;
/* Is anything counted now?  In a process that the program forked, nothing. */
bool counts_watching(void);

/* --- counts_code.c -------------------------------------------------------- */

/* How often an instruction ran, and how many of other files' ran on its behalf:
 * what it called, directly or not, and what they did themselves. */
struct counts_unit {
	uint64_t own, inside;
};
/* The module's code, and what is compiled into it.  -1: there is no memory. */
int counts_code_begin(PyCodeObject *module);
/* The frame's instruction is about to run, in this thread. */
void counts_code_step(PyFrameObject *f);
/* Another frame than before may be at work in this thread. */
void counts_code_switch(void);
/* How many instructions there were, of all code. */
uint64_t counts_code_all(void);
/* Writes `lines`, `functions` and `instructions`; false: not whole. */
bool counts_code_write(const struct lens_run *r);
/* About how many bytes that would take. */
size_t counts_code_bytes(void);

/* --- counts_slots.c ------------------------------------------------------- */

/* Zygote: are slots where they should be? */
int counts_slots_warm(struct fail *f);
/* From now on the functions by which built-in types compare and hash are ours,
 * which count and call theirs. */
int counts_slots_begin(void);
/* An int's, a float's or a str's own comparison, uncounted. */
PyObject *counts_slots_compare(PyObject *a, PyObject *b, int op);

/* --- counts_sort.c -------------------------------------------------------- */

int counts_sort_warm(struct fail *f);
void counts_sort_begin(void);
/* Is a list being sorted whose comparisons are counted otherwise? */
bool counts_sort_is_counted(void);

/* --- counts_moves.c ------------------------------------------------------- */

int counts_moves_warm(struct fail *f);
void counts_moves_begin(void);
void counts_moves_add(size_t bytes);

#endif
