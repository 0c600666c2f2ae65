/*
 * What parts two sequences of texts: the fewest that have to be taken away and
 * put in, as a longest common subsequence leaves them (E. Myers, An O(ND)
 * Difference Algorithm, Algorithmica 1, 1986).
 *
 * Both sequences are a stranger's, so the work has a bound: where it is met,
 * what was not looked at is one difference as a whole.
 */
#ifndef API_DIFF_H
#define API_DIFF_H

#include <stdbool.h>
#include <stddef.h>

struct diff_text {
	const char *s;
	size_t n;
};

/* [a_from, a_to) of one sequence stands where the other has [b_from, b_to);
 * one of them may be empty. */
struct diff_edit {
	size_t a_from, a_to, b_from, b_to;
};

/* Where two sequences part, in their order; between them, they are equal. */
struct diff {
	struct diff_edit *edit;
	size_t n;
	bool coarse; /* the bound on the work was met */
};

/* Elements compared, all in all, for one call after the other. */
#define DIFF_WORK 16000000UL

/* Never fails (out of memory aborts).  *work is what may still be done, and
 * becomes less. */
struct diff diff_texts(const struct diff_text *a, size_t na,
	const struct diff_text *b, size_t nb, size_t *work);
void diff_free(struct diff *d);

/* For each of na elements of a the index of the one in b that it is equal to,
 * or -1.  The caller's to free. */
long *diff_partners(const struct diff *d, size_t na);

/* The other way: the edits between those that have partners, which ascend. */
struct diff diff_of_partners(const long *partner, size_t na, size_t nb);

#define scope_diff __attribute__((cleanup(diff_free)))

#endif
