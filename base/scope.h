/*
 * Scope cleanup: an owned local is declared with one of these attributes,
 * initialised on its line, and released when its scope ends.  Ownership is
 * handed over with steal_fd() or steal_ptr(), which leave the local empty.
 */
#ifndef BASE_SCOPE_H
#define BASE_SCOPE_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void
scope_close_fd_(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void
scope_free_(void *p)
{
	free(*(void **)p);
}

static inline void
scope_fclose_(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void
scope_closedir_(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* int fd: closed at the end of the scope unless negative. */
#define scope_fd __attribute__((cleanup(scope_close_fd_)))
/* T *p: freed at the end of the scope. */
#define scope_free __attribute__((cleanup(scope_free_)))
#define scope_file __attribute__((cleanup(scope_fclose_)))
#define scope_dir  __attribute__((cleanup(scope_closedir_)))

/* Gives the descriptor away: returns it and leaves -1 behind. */
static inline int
steal_fd(int *fd)
{
	int out = *fd;
	*fd = -1;
	return out;
}

/* Gives the pointer away: evaluates to it and leaves NULL behind. */
#define steal_ptr(pp)                                                          \
	({                                                                     \
		__auto_type steal_pp_ = (pp);                                  \
		__auto_type steal_out_ = *steal_pp_;                           \
		*steal_pp_ = NULL;                                             \
		steal_out_;                                                    \
	})

#endif
