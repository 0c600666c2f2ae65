/*
 * A code object as the lens bytecode shows it, ready to be compared: each
 * instruction by its name and by what its argument means, on whatever version.
 *
 * What is CPython's own affair from version to version does not count: numbers
 * of opcodes, offsets, caches that are hidden, columns.  A jump means where it
 * leads, which is an instruction; dis says it as an offset ("to 24") up to
 * 3.12, and from 3.13 on as the number of a label ("to L2").
 */
#ifndef API_COMPARE_CODE_H
#define API_COMPARE_CODE_H

#include "api/compare_parts.h"

/* An entry of the exception table, by indices of instructions; `to` is the
 * first that it does not cover. */
struct compare_entry {
	long from, to, target;
	json_int_t depth;
	bool lasti;
};

struct compare_code {
	const json_t *j;
	size_t n;		/* instructions */
	struct compare_seq key; /* equal when they mean the same */
	long *target;		/* of a jump; -1 for others */
	struct compare_entry *entry;
	size_t nentries;
};

struct compare_code compare_code_read(const json_t *j);
void compare_code_free(struct compare_code *c);
#define scope_code __attribute__((cleanup(compare_code_free)))

/* Has it a qualified name that says more than its name?  Before 3.11 a code
 * object has none, and its name stands there. */
bool compare_code_is_qualified(const json_t *code);

/* Do they do the same, and have they the same attributes? */
bool compare_code_same(struct compare_code *a, struct compare_code *b);
/* Adds what parts them: instructions (how many), changes, edits. */
void compare_code_differ(struct compare_code *a, struct compare_code *b,
	struct compare_room *room, json_t *ret);
/* {"a", "b"}. */
json_t *compare_code_counts(size_t a, size_t b);

#endif
