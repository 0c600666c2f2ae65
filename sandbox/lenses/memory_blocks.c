/*
 * Every block that is there, by its address: a table with linear probing that
 * moves to twice the room when it is three quarters full, and from which what
 * is taken out leaves nothing behind.
 */
#include "sandbox/lenses/memory.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>

#define FIRST_SLOTS (1U << 12)

/* Far below where the kernel puts what has no address given (mmap_base), and
 * far above the program and its heap. */
#define FAR_AWAY ((char *)0x200000000000)

/* what: bytes, row, three bits. */
struct slot {
	const void *at; /* NULL: empty */
	uint64_t what;
};
#define FRESH	   1U
#define CODE	   2U
#define SEEN	   4U
#define ROW_SHIFT  3
#define SIZE_SHIFT 19

static struct {
	struct slot *slots;
	size_t size, n;
	unsigned shift; /* 64 less the bits of an index */
} blocks;

void *
memory_map(size_t n)
{
	static char *next = FAR_AWAY;
	int e = errno;
	/* An address that is taken is only not followed. */
	void *p = mmap(next, n, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	next += (n + 0xffff) & ~(size_t)0xffff;
	errno = e;
	return p == MAP_FAILED ? NULL : p;
}

static uint64_t
packed(struct memory_block b)
{
	/* The program's limit is far below 2^45 bytes. */
	return b.bytes << SIZE_SHIFT | (uint64_t)b.row << ROW_SHIFT |
	       (b.fresh ? FRESH : 0) | (b.code ? CODE : 0) |
	       (b.seen ? SEEN : 0);
}

static struct memory_block
unpacked(uint64_t what)
{
	return (struct memory_block){.bytes = what >> SIZE_SHIFT,
		.row = (uint16_t)(what >> ROW_SHIFT),
		.fresh = what & FRESH,
		.code = what & CODE,
		.seen = what & SEEN};
}

static size_t
home(const void *at)
{
	return ((uintptr_t)at >> 4) * 0x9e3779b97f4a7c15UL >> blocks.shift;
}

/* Where it is, or the empty slot that it would come to. */
static struct slot *
slot_of(const void *p)
{
	size_t i = home(p);

	while (blocks.slots[i].at && blocks.slots[i].at != p)
		i = (i + 1) & (blocks.size - 1);
	return &blocks.slots[i];
}

static bool
resize(size_t size)
{
	struct slot *old = blocks.slots;
	size_t n = blocks.size;
	struct slot *more = memory_map(size * sizeof(*more));

	if (!more)
		return false;
	blocks.slots = more;
	blocks.size = size;
	blocks.shift = 64 - (unsigned)__builtin_ctzl(size);
	for (size_t i = 0; i < n; i++)
		if (old[i].at)
			*slot_of(old[i].at) = old[i];
	if (old)
		munmap(old, n * sizeof(*old));
	return true;
}

int
memory_blocks_begin(void)
{
	return resize(FIRST_SLOTS) ? 0 : -1;
}

bool
memory_blocks_put(const void *p, struct memory_block b)
{
	bool full = blocks.n + 1 > blocks.size / 4 * 3;

	if (full &&
		(blocks.size == MEMORY_MAX_SLOTS || !resize(blocks.size * 2)))
		return false;
	struct slot *s = slot_of(p);
	blocks.n += !s->at;
	*s = (struct slot){p, packed(b)};
	return true;
}

bool
memory_blocks_get(const void *p, struct memory_block *ret)
{
	const struct slot *s = slot_of(p);

	*ret = unpacked(s->what);
	return s->at;
}

void
memory_blocks_change(const void *p, struct memory_block b)
{
	struct slot *s = slot_of(p);

	assert(s->at);
	s->what = packed(b);
}

/* What was put behind it because it was in the way moves up. */
static void
close_gap(size_t gap)
{
	size_t mask = blocks.size - 1;

	for (size_t i = (gap + 1) & mask; blocks.slots[i].at;
		i = (i + 1) & mask) {
		size_t from = home(blocks.slots[i].at);
		if (((i - from) & mask) < ((i - gap) & mask))
			continue;
		blocks.slots[gap] = blocks.slots[i];
		gap = i;
	}
	blocks.slots[gap] = (struct slot){0};
}

bool
memory_blocks_take(const void *p, struct memory_block *ret)
{
	struct slot *s = slot_of(p);

	if (!s->at)
		return false;
	*ret = unpacked(s->what);
	close_gap((size_t)(s - blocks.slots));
	blocks.n--;
	return true;
}
