/* A run request whose body is the code and whose options are in the query. */
#include "api/request_check.h"

#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/utf8.h"

/* The query stands for the JSON form, so faults point at the member that a
 * parameter stands for. */
static const struct place whole = {0};

static void
set_hash_seed(struct check *c, const char *value)
{
	struct place at = request_check_member(&whole, "hash_seed");
	uint64_t seed;

	if (!request_limits_number(c, &at, value, 0, UINT32_MAX, "", &seed))
		return;
	c->q->hash_seed = (int64_t)seed;
	c->q->cold = true;
}

static void
set_stdin(struct check *c, const char *value)
{
	struct place at = request_check_member(&whole, "stdin");
	size_t n = strlen(value);

	if (n > MAX_STDIN_BYTES)
		request_check_fault(c, &at,
			"This is %zu bytes long; at most %llu are taken.", n,
			MAX_STDIN_BYTES);
	else
		c->q->stdin_bytes = text_blob(value, n);
}

static void
add_arg(struct check *c, const char *value)
{
	struct place args = request_check_member(&whole, "args");
	struct place at = request_check_element(&args, c->q->nargs);
	size_t n = strlen(value);

	if (c->q->nargs == MAX_ARGS) {
		request_check_fault(c, &args,
			"There are more than %d arguments here; at most that "
			"many are taken.",
			MAX_ARGS);
		return;
	}
	if (n > MAX_ARG_BYTES) {
		request_check_fault(c, &at,
			"This is %zu bytes long; at most %llu are taken.", n,
			MAX_ARG_BYTES);
		return;
	}
	struct blob *grown =
		realloc(c->q->args, (c->q->nargs + 1) * sizeof(*grown));
	if (!grown)
		abort();
	c->q->args = grown;
	grown[c->q->nargs++] = text_blob(value, n);
}

static void
add_lenses(struct check *c, const char *list)
{
	struct place at = request_check_member(&whole, "lenses");

	for (;;) {
		size_t n = strcspn(list, ",");
		struct blob name = text_blob(list, n);
		request_lens_name(c, &at, name.data, name.n);
		free(name.data);
		if (!list[n])
			return;
		list += n + 1;
	}
}

static void
set_runtime(struct check *c, const char *value)
{
	struct place at = request_check_member(&whole, "runtime");

	request_set_runtime(c, &at, value, strlen(value));
}

static void
set_start(struct check *c, const char *value)
{
	struct place at = request_check_member(&whole, "start");

	request_set_start(c, &at, value, strlen(value));
}

static const struct {
	const char *name;
	bool repeats;
	void (*take)(struct check *c, const char *value);
} parameters[] = {
	{"runtime", false, set_runtime},
	{"start", false, set_start},
	{"hash_seed", false, set_hash_seed},
	{"stdin", false, set_stdin},
	{"arg", true, add_arg},
	{"lens", true, add_lenses},
	{"lenses", true, add_lenses},
};

/* Every argument, and everything else a few times. */
#define MAX_PARAMETERS (MAX_ARGS + 64)
#define NPARAMETERS    (sizeof(parameters) / sizeof(parameters[0]))

static bool
seen_before(const struct query_item *query, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(query[k].name, query[i].name) == 0)
			return true;
	return false;
}

static void
take_parameter(struct check *c, const struct query_item *query, size_t i)
{
	const char *value = query[i].value ? query[i].value : "";
	struct place at = request_check_member(&whole, query[i].name);
	size_t k = 0;

	while (k < NPARAMETERS && strcmp(parameters[k].name, query[i].name))
		k++;
	if ((k == NPARAMETERS || !parameters[k].repeats) &&
		seen_before(query, i)) {
		request_check_fault(
			c, &at, "The query has this parameter more than once.");
		return;
	}
	if (k < NPARAMETERS)
		parameters[k].take(c, value);
	else if (!request_limits_text(c, query[i].name, value))
		request_check_fault(c, &at,
			"There is no query parameter of this name; the "
			"parameters are runtime, start, hash_seed, stdin, arg, "
			"lens, lenses and the names of the limits.");
}

/* Whether the first two lines declare an encoding as PEP 263 has it, in which
 * case what the bytes mean is for the compiler to say. */
static bool
declares_encoding(const char *s, size_t n)
{
	for (int line = 0; line < 2 && n; line++) {
		const char *end = memchr(s, '\n', n);
		size_t len = end ? (size_t)(end - s) : n;
		size_t i = 0;
		while (i < len && (s[i] == ' ' || s[i] == '\t' || s[i] == '\f'))
			i++;
		const char *found = i < len && s[i] == '#'
					    ? memmem(s, len, "coding", 6)
					    : NULL;
		if (found && found + 6 < s + len &&
			(found[6] == ':' || found[6] == '='))
			return true;
		size_t step = end ? len + 1 : len;
		s += step;
		n -= step;
	}
	return false;
}

static struct problem *
not_utf8(size_t offset, size_t n)
{
	return problem_new(400, "not-utf8", "The source is not UTF-8",
		"Byte offset %zu of %zu is not part of a UTF-8 character, and "
		"the first two lines declare no other encoding (PEP 263).",
		offset, n);
}

int
run_request_from_text(const char *body, size_t n,
	const struct query_item *query, size_t nquery, struct run_request *ret,
	struct problem **ret_problem)
{
	struct run_request q = {.hash_seed = -1, .limits = limits_default()};
	struct place code = request_check_member(&whole, "code");
	struct check c = {.q = &q};

	size_t good = utf8_valid_prefix(body, n);
	if (good < n && !declares_encoding(body, n)) {
		*ret_problem = not_utf8(good, n);
		return -1;
	}
	if (request_check_code(&c, &code, body, n))
		q.code = text_blob(body, n);
	if (nquery > MAX_PARAMETERS)
		request_check_fault(&c, &whole,
			"The query has %zu parameters; at most %d are taken.",
			nquery, MAX_PARAMETERS);
	for (size_t i = 0; i < nquery && i < MAX_PARAMETERS; i++)
		take_parameter(&c, query, i);
	if (c.p) {
		run_request_clear(&q);
		*ret_problem = c.p;
		return -1;
	}
	if (!q.stdin_bytes.data)
		q.stdin_bytes = text_blob("", 0);
	*ret = q;
	return 0;
}
