/* A byte buffer that grows up to a maximum and never past it. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 256

/* Room for n more bytes and a NUL; false when there is no memory. */
static bool
reserve(struct buf *b, size_t n)
{
	size_t need = b->len + n + 1;
	size_t cap = b->cap ? b->cap : FIRST_CAP;

	if (need <= b->cap)
		return true;
	while (cap < need)
		cap *= 2;
	if (cap > b->max + 1)
		cap = b->max + 1;
	char *p = realloc(b->data, cap);
	if (!p)
		return false;
	b->data = p;
	b->cap = cap;
	return true;
}

size_t
buf_put(struct buf *b, const void *bytes, size_t n)
{
	size_t room = b->max - b->len;
	size_t take = n < room ? n : room;

	if (!reserve(b, take))
		take = 0;
	b->dropped += n - take;
	if (take) {
		memcpy(b->data + b->len, bytes, take);
		b->len += take;
	}
	if (b->data)
		b->data[b->len] = '\0';
	return take;
}

bool
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args;
	char *text = NULL;

	va_start(args, fmt);
	int n = vasprintf(&text, fmt, args);
	va_end(args);
	if (n < 0)
		return false;
	bool whole = buf_put(b, text, (size_t)n) == (size_t)n;
	free(text);
	return whole;
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	b->dropped = 0;
	if (b->data)
		b->data[0] = '\0';
}

void
buf_free(struct buf *b)
{
	free(b->data);
	b->data = NULL;
	b->len = b->cap = b->dropped = 0;
}
