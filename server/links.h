/*
 * Stored links: a file for each content, by the name that its hash makes, with
 * those who shared it.
 *
 * What is there is known in memory by name, end and size; contents are read
 * when they are asked for.  Everything is done at once, in the loop: a link is
 * some KB.  The clock is the wall's.  What is over is removed by a timer, and
 * when the server starts; what was removed is gone, whatever the clock says
 * then.
 */
#ifndef SERVER_LINKS_H
#define SERVER_LINKS_H

#include "server/link_file.h"
#include "server/loop.h"

struct links;

struct links_config {
	const char *dir;
	unsigned max; /* contents at a time; of MEAN_BYTES each, all in all */
	const char *const *others; /* where it may not be: link_dir_open */
};

enum links_outcome {
	LINKS_DONE,
	LINKS_ALREADY, /* the content was there: shared once more */
	LINKS_NONE,    /* there is none of that name, or of that token */
	LINKS_FULL,    /* of contents, of bytes, or the disk is */
	LINKS_SHARED,  /* as often as one content may be */
	LINKS_BROKEN   /* the file is damaged, or cannot be read or written */
};

/* What is told of a share. */
struct links_made {
	char id[LINK_ID_CHARS + 1];
	char token[LINK_TOKEN_CHARS + 1];
	int64_t until; /* of this share */
};

/* Looks at all that is there. */
int links_open(struct loop *l, const struct links_config *config,
	struct links **ret_l, struct fail *f);
void links_free(struct links *l);

/* Shares a text that link_is_text(), until then.  On another outcome than the
 * first two *ret is untouched, and f has the reason in words. */
enum links_outcome links_put(struct links *l, const char *text, size_t size,
	int64_t until, struct links_made *ret, struct fail *f);
/* Puts the text of a link into b, and until when it holds. */
enum links_outcome links_get(struct links *l, const char *id, struct buf *b,
	int64_t *ret_until, struct fail *f);
/* Takes the share of a token back; the content goes with its last share. */
enum links_outcome links_delete(
	struct links *l, const char *id, const char *token, struct fail *f);

/* How many contents there are, and their bytes. */
unsigned links_count(const struct links *l, unsigned long long *ret_bytes);

#endif
