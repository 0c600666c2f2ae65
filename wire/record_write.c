/* Records, the writing end: in the child. */
#include "wire/record.h"

#include <assert.h>
#include <string.h>

#include "wire/limits.h"
#include "wire/record_layout.h"

void
record_init(struct record_writer *w, void *map, size_t size)
{
	assert(size > sizeof(struct record_top) && (uintptr_t)map % 8 == 0);
	*w = (struct record_writer){.top = map, .size = size};
	w->top->magic = RECORD_MAGIC;
	w->start = sizeof(struct record_top);
}

struct jsonw *
record_begin(struct record_writer *w, enum record_kind kind, unsigned lens,
	const char *member)
{
	struct record_head h = {.kind = (uint8_t)kind, .lens = (uint8_t)lens};
	size_t member_len = strlen(member);

	assert((!w->open || w->closed) && member_len < MAX_MEMBER_BYTES);
	w->open = true;
	h.member_len = (uint16_t)member_len;
	size_t room = w->closed ? 0 : w->size - w->start;
	if (room <= sizeof(h) + member_len) {
		jsonw_init(&w->json, NULL, 0);
		return &w->json;
	}
	char *at = (char *)w->top + w->start;
	memcpy(at, &h, sizeof(h));
	memcpy(at + sizeof(h), member, member_len);
	room -= sizeof(h) + member_len;
	jsonw_init(&w->json, at + sizeof(h) + member_len,
		room < MAX_RECORD_BYTES ? room : MAX_RECORD_BYTES);
	return &w->json;
}

bool
record_commit(struct record_writer *w)
{
	struct record_head h;

	assert(w->open || w->closed);
	w->open = false;
	if (w->closed)
		return false;
	char *at = (char *)w->top + w->start;
	if (w->json.buf)
		memcpy(&h, at, sizeof(h));
	size_t used = sizeof(h) +
		      (w->json.buf ? (size_t)h.member_len + w->json.len : 0);
	size_t total = (used + 7) & ~(size_t)7;
	if (!jsonw_done(&w->json) || total > w->size - w->start) {
		assert(w->json.overflow || total > w->size - w->start);
		w->top->full = 1;
		return false;
	}
	h.total = (uint32_t)total;
	h.json_len = (uint32_t)w->json.len;
	memcpy(at, &h, sizeof(h));
	w->start += total;
	/* Whoever ends this process now leaves whole records behind. */
	__atomic_store_n(&w->top->committed,
		w->start - sizeof(struct record_top), __ATOMIC_RELEASE);
	return true;
}

void
record_abandon(struct record_writer *w)
{
	w->open = false;
}

void
record_close(struct record_writer *w)
{
	w->closed = true;
	w->open = false;
	/* What is being written goes nowhere, and may go on to its commit. */
	w->json.overflow = true;
}
