/*
 * A byte buffer that grows up to a maximum and never past it.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

/* len bytes at data, which is NUL-terminated one byte past len once anything
 * was put in.  dropped counts the bytes that did not fit. */
struct buf {
	char *data;
	size_t len, cap, max;
	size_t dropped;
};

#define BUF_INIT(limit) ((struct buf){.max = (limit)})

/* Appends as much of n bytes as fits below max, counts the rest in dropped.
 * Returns the number of bytes kept.  Out of memory counts as dropped. */
size_t buf_put(struct buf *b, const void *bytes, size_t n);
/* buf_put of a formatted string; true when all of it fitted. */
bool buf_printf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Forgets the content and keeps the memory. */
void buf_clear(struct buf *b);
/* Frees the memory; the buffer may be used again. */
void buf_free(struct buf *b);

#define scope_buf __attribute__((cleanup(buf_free)))

#endif
