/* Values of JSON, member by member. */
#include "api/compare_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/scope.h"

bool
compare_members_equal(const json_t *a, const json_t *b)
{
	return a == b || json_equal(a, b);
}

/* Of two runs on one runtime they differ as well. */
static bool
is_left_out(const char *key)
{
	size_t n = strlen(key);

	return strcmp(key, "truncated") == 0 ||
	       (n > 3 && strcmp(key + n - 3, "_ns") == 0);
}

static bool
strings_alike(const json_t *a, const json_t *b)
{
	scope_buf struct buf x = BUF_INIT(COMPARE_MAX),
			     y = BUF_INIT(COMPARE_MAX);

	if (json_equal(a, b))
		return true;
	compare_text_masked(&x, json_string_value(a), json_string_length(a));
	compare_text_masked(&y, json_string_value(b), json_string_length(b));
	return x.len == y.len && (x.len == 0 || !memcmp(x.data, y.data, x.len));
}

static bool
has_alike(const json_t *a, const json_t *b)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)a, key, v)
	{
		const json_t *other = json_object_get(b, key);
		if (!is_left_out(key) &&
			!(other && compare_members_alike(v, other)))
			return false;
	}
	return true;
}

/* Depth is bounded: what a child wrote was read with a bound on it. */
bool
compare_members_alike(const json_t *a, const json_t *b)
{
	if (!a || !b || json_typeof(a) != json_typeof(b))
		return a == b;
	if (json_is_string(a))
		return strings_alike(a, b);
	if (json_is_object(a))
		return has_alike(a, b) && has_alike(b, a);
	if (!json_is_array(a))
		return json_equal(a, b);
	if (json_array_size(a) != json_array_size(b))
		return false;
	for (size_t i = 0; i < json_array_size(a); i++)
		if (!compare_members_alike(
			    json_array_get(a, i), json_array_get(b, i)))
			return false;
	return true;
}

/* A value of the room that is left; null when it is too long to be shown. */
static json_t *
shown(const json_t *v, struct compare_room *room)
{
	scope_free char *text =
		v ? json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	size_t n = text ? strlen(text) : 0;

	if (n > room->bytes) {
		room->cut = true;
		return json_null();
	}
	room->bytes -= n;
	return v ? json_incref((json_t *)v) : json_null();
}

void
compare_members_change(const char *path, const json_t *a, const json_t *b,
	struct compare_room *room, json_t *list)
{
	if (room->entries == 0) {
		room->cut = true;
		return;
	}
	room->entries--;
	json_t *j = text_need(json_object());
	text_set(j, "path", text_json(path, strlen(path)));
	text_set(j, "a", shown(a, room));
	text_set(j, "b", shown(b, room));
	text_append(list, j);
}

/* Elements that have members of their own are looked into. */
static bool
of_objects(const json_t *j)
{
	return json_is_array(j) &&
	       (json_array_size(j) == 0 ||
		       json_is_object(json_array_get(j, 0)));
}

static void
below(const char *path, const char *key, const json_t *a, const json_t *b,
	struct compare_room *room, json_t *list)
{
	scope_buf struct buf at = BUF_INIT(COMPARE_MAX);

	if (compare_members_alike(a, b))
		return;
	if (room->entries == 0) {
		room->cut = true;
		return;
	}
	buf_printf(&at, "%s/", path);
	for (; *key; key++) /* RFC 6901 */
		buf_printf(&at,
			*key == '~'   ? "~0"
			: *key == '/' ? "~1"
				      : "%c",
			*key);
	compare_members_changes(at.data, a, b, room, list);
}

static void
objects(const char *path, const json_t *a, const json_t *b,
	struct compare_room *room, json_t *list)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)a, key, v)
	{
		if (!is_left_out(key))
			below(path, key, v, json_object_get(b, key), room,
				list);
	}
	json_object_foreach((json_t *)b, key, v)
	{
		if (!is_left_out(key) && !json_object_get(a, key))
			below(path, key, NULL, v, room, list);
	}
}

void
compare_members_changes(const char *path, const json_t *a, const json_t *b,
	struct compare_room *room, json_t *list)
{
	if (json_is_object(a) && json_is_object(b)) {
		objects(path, a, b, room, list);
	} else if (of_objects(a) && of_objects(b)) {
		size_t na = json_array_size(a), nb = json_array_size(b);
		for (size_t i = 0; i < na || i < nb; i++) {
			char index[24];
			snprintf(index, sizeof(index), "%zu", i);
			below(path, index, json_array_get(a, i),
				json_array_get(b, i), room, list);
		}
	} else {
		compare_members_change(path, a, b, room, list);
	}
}

bool
compare_members_whole(const json_t *value)
{
	return !json_is_true(json_object_get(value, "truncated"));
}

static void
differ(const json_t *a, const json_t *b, struct compare_room *room, json_t *ret)
{
	json_t *list = text_need(json_array());

	compare_members_changes("", a, b, room, list);
	text_set(ret, "changes", list);
}

const struct compare_aspect compare_members = {
	compare_members_alike, differ, compare_members_whole};
