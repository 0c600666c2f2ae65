/* Records, the reading end: in the server, on bytes that are not trusted. */
#include "wire/record.h"

#include <string.h>

#include "wire/limits.h"
#include "wire/record_layout.h"

size_t
record_length(const struct record_top *top, size_t size)
{
	if (top->magic != RECORD_MAGIC || size < sizeof(*top))
		return 0;
	size_t room = size - sizeof(*top);
	return sizeof(*top) + (top->committed < room ? top->committed : room);
}

bool
record_was_cut(const void *bytes, size_t n)
{
	struct record_top top;

	if (n < sizeof(top))
		return false;
	memcpy(&top, bytes, sizeof(top));
	return top.full != 0;
}

int
record_next(const void *bytes, size_t n, size_t *at, struct record *ret_r,
	struct fail *f)
{
	const char *p = bytes;
	struct record_head h;
	struct record_top top;

	if (*at == 0) {
		if (n == 0)
			return 0; /* the child wrote nothing at all */
		if (n < sizeof(top))
			return fail_set(f, "a report of %zu bytes", n);
		memcpy(&top, p, sizeof(top));
		if (top.magic != RECORD_MAGIC)
			return fail_set(f, "the report has no header");
		*at = sizeof(top);
	}
	if (*at == n)
		return 0;
	if (*at > n || n - *at < sizeof(h))
		return fail_set(f, "a record is cut");
	memcpy(&h, p + *at, sizeof(h));
	size_t used = sizeof(h) + (size_t)h.member_len + h.json_len;
	if (h.total > n - *at || h.total % 8 || used > h.total)
		return fail_set(f, "a record has lengths that cannot be");
	if (h.kind >= RECORD_KINDS || h.member_len >= MAX_MEMBER_BYTES ||
		h.json_len > MAX_RECORD_BYTES ||
		(h.lens >= LENS_COUNT && h.lens != RECORD_RUN))
		return fail_set(f, "a record has values that cannot be");
	*ret_r = (struct record){
		.kind = (enum record_kind)h.kind,
		.lens = h.lens,
		.member = p + *at + sizeof(h),
		.member_len = h.member_len,
		.json = p + *at + sizeof(h) + h.member_len,
		.json_len = h.json_len,
	};
	*at += h.total;
	return 1;
}
