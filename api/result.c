/* What a run came to. */
#include "api/result.h"

void
run_result_clear(struct run_result *r)
{
	for (int i = 0; i < PASS_COUNT; i++) {
		buf_free(&r->pass[i].out);
		buf_free(&r->pass[i].err);
		buf_free(&r->pass[i].report);
	}
	*r = (struct run_result){0};
}
