/*
 * The lens steps in the trace format of Python Tutor, which several front ends
 * show (pg_encoder.py and pg_logger.py of Python Tutor, format v3): all there
 * is at each step, hence not many of them.
 */
#ifndef API_STEPS_TUTOR_H
#define API_STEPS_TUTOR_H

#include <jansson.h>
#include <stddef.h>

#define STEPS_TUTOR_MOST  1000 /* steps; Python Tutor's own limit */
#define STEPS_TUTOR_BYTES (8 << 20)

/* {"code", "trace"} of what the lens claims.  `out` is what the program
 * printed. */
json_t *steps_tutor(const json_t *lens, const char *code, size_t code_len,
	const char *out, size_t out_len);

#endif
