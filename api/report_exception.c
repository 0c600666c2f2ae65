/* The exception that the child says it met, checked member by member. */
#include "api/report_parts.h"

#include <string.h>

#include "api/text.h"

static bool
is_text(const json_t *j)
{
	return json_is_string(j) || json_is_null(j);
}

static bool
is_line(const json_t *j)
{
	return json_is_null(j) ||
	       (json_is_integer(j) && json_integer_value(j) >= 0);
}

static bool
frame_ok(const json_t *f)
{
	return json_is_string(json_object_get(f, "file")) &&
	       is_line(json_object_get(f, "line")) &&
	       json_is_string(json_object_get(f, "function")) &&
	       is_text(json_object_get(f, "text"));
}

static bool
exception_ok(const json_t *e)
{
	const json_t *frames = json_object_get(e, "traceback");
	const char *phase = json_string_value(json_object_get(e, "phase"));

	if (!json_is_string(json_object_get(e, "type")) ||
		!is_text(json_object_get(e, "message")) ||
		!is_text(json_object_get(e, "text")) ||
		!is_line(json_object_get(e, "line")) || !json_is_array(frames))
		return false;
	for (size_t i = 0; i < json_array_size(frames); i++)
		if (!frame_ok(json_array_get(frames, i)))
			return false;
	return phase &&
	       (strcmp(phase, "run") == 0 || strcmp(phase, "compile") == 0);
}

json_t *
report_exception(const json_t *claimed, json_t *notes)
{
	if (!claimed)
		return json_null();
	if (!exception_ok(claimed)) {
		report_note(notes,
			"What the program left behind as its exception does "
			"not have the form of one and was left out.");
		return json_null();
	}
	json_t *e = text_need(json_copy((json_t *)claimed));
	/* Its own __str__ raised: CPython prints these words. */
	if (json_is_null(json_object_get(e, "message")))
		text_set(e, "message", json_string("<exception str() failed>"));
	if (json_is_null(json_object_get(e, "text")))
		text_set(e, "text", json_string(""));
	return e;
}
