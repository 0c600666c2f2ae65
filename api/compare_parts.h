/*
 * Inside api/compare*.c: what two replies are compared by.
 *
 * Replies hold claims: of a lens's value only the outer shape was checked
 * (api/report_shape.c), what is inside it may be anything, and as much as a
 * report holds.  So nothing here is taken for granted, and what is shown has a
 * bound.
 */
#ifndef API_COMPARE_PARTS_H
#define API_COMPARE_PARTS_H

#include <jansson.h>
#include <stdbool.h>

#include "api/diff.h"
#include "base/buf.h"
#include "wire/limits.h"

/* How much the difference of two values may still show. */
struct compare_room {
	size_t entries, bytes;
	bool cut;     /* something was left out */
	size_t *work; /* see diff_texts */
};
#define COMPARE_ENTRIES	   256
#define COMPARE_BYTES	   (32 * 1024)
#define COMPARE_TEXT_BYTES 1000 /* of one text */

/* More than all texts of a reply are. */
#define COMPARE_MAX (1024 * MIB)

/* One thing that runs are compared by.  The values are whole replies, or those
 * of a lens. */
struct compare_aspect {
	bool (*same)(const json_t *a, const json_t *b);
	/* Adds to ret what parts a from b, which are not the same. */
	void (*differ)(const json_t *a, const json_t *b,
		struct compare_room *room, json_t *ret);
	/* Is all there that there was? */
	bool (*whole)(const json_t *value);
};

extern const struct compare_aspect compare_verdict, compare_output,
	compare_bytecode, compare_refcounts, compare_gc, compare_objects,
	compare_ast, compare_memory, compare_threads, compare_tasks;
/* For a lens that has none of its own. */
extern const struct compare_aspect compare_members;

/* --- compare_members.c ---------------------------------------------------- */

/* Equal but for times (members that end in _ns), `truncated`, and the
 * addresses in texts. */
bool compare_members_alike(const json_t *a, const json_t *b);
/* Equal in everything; none is equal to none. */
bool compare_members_equal(const json_t *a, const json_t *b);
/* Appends {"path", "a", "b"} for each place where they part. */
void compare_members_changes(const char *path, const json_t *a, const json_t *b,
	struct compare_room *room, json_t *list);
/* Appends one of them. */
void compare_members_change(const char *path, const json_t *a, const json_t *b,
	struct compare_room *room, json_t *list);
/* A lens's `truncated` is not true. */
bool compare_members_whole(const json_t *value);

/* --- compare_text.c ------------------------------------------------------- */

/* Texts that are made one after the other. */
struct compare_seq {
	struct buf text; /* what was put here since the last is the next */
	size_t *end, n;
	struct diff_text *items;
};
#define COMPARE_SEQ ((struct compare_seq){.text = BUF_INIT(COMPARE_MAX)})
void compare_seq_add(struct compare_seq *s);
/* All of them; valid until the next is added. */
const struct diff_text *compare_seq_items(struct compare_seq *s);
bool compare_seq_same(const struct compare_seq *a, const struct compare_seq *b);
void compare_seq_free(struct compare_seq *s);
#define scope_seq __attribute__((cleanup(compare_seq_free)))

/* n bytes with what differs between any two processes made equal: the digits of
 * addresses (" at 0x7f…"), the order of a frozenset's elements. */
void compare_text_masked(struct buf *b, const char *s, size_t n);
/* The edits as JSON, with the texts that they take away and put in. */
json_t *compare_text_edits(const struct diff *d, const struct diff_text *a,
	const struct diff_text *b, struct compare_room *room);
/* A text of the room that is left, or NULL when there is none; cut where it is
 * too long. */
json_t *compare_text_shown(const char *s, size_t n, struct compare_room *room);

/* --- compare_list.c ------------------------------------------------------- */

struct compare_list {
	const char *name; /* of the edits in the difference */
	json_t *(*rest)(const json_t *value); /* a new reference */
	struct compare_seq (*texts)(const json_t *value);
};
bool compare_list_same(
	const struct compare_list *l, const json_t *a, const json_t *b);
/* "changes" of the rest, and the edits. */
void compare_list_differ(const struct compare_list *l, const json_t *a,
	const json_t *b, struct compare_room *room, json_t *ret);

#endif
