/* Checks of one kind of value each; faults are noted where they are found. */
#include "api/request_check.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "api/text.h"

bool
request_check_object(struct check *c, const struct place *at, const json_t *j)
{
	if (json_is_object(j))
		return true;
	request_check_expected(c, at, j, "an object");
	return false;
}

bool
request_check_array(struct check *c, const struct place *at, const json_t *j,
	const char *of_what, size_t max)
{
	size_t n = json_array_size(j);

	if (!json_is_array(j)) {
		request_check_expected(c, at, j, "an array of %s", of_what);
		return false;
	}
	if (n > max) {
		request_check_fault(c, at,
			"There are %zu %s here; at most %zu are taken.", n,
			of_what, max);
		return false;
	}
	return true;
}

bool
request_check_bool(
	struct check *c, const struct place *at, const json_t *j, bool *ret)
{
	if (!json_is_boolean(j)) {
		request_check_expected(c, at, j, "true or false");
		return false;
	}
	*ret = json_is_true(j);
	return true;
}

bool
request_check_integer(struct check *c, const struct place *at, const json_t *j,
	uint64_t low, uint64_t high, const char *unit, uint64_t *ret)
{
	/* A whole number may be written as 5000.0 or 5e3: JSON Schema calls
	 * these integers as well. */
	if (json_is_real(j)) {
		double v = json_real_value(j);
		if (v == floor(v) && v >= (double)low && v <= (double)high) {
			*ret = (uint64_t)v;
			return true;
		}
	}
	json_int_t v = json_is_integer(j) ? json_integer_value(j) : -1;
	if (v < 0 || (uint64_t)v < low || (uint64_t)v > high) {
		request_check_expected(c, at, j,
			"a whole number from %" PRIu64 " to %" PRIu64 "%s", low,
			high, unit);
		return false;
	}
	*ret = (uint64_t)v;
	return true;
}

bool
request_check_string(struct check *c, const struct place *at, const json_t *j,
	size_t max, bool no_nul)
{
	if (!json_is_string(j)) {
		request_check_expected(c, at, j, "a string");
		return false;
	}
	size_t n = json_string_length(j);
	if (n > max) {
		request_check_fault(c, at,
			"This is %zu bytes long as UTF-8; at most %zu are "
			"taken.",
			n, max);
		return false;
	}
	const char *nul = memchr(json_string_value(j), '\0', n);
	if (no_nul && nul) {
		request_check_fault(c, at,
			"There is a NUL character at byte offset %zu; this "
			"cannot hold one.",
			(size_t)(nul - json_string_value(j)));
		return false;
	}
	return true;
}

static bool
check_base64(struct check *c, const struct place *at, const json_t *j,
	size_t max, struct blob *ret)
{
	size_t wrong;

	if (!json_is_string(j)) {
		request_check_expected(c, at, j, "a string of base64");
		return false;
	}
	if (json_string_length(j) / 4 > max / 3 + 1) {
		request_check_fault(c, at,
			"This is more than %zu bytes when decoded; at most "
			"that many are taken.",
			max);
		return false;
	}
	if (text_unbase64(
		    json_string_value(j), json_string_length(j), ret, &wrong)) {
		request_check_fault(c, at,
			"This is not base64 (RFC 4648, with padding, without "
			"line breaks): it goes wrong at offset %zu of the "
			"string.",
			wrong);
		return false;
	}
	if (ret->n > max) {
		request_check_fault(c, at,
			"This is %zu bytes when decoded; at most %zu are "
			"taken.",
			ret->n, max);
		return false;
	}
	return true;
}

static bool
check_text(struct check *c, const struct place *at, const json_t *j, size_t max,
	struct blob *ret)
{
	if (!request_check_string(c, at, j, max, false))
		return false;
	*ret = text_blob(json_string_value(j), json_string_length(j));
	return true;
}

bool
request_check_content(struct check *c, const struct place *at,
	const json_t *object, size_t max, struct blob *ret)
{
	const json_t *text = json_object_get(object, "text");
	const json_t *base64 = json_object_get(object, "base64");
	struct place here =
		request_check_member(at, base64 ? "base64" : "text");

	if (!text == !base64) {
		request_check_fault(c, at,
			text ? "\"text\" and \"base64\" are both here; give "
			       "the content once."
			     : "The content is missing: give it as \"text\" or "
			       "as \"base64\".");
		return false;
	}
	return text ? check_text(c, &here, text, max, ret)
		    : check_base64(c, &here, base64, max, ret);
}

bool
request_check_bytes(struct check *c, const struct place *at, const json_t *j,
	size_t max, struct blob *ret)
{
	static const struct member members[] = {
		{"text", NULL}, {"base64", NULL}};

	if (json_is_string(j))
		return check_text(c, at, j, max, ret);
	if (!json_is_object(j)) {
		request_check_expected(
			c, at, j, "a string or an object {\"base64\": \"…\"}");
		return false;
	}
	request_check_members(c, at, j, members, 2);
	return request_check_content(c, at, j, max, ret);
}

bool
request_check_code(
	struct check *c, const struct place *at, const char *code, size_t n)
{
	const char *nul = memchr(code, '\0', n);
	size_t line = 1, start = 0;

	if (n > MAX_CODE_BYTES) {
		request_check_fault(c, at,
			"The code is %zu bytes long; at most %llu are taken.",
			n, MAX_CODE_BYTES);
		return false;
	}
	if (!nul)
		return true;
	size_t offset = (size_t)(nul - code);
	for (size_t i = 0; i < offset; i++) {
		if (code[i] != '\n')
			continue;
		line++;
		start = i + 1;
	}
	request_check_fault(c, at,
		"There is a NUL character in line %zu of the code, at byte "
		"offset %zu of that line (%zu of the whole); Python source "
		"cannot hold one. Write \\0 or \\x00 in a string instead.",
		line, offset - start, offset);
	return false;
}
