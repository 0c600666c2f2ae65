/*
 * The pages that a cell's child writes to before its order comes.
 *
 * They are the same for every child of a zygote, and each is a fault of its
 * own: that it is copied takes less time than that the kernel is told.  So the
 * zygote finds out once which they are, by a child that does what those of its
 * cells will do, and these have them copied with one call.
 */
#ifndef SANDBOX_TOUCHED_H
#define SANDBOX_TOUCHED_H

#include <stdbool.h>

/* Zygote, when nothing of it changes any more; proc is the host's /proc, and
 * prepare(arg) what a child does, in a process of its own.  Returns how many
 * pages it are; 0 where the kernel does not tell: children are slower then. */
unsigned touched_learn(
	int proc, bool (*prepare)(const void *arg), const void *arg);
/* Child, first of all. */
void touched_copy(void);

#endif
