/* The limits member, and limits in a query. */
#include "api/request_check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *
unit_of(const char *member)
{
	const char *end = strrchr(member, '_');

	if (end && strcmp(end, "_ms") == 0)
		return " (milliseconds)";
	if (end && strcmp(end, "_bytes") == 0)
		return " (bytes)";
	return "";
}

#define X(member, fallback, low, high)                                         \
	static void check_##member(                                            \
		struct check *c, const struct place *at, const json_t *j)      \
	{                                                                      \
		request_check_integer(c, at, j, (low), (high),                 \
			unit_of(#member), &c->q->limits.member);               \
	}
LIMITS_TABLE(X)
#undef X

/* May be null, as it is when nothing is said. */
static void
check_deadline_ms(struct check *c, const struct place *at, const json_t *j)
{
	if (!json_is_null(j))
		request_check_integer(c, at, j, MIN_DEADLINE_MS,
			MAX_DEADLINE_MS, " (milliseconds), or null for none",
			&c->q->deadline_ms);
}

static const struct member members[] = {
#define X(member, ...) {#member, check_##member},
	LIMITS_TABLE(X)
#undef X
		{"deadline_ms", check_deadline_ms},
};

void
request_limits_check(struct check *c, const struct place *at, const json_t *j)
{
	if (request_check_object(c, at, j))
		request_check_members(c, at, j, members,
			sizeof(members) / sizeof(members[0]));
}

bool
request_limits_number(struct check *c, const struct place *at, const char *text,
	uint64_t low, uint64_t high, const char *unit, uint64_t *ret)
{
	size_t n = strlen(text);

	errno = 0;
	unsigned long long v = strtoull(text, NULL, 10);
	if (n == 0 || strspn(text, "0123456789") != n || errno || v < low ||
		v > high) {
		json_t *found = json_string(text);
		request_check_expected(c, at, found ? found : json_null(),
			"a whole number from %" PRIu64 " to %" PRIu64 "%s", low,
			high, unit);
		json_decref(found);
		return false;
	}
	*ret = v;
	return true;
}

bool
request_limits_text(struct check *c, const char *name, const char *value)
{
	struct place whole = {0};
	struct place limits = request_check_member(&whole, "limits");
	struct place here = request_check_member(&limits, name);

#define X(member, fallback, low, high)                                         \
	if (strcmp(name, #member) == 0) {                                      \
		request_limits_number(c, &here, value, (low), (high),          \
			unit_of(#member), &c->q->limits.member);               \
		return true;                                                   \
	}
	LIMITS_TABLE(X)
#undef X
	if (strcmp(name, "deadline_ms") == 0) {
		request_limits_number(c, &here, value, MIN_DEADLINE_MS,
			MAX_DEADLINE_MS, unit_of(name), &c->q->deadline_ms);
		return true;
	}
	return false;
}
