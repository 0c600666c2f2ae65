/*
 * What the members of each lens must look like.  Members that are not listed
 * may be anything: lenses grow.
 */
#include "api/report_parts.h"

#include <string.h>

#include "api/text.h"
#include "wire/record.h"

enum shape {
	SHAPE_INT,
	SHAPE_BOOL,
	SHAPE_OBJECT,
	SHAPE_MAYBE_OBJECT, /* or null */
	SHAPE_INTS,
	SHAPE_OBJECTS
};

/* X(lens, member, shape): every lens always has all of its members; what was
 * never claimed is null, or an empty array. */
#define SHAPE_TABLE(X)                                                         \
	X(LENS_BYTECODE, "code_objects", SHAPE_OBJECTS)                        \
	X(LENS_REFCOUNTS, "steps", SHAPE_OBJECTS)                              \
	X(LENS_GC, "enabled", SHAPE_BOOL)                                      \
	X(LENS_GC, "thresholds", SHAPE_INTS)                                   \
	X(LENS_GC, "collections", SHAPE_OBJECTS)                               \
	X(LENS_GC, "totals", SHAPE_OBJECTS)                                    \
	X(LENS_GC, "counts", SHAPE_MAYBE_OBJECT)                               \
	X(LENS_GC, "pauses", SHAPE_OBJECTS)                                    \
	X(LENS_GC, "films", SHAPE_OBJECTS)                                     \
	X(LENS_GC, "filmed", SHAPE_MAYBE_OBJECT)                               \
	X(LENS_TIMING, "compile_ns", SHAPE_INT)                                \
	X(LENS_TIMING, "exec_wall_ns", SHAPE_INT)                              \
	X(LENS_TIMING, "exec_cpu_ns", SHAPE_INT)                               \
	X(LENS_TIMING, "lines", SHAPE_OBJECTS)                                 \
	X(LENS_OBJECTS, "captures", SHAPE_OBJECTS)                             \
	X(LENS_OBJECTS, "running", SHAPE_MAYBE_OBJECT)                         \
	X(LENS_OBJECTS, "growth", SHAPE_OBJECTS)                               \
	X(LENS_OBJECTS, "lines", SHAPE_OBJECTS)                                \
	X(LENS_STEPS, "steps", SHAPE_OBJECTS)                                  \
	X(LENS_STEPS, "keyframes", SHAPE_OBJECTS)                              \
	X(LENS_STEPS, "total", SHAPE_INT)                                      \
	X(LENS_AST, "stages", SHAPE_OBJECTS)                                   \
	X(LENS_AST, "tokens", SHAPE_OBJECTS)                                   \
	X(LENS_AST, "tree", SHAPE_OBJECTS)                                     \
	X(LENS_AST, "symbols", SHAPE_OBJECTS)                                  \
	X(LENS_AST, "code", SHAPE_OBJECTS)                                     \
	X(LENS_MEMORY, "totals", SHAPE_MAYBE_OBJECT)                           \
	X(LENS_MEMORY, "peak", SHAPE_MAYBE_OBJECT)                             \
	X(LENS_MEMORY, "by_line", SHAPE_OBJECTS)                               \
	X(LENS_MEMORY, "timeline", SHAPE_MAYBE_OBJECT)                         \
	X(LENS_MEMORY, "allocator", SHAPE_MAYBE_OBJECT)                        \
	X(LENS_FRAMES, "functions", SHAPE_OBJECTS)                             \
	X(LENS_FRAMES, "tree", SHAPE_OBJECTS)                                  \
	X(LENS_FRAMES, "threads", SHAPE_OBJECTS)                               \
	X(LENS_FRAMES, "limits", SHAPE_OBJECT)                                 \
	X(LENS_FRAMES, "events", SHAPE_INT)                                    \
	X(LENS_FRAMES, "marks", SHAPE_OBJECTS)                                 \
	X(LENS_FRAMES, "crash", SHAPE_OBJECT)                                  \
	X(LENS_FRAMES, "dropped", SHAPE_OBJECT)                                \
	X(LENS_THREADS, "totals", SHAPE_OBJECT)                                \
	X(LENS_THREADS, "switch_intervals", SHAPE_OBJECTS)                     \
	X(LENS_THREADS, "threads", SHAPE_OBJECTS)                              \
	X(LENS_THREADS, "places", SHAPE_OBJECTS)                               \
	X(LENS_THREADS, "holds", SHAPE_OBJECTS)                                \
	X(LENS_THREADS, "dropped", SHAPE_OBJECT)                               \
	X(LENS_INSTRUCTIONS, "code_objects", SHAPE_OBJECTS)                    \
	X(LENS_INSTRUCTIONS, "steps", SHAPE_OBJECTS)                           \
	X(LENS_INSTRUCTIONS, "totals", SHAPE_OBJECT)                           \
	X(LENS_TASKS, "totals", SHAPE_OBJECT)                                  \
	X(LENS_TASKS, "loops", SHAPE_OBJECTS)                                  \
	X(LENS_TASKS, "tasks", SHAPE_OBJECTS)                                  \
	X(LENS_TASKS, "spans", SHAPE_OBJECTS)                                  \
	X(LENS_TASKS, "waits", SHAPE_OBJECTS)                                  \
	X(LENS_TASKS, "blocked", SHAPE_OBJECTS)                                \
	X(LENS_TASKS, "functions", SHAPE_OBJECTS)                              \
	X(LENS_TASKS, "cycles", SHAPE_OBJECTS)                                 \
	X(LENS_TASKS, "stuck", SHAPE_BOOL)                                     \
	X(LENS_TASKS, "dropped", SHAPE_OBJECT)                                 \
	X(LENS_COUNTS, "totals", SHAPE_MAYBE_OBJECT)                           \
	X(LENS_COUNTS, "instructions", SHAPE_MAYBE_OBJECT)                     \
	X(LENS_COUNTS, "functions", SHAPE_OBJECTS)                             \
	X(LENS_COUNTS, "lines", SHAPE_OBJECTS)                                 \
	X(LENS_PROFILE, "totals", SHAPE_MAYBE_OBJECT)                          \
	X(LENS_PROFILE, "functions", SHAPE_OBJECTS)                            \
	X(LENS_PROFILE, "tree", SHAPE_OBJECTS)                                 \
	X(LENS_PROCESSES, "processes", SHAPE_OBJECTS)                          \
	X(LENS_PROCESSES, "failures", SHAPE_OBJECTS)                           \
	X(LENS_PROCESSES, "totals", SHAPE_OBJECT)                              \
	X(LENS_PROCESSES, "dropped", SHAPE_OBJECT)                             \
	X(LENS_RACES, "schedules", SHAPE_MAYBE_OBJECT)                         \
	X(LENS_RACES, "kinds", SHAPE_OBJECTS)                                  \
	X(LENS_RACES, "windows", SHAPE_OBJECTS)                                \
	X(LENS_RACES, "outcomes", SHAPE_OBJECTS)                               \
	X(RECORD_RUN, "compile_ns", SHAPE_INT)                                 \
	X(RECORD_RUN, "exec_wall_ns", SHAPE_INT)                               \
	X(RECORD_RUN, "exec_cpu_ns", SHAPE_INT)                                \
	X(RECORD_RUN, "end", SHAPE_INT)                                        \
	X(RECORD_RUN, "exception", SHAPE_OBJECT)

/* Members that are there when they were asked for. */
#define SHAPE_OPTIONAL(X) X(LENS_REFCOUNTS, "holders", SHAPE_OBJECTS)

static const struct row {
	unsigned lens;
	const char *member;
	enum shape shape;
	bool optional;
} rows[] = {
#define X(lens, member, shape) {lens, member, shape, false},
	SHAPE_TABLE(X)
#undef X
#define X(lens, member, shape) {lens, member, shape, true},
		SHAPE_OPTIONAL(X)
#undef X
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))

static bool
is_array(enum shape s)
{
	return s == SHAPE_INTS || s == SHAPE_OBJECTS;
}

static bool
element_ok(enum shape s, const json_t *value)
{
	return s == SHAPE_INTS ? json_is_integer(value) : json_is_object(value);
}

static bool
value_ok(enum shape s, const json_t *value)
{
	switch (s) {
	case SHAPE_INT:
		return json_is_integer(value);
	case SHAPE_BOOL:
		return json_is_boolean(value);
	case SHAPE_OBJECT:
		return json_is_object(value);
	case SHAPE_MAYBE_OBJECT:
		return json_is_object(value) || json_is_null(value);
	case SHAPE_INTS:
	case SHAPE_OBJECTS:
		break;
	}
	if (!json_is_array(value))
		return false;
	for (size_t i = 0; i < json_array_size(value); i++)
		if (!element_ok(s, json_array_get(value, i)))
			return false;
	return true;
}

bool
report_shape_ok(
	unsigned lens, const char *member, const json_t *value, bool item)
{
	if (strcmp(member, "truncated") == 0)
		return !item && json_is_boolean(value);
	for (size_t i = 0; i < NROWS; i++) {
		if (rows[i].lens != lens || strcmp(rows[i].member, member) != 0)
			continue;
		if (item)
			return is_array(rows[i].shape) &&
			       element_ok(rows[i].shape, value);
		return value_ok(rows[i].shape, value);
	}
	return true;
}

void
report_shape_complete(enum lens l, json_t *value)
{
	for (size_t i = 0; i < NROWS; i++) {
		if (rows[i].lens != l || rows[i].optional ||
			json_object_get(value, rows[i].member))
			continue;
		text_set(value, rows[i].member,
			is_array(rows[i].shape) ? json_array() : json_null());
	}
}
