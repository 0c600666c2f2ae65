/*
 * What the lens profile saw, as records.
 */
#ifndef SANDBOX_LENSES_PROFILE_H
#define SANDBOX_LENSES_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/lenses/lens.h"

/* Writes all members; `rest`: something is missing beside what is known. */
void profile_write(const struct lens_run *r, bool rest);
/* About how many bytes that would take. */
size_t profile_write_bytes(void);

#endif
