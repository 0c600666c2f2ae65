/* How runs ended. */
#include "api/compare_parts.h"

#include "api/text.h"

static void
copy(json_t *to, const char *key, const json_t *from, const char *member)
{
	json_t *v = json_object_get(from, member);

	text_set(to, key, v ? json_incref(v) : json_null());
}

/* What of it can be the same: how much of a limit was used cannot, and the text
 * of a traceback is in the output as well. */
static json_t *
verdict_of(const json_t *run)
{
	const json_t *e = json_object_get(run, "exception");
	json_t *j = text_need(json_object());

	copy(j, "status", run, "status");
	copy(j, "exit_code", run, "exit_code");
	copy(j, "signal", run, "signal");
	copy(j, "limit", json_object_get(run, "limit"), "name");
	if (!json_is_object(e)) {
		text_set(j, "exception", json_null());
		return j;
	}
	json_t *x = text_need(json_object());
	copy(x, "type", e, "type");
	copy(x, "message", e, "message");
	copy(x, "phase", e, "phase");
	copy(x, "line", e, "line");
	text_set(j, "exception", x);
	return j;
}

static bool
same(const json_t *a, const json_t *b)
{
	json_auto_t *x = verdict_of(a), *y = verdict_of(b);

	return compare_members_alike(x, y);
}

static void
differ(const json_t *a, const json_t *b, struct compare_room *room, json_t *ret)
{
	json_auto_t *x = verdict_of(a), *y = verdict_of(b);
	json_t *list = text_need(json_array());

	compare_members_changes("", x, y, room, list);
	text_set(ret, "changes", list);
}

static bool
whole(const json_t *run)
{
	(void)run;
	return true;
}

const struct compare_aspect compare_verdict = {same, differ, whole};
