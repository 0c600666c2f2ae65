/*
 * Coverage is written at exit(); our processes leave by _exit().
 */
#ifndef SANDBOX_GCOV_H
#define SANDBOX_GCOV_H

#ifdef VITRINE_COVERAGE
void __gcov_dump(void);
#endif

static inline void
gcov_flush(void)
{
#ifdef VITRINE_COVERAGE
	__gcov_dump();
#endif
}

#endif
