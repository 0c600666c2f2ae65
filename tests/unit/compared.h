/*
 * Comparisons of replies that are written by hand, for tests of api/compare*.c.
 *
 * JSON stands here with ' for ".
 */
#ifndef TESTS_UNIT_COMPARED_H
#define TESTS_UNIT_COMPARED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/compare.h"
#include "api/compare_parts.h"

#define unused __attribute__((unused))

static inline json_t *json(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));
static inline json_t *
json(const char *fmt, ...)
{
	char *text;
	va_list args;
	json_error_t e;

	va_start(args, fmt);
	assert_true(vasprintf(&text, fmt, args) >= 0);
	va_end(args);
	for (char *c = text; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	json_t *j = json_loads(text, JSON_DECODE_ANY, &e);
	if (!j)
		fail_msg("%s at %d of %s", e.text, e.position, text);
	free(text);
	return j;
}

static inline void
equal(json_t *got, const char *want)
{
	json_t *j = json("%s", want);

	if (!json_equal(got, j))
		fail_msg("%s\n# is not %s", json_dumps(got, JSON_ENCODE_ANY),
			json_dumps(j, JSON_ENCODE_ANY));
	json_decref(j);
}

/* What is at a path of keys and indices: "differences.gc.groups.0". */
static inline json_t *
at(const json_t *j, const char *path)
{
	char key[64];

	while (*path) {
		size_t n = strcspn(path, ".");
		snprintf(key, sizeof(key), "%.*s", (int)n, path);
		j = json_is_array(j) ? json_array_get(j, strtoul(key, NULL, 10))
				     : json_object_get(j, key);
		if (!j)
			fail_msg("there is no %s", path);
		path += n + (path[n] == '.');
	}
	return (json_t *)j;
}

/* A run that ended well, printed that and has these lenses. */
static inline json_t *
ran(const char *out, const char *lenses)
{
	return json("{'status': 'ok', 'exit_code': 0, 'signal': null, 'limit': "
		    "null, 'exception': null, 'stdout': {'text': '%s', "
		    "'truncated': false}, 'stderr': {'text': '', 'truncated': "
		    "false}, 'lenses': {%s}}",
		out, lenses);
}

/* Compares runs, which are freed; lenses is a set. */
static inline json_t *
compared(uint32_t lenses, size_t n, json_t *const *runs)
{
	static const char *const ids[] = {"r0", "r1", "r2", "r3", "r4"};
	struct run_request q = {.lenses = lenses};
	struct compare_one ones[5];
	json_t *problem = json("{'status': 503}");

	for (size_t i = 0; i < n; i++)
		ones[i] = (struct compare_one){
			ids[i], runs[i], runs[i] ? NULL : problem};
	json_t *j = compare_json("cmp_x", &q, ones, n);
	json_t *less = compare_differences("cmp_x", &q, ones, n);
	/* The same but for the results. */
	json_object_del(j, "results");
	assert_true(json_equal(j, less));
	json_decref(less);
	for (size_t i = 0; i < n; i++)
		json_decref(runs[i]);
	json_decref(problem);
	return j;
}

static inline json_t *
two(uint32_t lenses, json_t *a, json_t *b)
{
	return compared(lenses, 2, (json_t *const[]){a, b});
}

#endif
