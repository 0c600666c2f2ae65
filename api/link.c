/* A request to keep a link. */
#include "api/link.h"

#include <stdlib.h>
#include <string.h>

#include "api/request_check.h"
#include "api/text.h"

/* Thirty days. */
#define USUAL_SECONDS (30 * 86400ULL)

/* A check whose faults go to the same place, and whose values go to another:
 * this is no run. */
struct checked {
	struct check check; /* first */
	struct link_request *q;
};

static struct link_request *
request_of(struct check *c)
{
	return ((struct checked *)c)->q;
}

bool
link_is_text(const char *text, size_t n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789-_";

	if (n < 3 || n > MAX_LINK_BYTES || memcmp(text, "1:", 2) != 0)
		return false;
	for (size_t i = 2; i < n; i++)
		if (!text[i] || !strchr(digits, text[i]))
			return false;
	return true;
}

static void
check_link(struct check *c, const struct place *at, const json_t *j)
{
	const char *text = json_string_value(j);
	size_t n = json_string_length(j);

	if (!request_check_string(c, at, j, MAX_LINK_BYTES, true))
		return;
	if (!link_is_text(text, n)) {
		request_check_fault(c, at,
			"It must be what stands behind the # of a link: 1: and "
			"base64url without padding.");
		return;
	}
	free(request_of(c)->text);
	request_of(c)->text = text_blob(text, n).data;
	request_of(c)->size = n;
}

static void
check_expires(struct check *c, const struct place *at, const json_t *j)
{
	if (json_is_null(j))
		request_of(c)->expires_in_s = 0;
	else
		request_check_integer(c, at, j, 1, MAX_LINK_SECONDS,
			" seconds, or null for never",
			&request_of(c)->expires_in_s);
}

void
link_request_clear(struct link_request *q)
{
	free(q->text);
	*q = (struct link_request){0};
}

int
link_request_from_json(const char *body, size_t n, struct link_request *ret,
	struct problem **ret_problem)
{
	static const struct member members[] = {
		{"link", check_link}, {"expires_in_s", check_expires}};
	struct link_request q = {.expires_in_s = USUAL_SECONDS};
	struct checked c = {.q = &q};
	const struct place whole = {0};
	json_auto_t *j = request_parse(body, n, ret_problem);

	if (!j)
		return -1;
	if (request_check_object(&c.check, &whole, j)) {
		request_check_members(&c.check, &whole, j, members, 2);
		if (!json_object_get(j, "link"))
			request_check_fault(&c.check, &whole,
				"\"link\" is missing: what stands behind the # "
				"of a link, as a string.");
	}
	if (!c.check.p) {
		*ret = q;
		return 0;
	}
	*ret_problem = c.check.p;
	link_request_clear(&q);
	return -1;
}
