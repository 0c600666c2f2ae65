/*
 * The directory of stored links: files by names that are made here from hashes,
 * opened from its descriptor and never through a link.
 */
#ifndef SERVER_LINK_DIR_H
#define SERVER_LINK_DIR_H

#include "base/buf.h"
#include "base/fail.h"

/* Opens it, or makes it: it must be this user's alone, writable, not under a
 * place that runs can see or one of `others` (NULL-terminated; entries may not
 * be NULL), and nobody else's at the moment.  Its descriptor, or -1. */
int link_dir_open(const char *path, const char *const *others, struct fail *f);

/* Reads the file of that name, at most b->max bytes.  0, or -1; err is ENOENT
 * when there is none. */
int link_dir_read(int dir, const char *name, struct buf *b, struct fail *f);
/* Puts a file in its place: after a crash there is the old one or the new one,
 * and nothing half.  0, or -1. */
int link_dir_write(
	int dir, const char *name, const struct buf *b, struct fail *f);
/* Removes it; one that is not there is fine.  Lasts from link_dir_sync on. */
int link_dir_remove(int dir, const char *name, struct fail *f);
int link_dir_sync(int dir, struct fail *f);

#endif
