/*
 * Two rooms in the report, of which one is read: for records that several
 * processes write, and that are replaced as a whole.
 *
 * Before the rooms there is a gate, a record {lens: "truncated", true} whose
 * length takes the reader into the first room, or over it into the second; the
 * last record of each takes it to the end of both.  The room that is not read
 * is written, and then the gate is moved, in one store: whenever a writer is
 * killed, the reader finds one room whole.
 *
 * The gate and the rooms are whole pages, and all that a forked process may
 * have of the report.  Writers take turns; who is next is up to them.
 */
#ifndef WIRE_RECORD_PAIR_H
#define WIRE_RECORD_PAIR_H

#include "wire/record.h"

struct record_pair {
	char *pages; /* of the gate and the rooms; NULL: there are none */
	size_t bytes;
	unsigned lens;
};

/* Reserves rooms of `bytes` each at the end of what was written, and commits
 * them; w is not in the middle of a record.  Nothing is read of them yet.
 * False when they do not fit: the report is then marked full. */
bool record_pair_init(struct record_pair *p, struct record_writer *w,
	unsigned lens, size_t bytes);
/* Begins to fill the room that is not read. */
void record_pair_begin(const struct record_pair *p, struct record_writer *ret);
/* Says whether anything was left out, and has this room read in the other's
 * place.  A record that did not fit was left out. */
void record_pair_commit(
	const struct record_pair *p, struct record_writer *w, bool truncated);

#endif
