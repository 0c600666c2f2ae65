/* Two rooms in the report, of which one is read. */
#include "wire/record_pair.h"

#include <assert.h>
#include <string.h>

#include "wire/limits.h"
#include "wire/record_layout.h"

#define PAGE 4096
/* Bytes of a record that says whether anything was left out. */
#define SAYS 32
/* A room begins with the header of a report of its own, which no reader comes
 * to. */
#define TOP sizeof(struct record_top)

/* Writes such a record that takes `total` bytes. */
static void
say(char *at, unsigned lens, bool truncated, size_t total)
{
	static const char member[] = "truncated";
	const char *value = truncated ? "true" : "false";
	struct record_head h = {.total = (uint32_t)total,
		.kind = RECORD_SET,
		.lens = (uint8_t)lens,
		.member_len = sizeof(member) - 1,
		.json_len = (uint32_t)strlen(value)};

	_Static_assert(sizeof(h) + sizeof("truncatedfalse") - 1 <= SAYS,
		"it holds them");
	memcpy(at, &h, sizeof(h));
	memcpy(at + sizeof(h), member, h.member_len);
	memcpy(at + sizeof(h) + sizeof(member) - 1, value, strlen(value));
}

static size_t
room_bytes(const struct record_pair *p)
{
	return (p->bytes - SAYS) / 2 & ~(size_t)7;
}

static char *
room(const struct record_pair *p, bool second)
{
	return p->pages + SAYS + (second ? room_bytes(p) : 0);
}

/* From the gate to the first record of a room. */
static uint32_t
way_into(const struct record_pair *p, bool second)
{
	return (uint32_t)(room(p, second) - p->pages + (long)TOP);
}

static uint32_t *
gate(const struct record_pair *p)
{
	return &((struct record_head *)p->pages)->total;
}

bool
record_pair_init(struct record_pair *p, struct record_writer *w, unsigned lens,
	size_t bytes)
{
	char *at = (char *)w->top + w->start;
	/* A record that leads to the next page. */
	size_t lead = PAGE - ((uintptr_t)at + SAYS) % PAGE + SAYS;
	size_t all = (SAYS + 2 * (TOP + bytes + SAYS) + PAGE - 1) &
		     ~(size_t)(PAGE - 1);

	assert(!w->open && bytes < MAX_RECORD_BYTES);
	*p = (struct record_pair){.lens = lens};
	if (w->closed || lead + all > w->size - w->start) {
		w->top->full = 1;
		return false;
	}
	p->pages = at + lead;
	p->bytes = all;
	say(at, lens, true, lead);
	say(p->pages, lens, true, all);
	w->start += lead + all;
	__atomic_store_n(&w->top->committed,
		w->start - sizeof(struct record_top), __ATOMIC_RELEASE);
	return true;
}

void
record_pair_begin(const struct record_pair *p, struct record_writer *ret)
{
	bool second = __atomic_load_n(gate(p), __ATOMIC_ACQUIRE) ==
		      way_into(p, false);

	memset(room(p, second), 0, TOP);
	/* There is always room for the last one. */
	record_init(ret, room(p, second), room_bytes(p) - SAYS);
}

void
record_pair_commit(
	const struct record_pair *p, struct record_writer *w, bool truncated)
{
	char *last = (char *)w->top + w->start;
	bool second = (char *)w->top == room(p, true);

	assert(!w->open);
	say(last, p->lens, truncated || w->top->full,
		(size_t)(p->pages + p->bytes - last));
	__atomic_store_n(gate(p), way_into(p, second), __ATOMIC_RELEASE);
}
