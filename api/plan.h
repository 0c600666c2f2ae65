/*
 * Which passes a request needs.
 */
#ifndef API_PLAN_H
#define API_PLAN_H

#include "api/request.h"
#include "base/buf.h"
#include "base/fail.h"
#include "wire/msg.h"

/* The set of enum pass: always CLEAN, and the pass of each lens. */
uint32_t plan_passes(const struct run_request *q);
/* The lenses that the given pass serves for this request. */
uint32_t plan_lenses(const struct run_request *q, enum pass p);
/* Where the cell of a pass is best forked from: by what the program's files
 * import; LENSES where a lens looks, but for numpy, and for the times of
 * lines. */
enum zygote plan_zygote(const struct run_request *q, enum pass p);
/* The limits of a run there: those of the request, and no more than the runtime
 * has. */
struct limits plan_limits(
	const struct run_request *q, const struct msg_hello *h);
/* The bundle for every pass of this request. */
int plan_bundle(const struct run_request *q, struct buf *ret_b, struct fail *f);

#endif
