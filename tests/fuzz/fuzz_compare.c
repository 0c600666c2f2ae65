/*
 * Any two JSON values in the place of the lenses of two runs, or of the runs
 * themselves.  The first byte is the lens, or beyond them all; the texts
 * follow, with a NUL between.
 *
 * Whatever they are, the comparison can be written as JSON, is the same both
 * ways round, and what differs says where; a value is the same as itself.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/compare.h"
#include "wire/tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static json_t *
run_of(json_t *value, unsigned form)
{
	if (form >= LENS_COUNT)
		return json_incref(value);
	return json_pack(
		"{s:{s:O}}", "lenses", lens_name((enum lens)form), value);
}

/* Something beside the runtimes, totals and truncated. */
static bool
says_where(const json_t *difference)
{
	static const char *const members[] = {"changes", "collections",
		"counts", "steps", "code_objects", "stdout", "stderr",
		"objects", "growth", "threads", "tasks"};

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		const json_t *v = json_object_get(difference, members[i]);
		if (json_is_object(v) || json_array_size(v) > 0)
			return true;
	}
	return json_is_true(json_object_get(difference, "truncated"));
}

/* What the comparison of them says: its `same`, and that it says where. */
static json_t *
compare(json_t *a, json_t *b)
{
	const struct run_request q = {.lenses = BIT(LENS_COUNT) - 1};
	const struct compare_one ones[] = {{"a", a, NULL}, {"b", b, NULL}};
	json_t *j = compare_json("cmp_x", &q, ones, 2);
	json_t *same = json_incref(json_object_get(j, "same")), *v;
	json_t *differences = json_object_get(j, "differences");
	char *text = json_dumps(j, 0);
	const char *name;

	assert(text && strlen(text) > 0);
	free(text);
	json_object_foreach(same, name, v)
	{
		const json_t *one = json_object_get(differences, name);
		size_t n = json_array_size(
			json_object_get(one, "against_baseline"));
		assert(n == json_is_false(v));
		assert(n == 0 ||
			says_where(json_array_get(
				json_object_get(one, "against_baseline"), 0)));
	}
	json_decref(j);
	return same;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1, *second;
	json_t *a, *b = NULL;

	if (size < 4 || !(second = memchr(text, '\0', size - 1)))
		return 0;
	size_t n = (size_t)(second - text);
	/* As deep as reports are read at most. */
	a = json_loadb(text, n, JSON_DECODE_ANY, NULL);
	if (a)
		b = json_loadb(second + 1, size - n - 2, JSON_DECODE_ANY, NULL);
	if (a && b) {
		json_t *x = run_of(a, data[0]), *y = run_of(b, data[0]);
		json_t *there = compare(x, y), *back = compare(y, x);
		json_t *self = compare(x, x), *v;
		const char *name;
		assert(json_equal(there, back));
		json_object_foreach(self, name, v)
		{
			assert(!json_is_false(v));
		}
		json_decref(there);
		json_decref(back);
		json_decref(self);
		json_decref(x);
		json_decref(y);
	}
	json_decref(a);
	json_decref(b);
	return 0;
}
