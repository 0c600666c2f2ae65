/*
 * What a file of a stored link holds, as lines of text (docs/links.md): pure
 * functions of bytes.
 */
#ifndef SERVER_LINK_FILE_H
#define SERVER_LINK_FILE_H

#include <stdint.h>

#include "api/link.h"
#include "base/buf.h"
#include "base/fail.h"
#include "server/link_hash.h"

/* How often one content may be shared at a time. */
#define LINK_MAX_SHARES 256
/* No file is larger: a share is a line of less than 96 bytes, and what is
 * around them and the link less than 256. */
#define LINK_FILE_BYTES (MAX_LINK_BYTES + 96 * LINK_MAX_SHARES + 256)

/* Until when something holds, in seconds since 1970: for ever. */
#define LINK_NEVER INT64_MAX

/* Somebody shared it, and may take that back. */
struct link_share {
	unsigned char token[LINK_HASH_BYTES]; /* its hash */
	int64_t until;
};

struct link_file {
	struct link_share shares[LINK_MAX_SHARES];
	size_t n;
	const char *text; /* of the link, "1:" and on; borrowed */
	size_t size;
};

/* Appends the file's bytes to b, which has room for LINK_FILE_BYTES. */
void link_file_write(const struct link_file *file, struct buf *b);
/* Reads them; text points into the bytes.  A failure is a file that is not
 * whole, or whose content is not the one that is named id. */
int link_file_read(const char *bytes, size_t n, const char *id,
	struct link_file *ret, struct fail *f);

/* Takes out the shares that are over at that time. */
void link_file_expire(struct link_file *file, int64_t now);
/* Until when the link holds: the last of its shares; with none, 0. */
int64_t link_file_until(const struct link_file *file);
/* Takes the share of that token out.  False when there is none: which took as
 * long. */
bool link_file_remove(struct link_file *file, const char *token);

#endif
