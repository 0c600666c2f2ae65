#include "sandbox/huge.h"

#include <link.h>
#include <string.h>
#include <sys/mman.h>

/* They are this process's own, where files are shared with whoever else has
 * mapped them: so many for CPython, and some for numpy. */
#define MAX_HUGE 8

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

static uintptr_t done[MAX_HUGE];
static unsigned n_done;

static bool
is_done(uintptr_t at)
{
	for (unsigned i = 0; i < n_done; i++)
		if (done[i] == at)
			return true;
	return false;
}

static void *
address(uintptr_t at)
{
	return (void *)at; /* NOLINT(performance-no-int-to-ptr) */
}

/* A copy of what is at `at` takes its place, in one step. */
static bool
move(uintptr_t at, int prot)
{
	char *room = mmap(NULL, 2 * HUGE_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room == MAP_FAILED)
		return false;
	char *page = room + (-(uintptr_t)room & (HUGE_BYTES - 1));
	/* The first is but a wish, the second says whether it came true. */
	madvise(page, HUGE_BYTES, MADV_HUGEPAGE);
	memcpy(page, address(at), HUGE_BYTES);
	bool moved = madvise(page, HUGE_BYTES, MADV_COLLAPSE) == 0 &&
		     mprotect(page, HUGE_BYTES, prot) == 0 &&
		     mremap(page, HUGE_BYTES, HUGE_BYTES,
			     MREMAP_MAYMOVE | MREMAP_FIXED,
			     address(at)) != MAP_FAILED;
	if (!moved) {
		munmap(room, 2 * HUGE_BYTES);
		return false;
	}
	munmap(room, (size_t)(page - room));
	munmap(page + HUGE_BYTES, (size_t)(room + HUGE_BYTES - page));
	return true;
}

/* What a huge page at `at` would have to allow, if all of it is in segments of
 * this library that are never written to; 0: it is not.  Pages between two
 * segments belong to the first. */
static int
prot_of(const struct dl_phdr_info *o, uintptr_t at)
{
	uintptr_t from = at, to = at + HUGE_BYTES;
	int prot = PROT_READ;

	for (int i = 0; i < o->dlpi_phnum && from < to; i++) {
		const ElfW(Phdr) *p = &o->dlpi_phdr[i];
		uintptr_t begin = o->dlpi_addr + p->p_vaddr;
		uintptr_t end = begin + p->p_memsz;
		if (p->p_type != PT_LOAD || end <= from)
			continue;
		if ((p->p_flags & PF_W) || (begin & ~4095UL) > from)
			return 0;
		prot |= p->p_flags & PF_X ? PROT_EXEC : 0;
		from = (end + 4095) & ~4095UL;
	}
	return from >= to ? prot : 0;
}

static int
take_library(struct dl_phdr_info *o, size_t size, void *arg)
{
	uintptr_t begin = UINTPTR_MAX, end = 0;

	(void)size;
	(void)arg;
#ifdef VITRINE_SANITIZED
	return 0; /* what is between its globals must not be read */
#endif
	for (int i = 0; i < o->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &o->dlpi_phdr[i];
		if (p->p_type != PT_LOAD)
			continue;
		if (o->dlpi_addr + p->p_vaddr < begin)
			begin = o->dlpi_addr + p->p_vaddr;
		if (o->dlpi_addr + p->p_vaddr + p->p_memsz > end)
			end = o->dlpi_addr + p->p_vaddr + p->p_memsz;
	}
	if (begin >= end)
		return 0;
	for (uintptr_t at = (begin + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
		at + HUGE_BYTES <= end && n_done < MAX_HUGE; at += HUGE_BYTES) {
		int prot = is_done(at) ? 0 : prot_of(o, at);
		/* Constants alone are rarely looked at. */
		if ((prot & PROT_EXEC) && move(at, prot))
			done[n_done++] = at;
	}
	return 0;
}

bool
huge_has(uintptr_t at)
{
	return is_done(at & ~(HUGE_BYTES - 1));
}

unsigned
huge_code(void)
{
	dl_iterate_phdr(take_library, NULL);
	return n_done;
}
