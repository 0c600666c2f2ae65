/* A request for a measurement. */
#include "api/measure_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/request_check.h"
#include "api/sign_rank.h"
#include "api/text.h"

#define USUAL_ROUNDS	20
#define USUAL_BUDGET_MS 10000
#define LEAST_BUDGET_MS 100
#define MOST_BUDGET_MS	60000
#define MOST_SIZE	1000000000

void
measure_request_clear(struct measure_request *q)
{
	run_request_clear(&q->run);
	for (size_t i = 0; i < MAX_MEASURED; i++) {
		free(q->snippets[i].name);
		free(q->snippets[i].code.data);
	}
	*q = (struct measure_request){0};
}

/* A check fills the run of a measurement. */
static struct measure_request *
whole(const struct check *c)
{
	return (void *)((char *)c->q - offsetof(struct measure_request, run));
}

/* The one whose members are being checked: the last. */
static struct measure_snippet *
snippet(const struct check *c)
{
	struct measure_request *q = whole(c);

	return &q->snippets[q->n - 1];
}

static void
check_name(struct check *c, const struct place *at, const json_t *j)
{
	if (!request_check_string(c, at, j, MAX_NAME_BYTES, true))
		return;
	if (json_string_length(j) == 0) {
		request_check_fault(c, at, "It must not be empty.");
		return;
	}
	snippet(c)->name =
		text_blob(json_string_value(j), json_string_length(j)).data;
}

static void
check_code(struct check *c, const struct place *at, const json_t *j)
{
	request_check_source(c, at, j, &snippet(c)->code);
}

static void
check_snippet(struct check *c, const struct place *at, const json_t *j)
{
	static const struct member members[] = {
		{"name", check_name}, {"code", check_code}};
	struct measure_request *q = whole(c);

	if (!request_check_object(c, at, j))
		return;
	q->n++;
	request_check_members(
		c, at, j, members, sizeof(members) / sizeof(*members));
	if (!json_object_get(j, "code"))
		request_check_fault(c, at,
			"\"code\" is missing: the Python source to measure, as "
			"a string.");
	if (!snippet(c)->name) {
		/* A, B, C: MAX_MEASURED of them. */
		char letter = (char)('A' + q->n - 1);
		snippet(c)->name = text_blob(&letter, 1).data;
	}
	for (size_t i = 0; i + 1 < q->n; i++)
		if (strcmp(q->snippets[i].name, snippet(c)->name) == 0)
			request_check_fault(c, at,
				"The name %.80s is there twice.",
				snippet(c)->name);
}

static void
check_snippets(struct check *c, const struct place *at, const json_t *j)
{
	size_t n = json_array_size(j);

	if (!request_check_array(c, at, j, "snippets", MAX_MEASURED))
		return;
	if (n == 0)
		request_check_fault(c, at, "It must hold snippets.");
	for (size_t i = 0; i < n; i++) {
		struct place here = request_check_element(at, i);
		check_snippet(c, &here, json_array_get(j, i));
	}
}

static void
check_rounds(struct check *c, const struct place *at, const json_t *j)
{
	request_check_integer(c, at, j, SIGN_RANK_LEAST, SIGN_RANK_MOST, "",
		&whole(c)->rounds);
}

static void
check_budget(struct check *c, const struct place *at, const json_t *j)
{
	request_check_integer(c, at, j, LEAST_BUDGET_MS, MOST_BUDGET_MS,
		" milliseconds", &whole(c)->budget_ms);
}

static void
check_sizes(struct check *c, const struct place *at, const json_t *j)
{
	struct measure_request *q = whole(c);
	size_t n = json_array_size(j);

	if (!request_check_array(c, at, j, "sizes", GROWTH_MOST))
		return;
	if (n < GROWTH_LEAST)
		request_check_fault(c, at,
			"It must hold %d sizes at least, to tell how counts "
			"grow, but it has %zu.",
			GROWTH_LEAST, n);
	for (size_t i = 0; i < n; i++) {
		struct place here = request_check_element(at, i);
		uint64_t size = 0;
		if (!request_check_integer(c, &here, json_array_get(j, i), 1,
			    MOST_SIZE, "", &size))
			continue;
		if (q->nsizes && size <= q->sizes[q->nsizes - 1])
			request_check_fault(c, &here,
				"Each size must be larger than the one before "
				"it.");
		q->sizes[q->nsizes++] = size;
	}
}

static void
check_counts(struct check *c, const struct place *at, const json_t *j)
{
	request_check_bool(c, at, j, &whole(c)->counts);
}

static void
check_together(struct check *c, const struct place *at)
{
	struct measure_request *q = whole(c);
	const struct place snippets = {
		.up = at, .key = "snippets", .key_len = 8};
	const struct place args = {.up = at, .key = "args", .key_len = 4};
	const struct place counts = {.up = at, .key = "counts", .key_len = 6};

	if (q->n == 1 && !q->nsizes)
		request_check_fault(c, &snippets,
			"It must hold two snippets at least, to be measured "
			"against each other, but it has 1. (One alone can be "
			"counted at several \"sizes\".)");
	if (q->nsizes && !q->counts)
		request_check_fault(c, &counts,
			"It must be true where there are \"sizes\", for they "
			"are what is counted at.");
	if (q->nsizes && q->run.nargs == MAX_ARGS)
		request_check_fault(c, &args,
			"There is no room for the size, which is one more: at "
			"most %d with it.",
			MAX_ARGS);
	if (q->n == 1)
		q->rounds = 0;
}

int
measure_request_from_json(const char *body, size_t n,
	struct measure_request *ret, struct problem **ret_problem)
{
	static const struct request_form form = {REQUEST_CODE | REQUEST_LENSES,
		{{{"snippets", check_snippets},
			 "a list of two or more objects, each with a \"code\""},
			{{"sizes", check_sizes}, NULL},
			{{"counts", check_counts}, NULL},
			{{"rounds", check_rounds}, NULL},
			{{"budget_ms", check_budget}, NULL}},
		check_together};
	struct measure_request q = {.counts = true,
		.rounds = USUAL_ROUNDS,
		.budget_ms = USUAL_BUDGET_MS};

	if (request_from_json(body, n, &form, &q.run, ret_problem)) {
		measure_request_clear(&q);
		return -1;
	}
	*ret = q;
	return 0;
}
