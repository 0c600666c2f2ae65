/* The options of the lens objects: what is looked at, when, and what is asked.
 */
#include "api/request_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

/* No source has more lines than bytes. */
#define MAX_LINE (MAX_CODE_BYTES + 1)

static void
check_names(struct check *c, const struct place *at, const json_t *j)
{
	request_lens_names(c, at, j, "objects.names");
}

/* Adds an option that may be there once. */
static void
add(struct check *c, const struct place *at, const char *option,
	const char *value, const char *shown)
{
	if (request_lens_has_option(c, option, value))
		request_check_fault(c, at, "%s is listed twice.", shown);
	else
		request_lens_option(c, option, value);
}

typedef void check_fn(struct check *c, const struct place *at, const json_t *j);

/* An array of at most MAX_ASKED, each checked by itself. */
static void
check_each(struct check *c, const struct place *at, const json_t *j,
	const char *of_what, check_fn *each)
{
	if (!request_check_array(c, at, j, of_what, MAX_ASKED))
		return;
	for (size_t i = 0; i < json_array_size(j); i++) {
		struct place here = request_check_element(at, i);
		each(c, &here, json_array_get(j, i));
	}
}

static void
check_line(struct check *c, const struct place *at, const json_t *j,
	const char *option)
{
	char text[32];
	uint64_t line;

	if (!request_check_integer(c, at, j, 1, MAX_LINE, "", &line))
		return;
	snprintf(text, sizeof(text), "%" PRIu64, line);
	add(c, at, option, text, text);
}

void
request_objects_lines(struct check *c, const struct place *at, const json_t *j,
	const char *option)
{
	if (!request_check_array(c, at, j, "lines", MAX_ASKED))
		return;
	for (size_t i = 0; i < json_array_size(j); i++) {
		struct place here = request_check_element(at, i);
		check_line(c, &here, json_array_get(j, i), option);
	}
}

static void
check_at(struct check *c, const struct place *at, const json_t *j)
{
	request_objects_lines(c, at, j, "objects.at");
}

/* "s" before a text, "i" before a number. */
static void
check_key(struct check *c, const struct place *at, const json_t *j)
{
	scope_buf struct buf b = BUF_INIT(MAX_OPTION_BYTES);

	if (json_is_integer(j)) {
		buf_printf(&b, "i%" JSON_INTEGER_FORMAT, json_integer_value(j));
		add(c, at, "objects.keys", b.data, b.data + 1);
	} else if (!json_is_string(j)) {
		request_check_expected(c, at, j, "a string or a whole number");
	} else if (request_check_string(c, at, j, MAX_NAME_BYTES, true)) {
		buf_printf(&b, "s%s", json_string_value(j));
		add(c, at, "objects.keys", b.data, "This key");
	}
}

static void
check_keys(struct check *c, const struct place *at, const json_t *j)
{
	check_each(c, at, j, "keys", check_key);
}

/* Names with dots between, two at least. */
static bool
is_attribute(const char *s, size_t n)
{
	size_t names = 0;

	for (size_t at = 0; at <= n; names++) {
		const char *dot = memchr(s + at, '.', n - at);
		size_t len = dot ? (size_t)(dot - s) - at : n - at;
		if (!request_lens_identifier(s + at, len))
			return false;
		at += len + 1;
	}
	return names > 1;
}

static void
check_attribute(struct check *c, const struct place *at, const json_t *j)
{
	if (!request_check_string(c, at, j, MAX_NAME_BYTES, true))
		return;
	const char *text = json_string_value(j);
	if (is_attribute(text, json_string_length(j)))
		add(c, at, "objects.attributes", text, text);
	else
		request_check_expected(c, at, j,
			"a variable and its attribute, such as \"point.x\"");
}

static void
check_attributes(struct check *c, const struct place *at, const json_t *j)
{
	check_each(c, at, j, "attributes", check_attribute);
}

static void
check_growth(struct check *c, const struct place *at, const json_t *j)
{
	bool on;

	if (request_check_bool(c, at, j, &on) && !on)
		request_lens_option(c, "objects.growth", "0");
}

const struct member request_objects_options[REQUEST_OBJECTS_OPTIONS] = {
	{"names", check_names}, {"at", check_at}, {"keys", check_keys},
	{"attributes", check_attributes}, {"growth", check_growth}};
