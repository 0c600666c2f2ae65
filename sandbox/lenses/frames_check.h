/* Do frames lie as frames.c and frames_old.c read them? */
#ifndef SANDBOX_LENSES_FRAMES_CHECK_H
#define SANDBOX_LENSES_FRAMES_CHECK_H

#include "base/fail.h"

/* Zygote, before any pass: 0, or -1 with what is not as expected. */
int frames_check(struct fail *f);

#endif
