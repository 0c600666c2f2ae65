/* Two rooms in the report, of which one is read. */
#include "wire/record_pair.h"

#include <assert.h>
#include <string.h>

#include "wire/limits.h"
#include "wire/record_layout.h"

#define PAGE 4096
#define GATE 32 /* of a gate: its head, "truncated", "true" and padding */

/* A room has the header of a report of its own, which no reader comes to. */
#define SKIPPED (GATE + (uint32_t)sizeof(struct record_top))

static const char member[] = "truncated", value[] = "true";

static size_t
side_bytes(const struct record_pair *p)
{
	return p->bytes / 2;
}

static struct record_head *
gate(const struct record_pair *p, int side)
{
	return (struct record_head *)(p->pages + (side ? side_bytes(p) : 0));
}

static bool
is_open(const struct record_pair *p, int side)
{
	return __atomic_load_n(&gate(p, side)->total, __ATOMIC_ACQUIRE) ==
	       SKIPPED;
}

static void
set_total(struct record_head *h, size_t total)
{
	__atomic_store_n(&h->total, (uint32_t)total, __ATOMIC_RELEASE);
}

/* A record that says that something was left out, and takes `total` bytes. */
static void
put_filler(char *at, unsigned lens, size_t total)
{
	struct record_head h = {.total = (uint32_t)total,
		.kind = RECORD_SET,
		.lens = (uint8_t)lens,
		.member_len = sizeof(member) - 1,
		.json_len = sizeof(value) - 1};

	_Static_assert(sizeof(h) + sizeof(member) + sizeof(value) - 2 <= GATE,
		"it holds them");
	memcpy(at, &h, sizeof(h));
	memcpy(at + sizeof(h), member, sizeof(member) - 1);
	memcpy(at + sizeof(h) + sizeof(member) - 1, value, sizeof(value) - 1);
}

bool
record_pair_init(struct record_pair *p, struct record_writer *w, unsigned lens,
	size_t bytes)
{
	/* Up to the next page that leaves room for a record that leads there.
	 */
	char *at = (char *)w->top + w->start;
	size_t lead = PAGE - ((uintptr_t)at + GATE) % PAGE + GATE;
	size_t side = (GATE + sizeof(struct record_top) + bytes + PAGE - 1) &
		      ~(size_t)(PAGE - 1);

	assert(!w->open && bytes < MAX_RECORD_BYTES);
	*p = (struct record_pair){.lens = lens};
	if (w->closed || lead + 2 * side > w->size - w->start) {
		w->top->full = 1;
		return false;
	}
	*p = (struct record_pair){
		.pages = at + lead, .bytes = 2 * side, .lens = lens};
	put_filler(at, lens, lead);
	put_filler(p->pages, lens, side);
	put_filler(p->pages + side, lens, side);
	w->start += lead + p->bytes;
	__atomic_store_n(&w->top->committed,
		w->start - sizeof(struct record_top), __ATOMIC_RELEASE);
	return true;
}

void
record_pair_begin(const struct record_pair *p, struct record_writer *ret)
{
	int side = is_open(p, 0) ? 1 : 0;
	char *room = p->pages + (side ? side_bytes(p) : 0) + GATE;

	memset(room, 0, sizeof(struct record_top));
	/* There is always room for the last one. */
	record_init(ret, room, side_bytes(p) - 2 * (size_t)GATE);
}

void
record_pair_commit(
	const struct record_pair *p, struct record_writer *w, bool truncated)
{
	int side = (char *)w->top == p->pages + GATE ? 0 : 1;
	char *room = (char *)w->top, *last = room + w->start;
	char *end = p->pages + (side + 1UL) * side_bytes(p);
	bool full = w->top->full != 0;

	assert(!w->open);
	put_filler(last, p->lens, (size_t)(end - last));
	if (!truncated && !full) {
		struct record_head *h = (struct record_head *)last;
		h->json_len = 5;
		memcpy(last + sizeof(*h) + sizeof(member) - 1, "false", 5);
	}
	set_total(gate(p, side), SKIPPED);
	set_total(gate(p, !side), side_bytes(p));
}
