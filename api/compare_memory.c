/* memory: totals and the size of the peak member by member, lines of the script
 * one after the other by what was done for them: places in the library differ
 * between versions. */
#include "api/compare_parts.h"

#include <stdlib.h>

#include "api/text.h"
#include "base/scope.h"

struct line {
	json_int_t line, allocations, bytes, live_blocks, live_bytes;
};

static json_int_t
number(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

static int
by_number(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

/* What others claim may be any number: sums wrap. */
static json_int_t
plus(json_int_t a, json_int_t b)
{
	return (json_int_t)((unsigned long long)a + (unsigned long long)b);
}

/* One line for each that is named, in their order; *ret_n of them. */
static struct line *
lines_of(const json_t *rows, size_t *ret_n)
{
	struct line *lines = calloc(json_array_size(rows) + 1, sizeof(*lines));
	size_t i, n = 0, kept = 0;
	const json_t *r;

	if (!lines)
		abort();
	json_array_foreach(rows, i, r)
	{
		if (json_is_integer(json_object_get(r, "via")))
			lines[n++] = (struct line){number(r, "via"),
				number(r, "allocations"), number(r, "bytes"),
				number(r, "live_blocks"),
				number(r, "live_bytes")};
	}
	qsort(lines, n, sizeof(*lines), by_number);
	for (i = 0; i < n; i++) {
		struct line *last = kept ? &lines[kept - 1] : NULL;
		if (!last || last->line != lines[i].line) {
			lines[kept++] = lines[i];
			continue;
		}
		last->allocations =
			plus(last->allocations, lines[i].allocations);
		last->bytes = plus(last->bytes, lines[i].bytes);
		last->live_blocks =
			plus(last->live_blocks, lines[i].live_blocks);
		last->live_bytes = plus(last->live_bytes, lines[i].live_bytes);
	}
	*ret_n = kept;
	return lines;
}

#define N "%" JSON_INTEGER_FORMAT

static struct compare_seq
sequence(const json_t *value)
{
	struct compare_seq s = COMPARE_SEQ;
	size_t n;
	scope_free struct line *all =
		lines_of(json_object_get(value, "by_line"), &n);

	for (size_t i = 0; i < n; i++) {
		buf_printf(&s.text,
			"line " N ": " N " allocations, " N " bytes; " N
			" blocks stay, " N " bytes",
			all[i].line, all[i].allocations, all[i].bytes,
			all[i].live_blocks, all[i].live_bytes);
		compare_seq_add(&s);
	}
	return s;
}

/* What is compared member by member. */
static json_t *
members(const json_t *value)
{
	json_t *totals = json_object_get(value, "totals");
	json_t *peak = json_object_get(value, "peak");
	json_t *j = text_need(json_object());
	json_t *shown = text_need(json_object());

	text_set(j, "totals", totals ? json_incref(totals) : json_null());
	for (const char *const *key = (const char *[]){"bytes", "via", NULL};
		*key; key++) {
		json_t *v = json_object_get(peak, *key);
		text_set(shown, *key, v ? json_incref(v) : json_null());
	}
	text_set(j, "peak", shown);
	return j;
}

static const struct compare_list list = {"lines", members, sequence};

static bool
same(const json_t *a, const json_t *b)
{
	return compare_list_same(&list, a, b);
}

static void
differ(const json_t *a, const json_t *b, struct compare_room *room, json_t *ret)
{
	compare_list_differ(&list, a, b, room, ret);
}

const struct compare_aspect compare_memory = {
	same, differ, compare_members_whole};
