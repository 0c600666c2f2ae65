/* Does the collector's state lie as sandbox/py/gc_state.h and gc_info.c read
 * it?
 */
#ifndef SANDBOX_LENSES_GC_CHECK_H
#define SANDBOX_LENSES_GC_CHECK_H

#include "base/fail.h"

/* Zygote, before any pass: 0, or -1 with what is not as expected. */
int gc_check(struct fail *f);

#endif
