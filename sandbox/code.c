#include "sandbox/code.h"

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "sandbox/huge.h"

#define PAGE 4096UL

/* Its code is written to as it is loaded: such pages are in no file. */
static bool
has_text_relocations(const struct dl_phdr_info *o)
{
	for (int i = 0; i < o->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &o->dlpi_phdr[i];
		if (p->p_type != PT_DYNAMIC)
			continue;
		const ElfW(Dyn) *d =
			(const void *)(o->dlpi_addr + p->p_vaddr); /* NOLINT */
		for (; d->d_tag != DT_NULL; d++)
			if (d->d_tag == DT_TEXTREL ||
				(d->d_tag == DT_FLAGS &&
					(d->d_un.d_val & DF_TEXTREL)))
				return true;
	}
	return false;
}

static int
let_go(struct dl_phdr_info *o, size_t size, void *arg)
{
	(void)size;
	(void)arg;
	if (has_text_relocations(o))
		return 0;
	for (int i = 0; i < o->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &o->dlpi_phdr[i];
		uintptr_t at =
			(o->dlpi_addr + p->p_vaddr + PAGE - 1) & ~(PAGE - 1);
		uintptr_t end =
			(o->dlpi_addr + p->p_vaddr + p->p_filesz) & ~(PAGE - 1);
		/* What is written to once, and protected then, is in one that
		 * is written to. */
		if (p->p_type != PT_LOAD || (p->p_flags & PF_W))
			continue;
		while (at < end) {
			uintptr_t next = (at | (HUGE_BYTES - 1)) + 1;
			if (next > end)
				next = end;
			if (!huge_has(at))
				madvise((void *)at, next - at, /* NOLINT */
					MADV_DONTNEED);
			at = next;
		}
	}
	return 0;
}

void
code_let_go(void)
{
	dl_iterate_phdr(let_go, NULL);
}
