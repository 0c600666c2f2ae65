/*
 * Code in huge pages.
 *
 * The code of CPython is the same in every process that a zygote forks, and yet
 * each of these has to find its pages one by one: a fault for every sixteen,
 * and, on a machine whose page tables are shadowed by its host, some work of
 * the host's for each one.  In pages of 2 MiB it takes one step for 512.
 */
#ifndef SANDBOX_HUGE_H
#define SANDBOX_HUGE_H

#include <stdbool.h>
#include <stdint.h>

#define HUGE_BYTES (2UL << 20)

/* Zygote, before it forks, while no other thread is there: code and constants
 * of the large libraries that are loaded by now, as far as they fill whole huge
 * pages, are copied into such.  What was copied before is left alone.  Where
 * there are none to be had (before Linux 6.1, or no memory in one piece),
 * nothing changes.  Returns how many there are, in this process. */
unsigned huge_code(void);
/* Is the byte at that address in one of them? */
bool huge_has(uintptr_t at);

#endif
