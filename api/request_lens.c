/* The lenses member: names, and the options of each lens. */
#include "api/request_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/buf.h"

void
request_lens_option(struct check *c, const char *name, const char *value)
{
	struct run_request *q = c->q;
	struct lens_option *grown =
		realloc(q->options, (q->noptions + 1) * sizeof(*grown));

	if (!grown)
		abort();
	q->options = grown;
	grown[q->noptions] = (struct lens_option){strdup(name), strdup(value)};
	if (!grown[q->noptions].name || !grown[q->noptions].value)
		abort();
	q->noptions++;
}

bool
request_lens_has_option(
	const struct check *c, const char *name, const char *value)
{
	const struct run_request *q = c->q;

	for (size_t i = 0; i < q->noptions; i++)
		if (strcmp(q->options[i].name, name) == 0 &&
			strcmp(q->options[i].value, value) == 0)
			return true;
	return false;
}

static void
check_show_caches(struct check *c, const struct place *at, const json_t *j)
{
	bool on;

	if (request_check_bool(c, at, j, &on) && on)
		request_lens_option(c, "bytecode.show_caches", "1");
}

static void
check_adaptive(struct check *c, const struct place *at, const json_t *j)
{
	if (request_check_bool(c, at, j, &c->q->adaptive) && c->q->adaptive)
		request_lens_option(c, "bytecode.adaptive", "1");
}

static void
check_python_tutor(struct check *c, const struct place *at, const json_t *j)
{
	request_check_bool(c, at, j, &c->q->python_tutor);
}

/* Letters outside ASCII are taken as they are: which of them may stand in a
 * name differs between versions of Python, and a name that cannot be is only
 * never bound. */
bool
request_lens_identifier(const char *s, size_t n)
{
	if (n == 0 || (s[0] >= '0' && s[0] <= '9'))
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned char ch = (unsigned char)s[i];
		if (ch < 0x80 && ch != '_' && !(ch >= '0' && ch <= '9') &&
			!(ch >= 'a' && ch <= 'z') && !(ch >= 'A' && ch <= 'Z'))
			return false;
	}
	return true;
}

static void
check_name(struct check *c, const struct place *at, const json_t *j,
	const char *option)
{
	if (!request_check_string(c, at, j, MAX_NAME_BYTES, true))
		return;
	const char *name = json_string_value(j);
	if (!request_lens_identifier(name, json_string_length(j)))
		request_check_expected(
			c, at, j, "the name of a variable, such as \"total\"");
	else if (request_lens_has_option(c, option, name))
		request_check_fault(c, at, "\"%s\" is listed twice.", name);
	else
		request_lens_option(c, option, name);
}

void
request_lens_names(struct check *c, const struct place *at, const json_t *j,
	const char *option)
{
	if (!request_check_array(c, at, j, "names", MAX_NAMES))
		return;
	if (json_array_size(j) == 0)
		request_check_fault(c, at,
			"The list is empty; leave \"names\" out to watch every "
			"name.");
	for (size_t i = 0; i < json_array_size(j); i++) {
		struct place here = request_check_element(at, i);
		check_name(c, &here, json_array_get(j, i), option);
	}
}

static void
check_part(struct check *c, const struct place *at, const json_t *j)
{
	static const char *const parts[] = {
		"tokens", "tree", "symbols", "code"};
	const char *part = json_string_value(j);
	size_t i = 0;

	while (part && i < 4 && strcmp(parts[i], part) != 0)
		i++;
	if (!part || i == 4 || json_string_length(j) != strlen(parts[i]))
		request_check_expected(c, at, j,
			"\"tokens\", \"tree\", \"symbols\" or \"code\"");
	else if (request_lens_has_option(c, "ast.parts", part))
		request_check_fault(c, at, "\"%s\" is listed twice.", part);
	else
		request_lens_option(c, "ast.parts", part);
}

static void
check_parts(struct check *c, const struct place *at, const json_t *j)
{
	if (!request_check_array(c, at, j, "parts", MAX_NAMES))
		return;
	if (json_array_size(j) == 0)
		request_check_fault(c, at,
			"The list is empty; leave \"parts\" out to see all of "
			"them.");
	for (size_t i = 0; i < json_array_size(j); i++) {
		struct place here = request_check_element(at, i);
		check_part(c, &here, json_array_get(j, i));
	}
}

/* An integer from `least` to `most`. */
struct number {
	const char *option, *unit;
	uint64_t least, most;
};

static void
check_number(struct check *c, const struct place *at, const json_t *j,
	const struct number *n)
{
	char text[24];
	uint64_t v = 0;

	if (!request_check_integer(c, at, j, n->least, n->most, n->unit, &v))
		return;
	snprintf(text, sizeof(text), "%" PRIu64, v);
	request_lens_option(c, n->option, text);
}

static void
check_blocked(struct check *c, const struct place *at, const json_t *j)
{
	check_number(c, at, j,
		&(struct number){"tasks.blocked_ms", " milliseconds", 1,
			MAX_BLOCKED_MS});
}

static void
check_virtual_clock(struct check *c, const struct place *at, const json_t *j)
{
	bool on;

	if (request_check_bool(c, at, j, &on) && on)
		request_lens_option(c, "tasks.virtual_clock", "1");
}

static void
check_schedules(struct check *c, const struct place *at, const json_t *j)
{
	check_number(c, at, j,
		&(struct number){"races.schedules", "", 1, MAX_SCHEDULES});
}

static void
check_seed(struct check *c, const struct place *at, const json_t *j)
{
	check_number(
		c, at, j, &(struct number){"races.seed", "", 0, UINT32_MAX});
}

static void
check_race_line(struct check *c, const struct place *at, const json_t *j)
{
	check_number(c, at, j,
		&(struct number){"races.line", "", 1, MAX_CODE_BYTES});
}

static const struct member bytecode_options[] = {
	{"show_caches", check_show_caches}, {"adaptive", check_adaptive}};
static const struct member steps_options[] = {
	{"python_tutor", check_python_tutor}};
static const struct member ast_options[] = {{"parts", check_parts}};
static const struct member tasks_options[] = {
	{"blocked_ms", check_blocked}, {"virtual_clock", check_virtual_clock}};
static const struct member races_options[] = {{"schedules", check_schedules},
	{"seed", check_seed}, {"line", check_race_line}};

/* The options of each lens; one that has none is not listed. */
static const struct {
	const struct member *table;
	size_t n;
} options[LENS_COUNT] = {
	[LENS_BYTECODE] = {bytecode_options, 2},
	[LENS_REFCOUNTS] = {request_refcounts_options,
		REQUEST_REFCOUNTS_OPTIONS},
	[LENS_OBJECTS] = {request_objects_options, REQUEST_OBJECTS_OPTIONS},
	[LENS_STEPS] = {steps_options, 1},
	[LENS_AST] = {ast_options, 1},
	[LENS_TASKS] = {tasks_options, 2},
	[LENS_RACES] = {races_options, 3},
};

static int
find(const char *name, size_t n)
{
	return memchr(name, '\0', n) ? -1 : lens_find(name);
}

static void
unknown_lens(
	struct check *c, const struct place *at, const char *name, size_t n)
{
	json_t *quoted = text_json(name, n);
	scope_buf struct buf known = BUF_INIT(4 * KIB);

	for (enum lens l = 0; l < LENS_COUNT; l++)
		buf_printf(&known, "%s%s", l ? ", " : "", lens_name(l));
	request_check_expected(
		c, at, quoted, "the name of a lens (%s)", known.data);
	json_decref(quoted);
}

void
request_lens_name(
	struct check *c, const struct place *at, const char *name, size_t n)
{
	int l = find(name, n);

	if (l < 0)
		unknown_lens(c, at, name, n);
	else if (c->q->lenses & BIT(l))
		request_check_fault(
			c, at, "The lens \"%s\" is listed twice.", name);
	else
		c->q->lenses |= BIT(l);
}

static void
check_list(struct check *c, const struct place *at, const json_t *j)
{
	if (!request_check_array(c, at, j, "lens names", LENS_COUNT))
		return;
	for (size_t i = 0; i < json_array_size(j); i++) {
		const json_t *name = json_array_get(j, i);
		struct place here = request_check_element(at, i);
		if (request_check_string(c, &here, name, MAX_BODY_BYTES, false))
			request_lens_name(c, &here, json_string_value(name),
				json_string_length(name));
	}
}

static void
check_options(struct check *c, const struct place *at, const char *name,
	size_t n, const json_t *value)
{
	int l = find(name, n);

	if (l < 0) {
		unknown_lens(c, at, name, n);
	} else if (!json_is_object(value)) {
		request_check_expected(
			c, at, value, "an object of options, {} for none");
	} else {
		c->q->lenses |= BIT(l);
		request_check_members(
			c, at, value, options[l].table, options[l].n);
	}
}

void
request_lens_check(struct check *c, const struct place *at, const json_t *j)
{
	json_t *lenses = (json_t *)j;

	if (json_is_array(j)) {
		check_list(c, at, j);
		return;
	}
	if (!json_is_object(j)) {
		request_check_expected(c, at, j,
			"an object of lenses and their options, or an array of "
			"lens names");
		return;
	}
	for (void *it = json_object_iter(lenses); it;
		it = json_object_iter_next(lenses, it)) {
		const char *name = json_object_iter_key(it);
		size_t n = json_object_iter_key_len(it);
		struct place here = {.up = at, .key = name, .key_len = n};
		check_options(c, &here, name, n, json_object_iter_value(it));
	}
}
