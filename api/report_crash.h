/* An end by SIGSEGV in words, when the lens frames saw where it came. */
#ifndef API_REPORT_CRASH_H
#define API_REPORT_CRASH_H

#include <jansson.h>
#include <stdbool.h>

/* Appends to notes that the C stack overflowed, how deep, where, and why this
 * version of CPython ("3.11.2") let it.  `frames` is the value of the lens, or
 * NULL.  False, and no note, when that is not what it says. */
bool report_crash_note(
	const json_t *frames, const char *version, json_t *notes);

#endif
