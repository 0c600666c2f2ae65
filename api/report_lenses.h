/* What the child claimed, read from its reports.  Internal to api/. */
#ifndef API_REPORT_LENSES_H
#define API_REPORT_LENSES_H

#include <jansson.h>

#include "api/request.h"
#include "api/result.h"

/* The "exception" record of a pass when it has the shape that it should have,
 * else null and a note.  A new reference. */
json_t *report_exception(const struct pass_result *p, json_t *notes);
/* The value of "lenses": every lens that was asked for, with at least the
 * members that the contract fixes.  A new reference. */
json_t *report_lenses(
	const struct run_request *q, const struct run_result *r, json_t *notes);

#endif
