/*
 * An end by SIGSEGV in words, when the lens frames saw where it came.
 *
 * What it saw are claims: their outer shapes are checked (report_shape.c), and
 * here the rest.
 */
#include "api/report_parts.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "api/report_crash.h"

#define MAX_NAME 100

static json_int_t
number(const json_t *j, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(j, key));

	return n > 0 ? n : 0;
}

/* What the innermost entry of the stack is, and the line that it is at. */
static void
put_place(struct buf *b, const json_t *frames, const json_t *crash)
{
	const json_t *stack = json_object_get(crash, "stack");
	const json_t *list = json_object_get(stack, "innermost");

	if (!json_array_size(list))
		list = json_object_get(stack, "outermost");
	size_t n = json_array_size(list);
	const json_t *last = n ? json_array_get(list, n - 1) : NULL;
	const json_t *f = json_object_get(last, "function");
	const char *name = json_string_value(json_object_get(
		json_is_integer(f) && json_integer_value(f) >= 0
			? json_array_get(json_object_get(frames, "functions"),
				  (size_t)json_integer_value(f))
			: NULL,
		"name"));
	json_int_t line = number(crash, "line");

	if (name)
		buf_printf(b, ", in %.*s", MAX_NAME, name);
	if (line)
		buf_printf(b, " at line %" JSON_INTEGER_FORMAT, line);
}

/* What this version does about it, by what the lens says of it. */
static const char *
what_stops_it(const json_t *frames, const char *version)
{
	const char *by = json_string_value(json_object_get(
		json_object_get(
			json_object_get(frames, "limits"), "c_recursion"),
		"by"));

	if (by && strcmp(by, "calls") == 0)
		return "This version counts calls through C, and stops most "
		       "recursion with a RecursionError before; this was not "
		       "counted, or took more of the stack for each call than "
		       "was thought of.";
	if (by && strcmp(by, "bytes") == 0)
		return "This version looks at how much of the stack is left, "
		       "and stops most recursion with a RecursionError before; "
		       "where nothing looks, the stack ends.";
	if (strncmp(version, "3.9.", 4) == 0 ||
		strncmp(version, "3.10.", 5) == 0)
		return "Before 3.11 each call of a Python function takes C "
		       "stack as well, and sys.setrecursionlimit() is all that "
		       "stops it.";
	return "A Python function that calls another takes no C stack, but a "
	       "call through C code (__getattr__, repr, a key function, map) "
	       "does, and before 3.12 sys.setrecursionlimit() is all that "
	       "stops it.";
}

bool
report_crash_note(const json_t *frames, const char *version, json_t *notes)
{
	const json_t *crash = json_object_get(frames, "crash");
	scope_buf struct buf b = BUF_INIT(4 * KIB);

	if (!json_is_true(json_object_get(crash, "overflow")))
		return false;
	buf_printf(&b,
		"The C stack overflowed: %" JSON_INTEGER_FORMAT
		" frames of Python deep",
		number(json_object_get(crash, "stack"), "depth"));
	put_place(&b, frames, crash);
	buf_printf(&b,
		", with %" JSON_INTEGER_FORMAT " of its %" JSON_INTEGER_FORMAT
		" bytes used, as the lens frames saw in its own run on "
		"CPython %s.",
		number(crash, "c_used"), number(crash, "c_stack"), version);
	report_note(notes, "%s %s", b.data, what_stops_it(frames, version));
	return true;
}
