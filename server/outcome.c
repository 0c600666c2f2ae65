/* Runs of which nothing came. */
#include "server/outcome.h"

#include <string.h>

struct problem *
outcome_problem(const struct engine *e, const struct run_request *q,
	enum engine_outcome outcome, const char *reason)
{
	if (outcome == ENGINE_LATE)
		return problem_new(503, "deadline", "The deadline was over",
			"%llu ms (limits.deadline_ms) after the run was taken "
			"in %s%s. Try again, or allow for more time.",
			(unsigned long long)q->deadline_ms,
			reason ? "it was being made again, by no fault of the "
				 "program: "
			       : "it was still waiting, and was not begun",
			reason ? reason : "");
	if (outcome == ENGINE_BUSY)
		return problem_new(503, "busy", "Too busy",
			"The run waited for %u ms, which is as long as runs "
			"wait here, and was not begun. Try again.",
			engine_max_wait_ms(e));
	return problem_new(503, "unavailable", "The run could not be made",
		"It was not the program's fault: %s. Try again.", reason);
}

struct problem *
outcome_no_runtime(const struct engine *e, const char *id)
{
	const char *broken, *reason;

	for (size_t i = 0; (broken = engine_broken(e, i, &reason)); i++)
		if (strcmp(broken, id) == 0)
			return problem_new(503, "unavailable",
				"The run could not be made",
				"The runtime %s does not serve here: %s.", id,
				reason);
	return problem_new(503, "unavailable", "The run could not be made",
		"The runtime %s does not serve here.", id);
}
