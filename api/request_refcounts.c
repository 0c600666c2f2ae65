/* The options of the lens refcounts: whose counts, and what is told of them. */
#include "api/request_check.h"

static void
check_names(struct check *c, const struct place *at, const json_t *j)
{
	request_lens_names(c, at, j, "refcounts.names");
}

static void
check_causes(struct check *c, const struct place *at, const json_t *j)
{
	bool on;

	if (request_check_bool(c, at, j, &on) && on)
		request_lens_option(c, "refcounts.causes", "1");
}

static void
check_holders(struct check *c, const struct place *at, const json_t *j)
{
	bool on;

	if (request_check_bool(c, at, j, &on) && on)
		request_lens_option(c, "refcounts.holders", "1");
}

static void
check_at(struct check *c, const struct place *at, const json_t *j)
{
	request_objects_lines(c, at, j, "refcounts.at");
}

const struct member request_refcounts_options[REQUEST_REFCOUNTS_OPTIONS] = {
	{"names", check_names}, {"causes", check_causes},
	{"holders", check_holders}, {"at", check_at}};
