/*
 * The bundle: everything of the caller's that a pass needs, in one sealed
 * memfd, so that no size limit of sockets applies.
 *
 *   u32 magic, u32 parts, then per part:
 *   u32 kind, u32 name length, u32 value length, name bytes, value bytes
 *
 * No padding.  Names and values may hold any bytes.
 */
#ifndef WIRE_BUNDLE_H
#define WIRE_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"

#define BUNDLE_MAGIC 0x31425456u /* "VTB1" */

enum bundle_kind {
	BUNDLE_CODE,   /* value: the snippet; exactly one, first */
	BUNDLE_ARG,    /* value: one argument, in order */
	BUNDLE_FILE,   /* name: relative path, value: content */
	BUNDLE_OPTION, /* name: "refcounts.names", value: "a"; may repeat */
	BUNDLE_KINDS
};

struct bundle_part {
	enum bundle_kind kind;
	const char *name;
	size_t name_len;
	const char *value;
	size_t value_len;
};

/* Starts a bundle in an empty buffer. */
void bundle_begin(struct buf *b);
/* Adds a part.  -1 when the bundle would pass its limits. */
int bundle_add(struct buf *b, enum bundle_kind kind, const void *name,
	size_t name_len, const void *value, size_t value_len, struct fail *f);

/* Checks a whole bundle: lengths, counts, kinds, one CODE first, paths that
 * bundle_path_ok accepts.  0, or -1 with the reason. */
int bundle_check(const void *bytes, size_t n, struct fail *f);
/* Walks a bundle that passed bundle_check: *at is 0 at first.  False at the
 * end. */
bool bundle_next(
	const void *bytes, size_t n, size_t *at, struct bundle_part *ret_part);

/* True for a relative path of at most MAX_PATH_BYTES whose components are
 * neither empty, "." nor "..", without NUL. */
bool bundle_path_ok(const char *path, size_t n);

#endif
