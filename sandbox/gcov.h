/*
 * Coverage is written at exit(); our processes leave by _exit(), and those in
 * the root see the build's directory in another place.
 */
#ifndef SANDBOX_GCOV_H
#define SANDBOX_GCOV_H

/* Where the root of a build with VITRINE_COVERAGE has the objects of that build
 * (VITRINE_COVERAGE_DIR, VITRINE_COVERAGE_DEPTH directories deep). */
#define GCOV_DIR "/coverage"

#ifdef VITRINE_COVERAGE
#include <stdlib.h>

void __gcov_dump(void);
#endif

/* Call last.  Takes the directory from GCOV_DIR when `inside` the root. */
static inline void
gcov_flush(int inside)
{
	(void)inside;
#ifdef VITRINE_COVERAGE
	if (inside) {
		setenv("GCOV_PREFIX", GCOV_DIR, 1);
		setenv("GCOV_PREFIX_STRIP", VITRINE_COVERAGE_DEPTH, 1);
	}
	__gcov_dump();
#endif
}

#endif
