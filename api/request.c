/* A run request: JSON in, a checked struct out. */
#include "api/request_check.h"

#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "wire/msg.h"

void
run_request_clear(struct run_request *r)
{
	free(r->code.data);
	free(r->stdin_bytes.data);
	for (size_t i = 0; i < r->nargs; i++)
		free(r->args[i].data);
	free(r->args);
	for (size_t i = 0; i < r->nfiles; i++) {
		free(r->files[i].path);
		free(r->files[i].content.data);
	}
	free(r->files);
	free(r->runtime);
	for (size_t i = 0; i < r->noptions; i++) {
		free(r->options[i].name);
		free(r->options[i].value);
	}
	free(r->options);
	*r = (struct run_request){0};
}

void
request_set_start(
	struct check *c, const struct place *at, const char *start, size_t n)
{
	if (n == 4 && memcmp(start, "cold", 4) == 0) {
		c->q->cold = true;
	} else if (n != 4 || memcmp(start, "warm", 4) != 0) {
		json_t *found = text_json(start, n);
		request_check_expected(c, at, found, "\"warm\" or \"cold\"");
		json_decref(found);
	}
}

void
request_set_runtime(
	struct check *c, const struct place *at, const char *id, size_t n)
{
	size_t max = sizeof(((struct msg_hello *)0)->id) - 1;

	if (n == 0 || n > max || memchr(id, '\0', n)) {
		json_t *found = text_json(id, n);
		request_check_expected(c, at, found,
			"the id of a runtime, such as \"3.11\" (GET "
			"/v1/runtimes lists them)");
		json_decref(found);
		return;
	}
	free(c->q->runtime);
	c->q->runtime = text_blob(id, n).data;
}

void
request_check_source(struct check *c, const struct place *at, const json_t *j,
	struct blob *ret)
{
	if (!json_is_string(j)) {
		request_check_expected(c, at, j, "a string of Python source");
		return;
	}
	const char *code = json_string_value(j);
	size_t n = json_string_length(j);
	if (request_check_code(c, at, code, n))
		*ret = text_blob(code, n);
}

static void
check_code(struct check *c, const struct place *at, const json_t *j)
{
	request_check_source(c, at, j, &c->q->code);
}

static void
check_stdin(struct check *c, const struct place *at, const json_t *j)
{
	request_check_bytes(c, at, j, MAX_STDIN_BYTES, &c->q->stdin_bytes);
}

static void
check_args(struct check *c, const struct place *at, const json_t *j)
{
	if (!request_check_array(c, at, j, "arguments", MAX_ARGS))
		return;
	size_t n = json_array_size(j);
	c->q->args = calloc(n + 1, sizeof(*c->q->args));
	if (!c->q->args)
		abort();
	for (size_t i = 0; i < n; i++) {
		const json_t *arg = json_array_get(j, i);
		struct place here = request_check_element(at, i);
		if (request_check_string(c, &here, arg, MAX_ARG_BYTES, true))
			c->q->args[c->q->nargs++] =
				text_blob(json_string_value(arg),
					json_string_length(arg));
	}
}

static void
check_runtime(struct check *c, const struct place *at, const json_t *j)
{
	if (json_is_string(j))
		request_set_runtime(
			c, at, json_string_value(j), json_string_length(j));
	else
		request_check_expected(c, at, j,
			"a string, the id of a runtime, such as \"3.11\"");
}

static void
check_start(struct check *c, const struct place *at, const json_t *j)
{
	if (json_is_string(j))
		request_set_start(
			c, at, json_string_value(j), json_string_length(j));
	else
		request_check_expected(c, at, j, "\"warm\" or \"cold\"");
}

static void
check_hash_seed(struct check *c, const struct place *at, const json_t *j)
{
	uint64_t seed;

	if (json_is_null(j) || !request_check_integer(c, at, j, 0, UINT32_MAX,
				       ", or null for a random one", &seed))
		return;
	c->q->hash_seed = (int64_t)seed;
	c->q->cold = true;
}

/* A member, and the bit by which a form can do without it. */
static const struct {
	struct member member;
	unsigned bit;
} members[] = {
	{{"code", check_code}, REQUEST_CODE},
	{{"stdin", check_stdin}, 0},
	{{"args", check_args}, 0},
	{{"files", request_files_check}, 0},
	{{"runtime", check_runtime}, REQUEST_RUNTIME},
	{{"start", check_start}, 0},
	{{"hash_seed", check_hash_seed}, 0},
	{{"lenses", request_lens_check}, REQUEST_LENSES},
	{{"limits", request_limits_check}, 0},
};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

static void
check_needed(
	struct check *c, const json_t *j, const char *name, const char *what)
{
	struct place whole = {0};

	if (!json_object_get(j, name))
		request_check_fault(
			c, &whole, "\"%s\" is missing: %s.", name, what);
}

static void
check_whole(struct check *c, const struct request_form *form, const json_t *j)
{
	struct place whole = {0};
	struct member table[MEMBERS + REQUEST_FURTHER];
	size_t n = 0;

	if (!request_check_object(c, &whole, j))
		return;
	for (size_t i = 0; i < MEMBERS; i++)
		if (!(members[i].bit & form->without))
			table[n++] = members[i].member;
	for (size_t i = 0; i < REQUEST_FURTHER; i++)
		if (form->further[i].member.name)
			table[n++] = form->further[i].member;
	request_check_members(c, &whole, j, table, n);
	for (size_t i = 0; i < REQUEST_FURTHER; i++)
		if (form->further[i].what)
			check_needed(c, j, form->further[i].member.name,
				form->further[i].what);
	if (!(form->without & REQUEST_CODE))
		check_needed(
			c, j, "code", "the Python source to run, as a string");
	if (form->together)
		form->together(c, &whole);
}

int
request_from_json(const char *body, size_t n, const struct request_form *form,
	struct run_request *q, struct problem **ret_problem)
{
	struct check c = {.q = q};

	*q = (struct run_request){.hash_seed = -1, .limits = limits_default()};
	if (n > MAX_BODY_BYTES) {
		*ret_problem = problem_new(413, "body-too-large",
			"The body is too large",
			"The body is %zu bytes long; at most %llu are taken.",
			n, MAX_BODY_BYTES);
		return -1;
	}
	json_auto_t *j = request_parse(body, n, ret_problem);
	if (!j)
		return -1;
	check_whole(&c, form, j);
	if (c.p) {
		run_request_clear(q);
		*ret_problem = c.p;
		return -1;
	}
	if (!q->stdin_bytes.data)
		q->stdin_bytes = text_blob("", 0);
	return 0;
}

int
run_request_from_json(const char *body, size_t n, struct run_request *ret,
	struct problem **ret_problem)
{
	static const struct request_form form = {0};
	struct run_request q;

	if (request_from_json(body, n, &form, &q, ret_problem))
		return -1;
	*ret = q;
	return 0;
}
