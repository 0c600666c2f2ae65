/* The bundle: everything of the caller's that a pass needs. */
#include "wire/bundle.h"

#include <assert.h>
#include <string.h>

#include "wire/limits.h"

struct head {
	uint32_t magic, parts;
};

struct part_head {
	uint32_t kind, name_len, value_len;
};

void
bundle_begin(struct buf *b)
{
	struct head h = {.magic = BUNDLE_MAGIC};

	assert(b->len == 0);
	b->max = MAX_BUNDLE_BYTES;
	buf_put(b, &h, sizeof(h));
}

int
bundle_add(struct buf *b, enum bundle_kind kind, const void *name,
	size_t name_len, const void *value, size_t value_len, struct fail *f)
{
	struct part_head p = {kind, (uint32_t)name_len, (uint32_t)value_len};
	struct head h;

	assert(b->len >= sizeof(h) && kind < BUNDLE_KINDS);
	memcpy(&h, b->data, sizeof(h));
	if (name_len > MAX_BUNDLE_BYTES || value_len > MAX_BUNDLE_BYTES ||
		h.parts >= MAX_BUNDLE_PARTS ||
		buf_put(b, &p, sizeof(p)) < sizeof(p) ||
		buf_put(b, name, name_len) < name_len ||
		buf_put(b, value, value_len) < value_len)
		return fail_set(f, "the bundle is larger than its limits");
	h.parts++;
	memcpy(b->data, &h, sizeof(h));
	return 0;
}

bool
bundle_next(
	const void *bytes, size_t n, size_t *at, struct bundle_part *ret_part)
{
	const char *p = bytes;
	struct part_head h;

	if (*at == 0)
		*at = sizeof(struct head);
	if (*at > n || n - *at < sizeof(h))
		return false;
	memcpy(&h, p + *at, sizeof(h));
	size_t room = n - *at - sizeof(h);
	if (h.name_len > room || h.value_len > room - h.name_len)
		return false;
	const char *name = p + *at + sizeof(h);
	*ret_part = (struct bundle_part){
		.kind = (enum bundle_kind)h.kind,
		.name = name,
		.name_len = h.name_len,
		.value = name + h.name_len,
		.value_len = h.value_len,
	};
	*at += sizeof(h) + h.name_len + h.value_len;
	return true;
}

static int
check_part(const struct bundle_part *p, size_t index, struct fail *f)
{
	if (p->kind >= BUNDLE_KINDS)
		return fail_set(f, "part %zu is of no known kind", index);
	if ((p->kind == BUNDLE_CODE) != (index == 0))
		return fail_set(f, "the code is not the first part alone");
	if (p->kind == BUNDLE_FILE && !bundle_path_ok(p->name, p->name_len))
		return fail_set(f, "part %zu has a path that cannot be", index);
	return 0;
}

int
bundle_check(const void *bytes, size_t n, struct fail *f)
{
	struct bundle_part p;
	struct head h;
	size_t at = 0, count = 0;

	if (n < sizeof(h) || n > MAX_BUNDLE_BYTES)
		return fail_set(f, "a bundle of %zu bytes", n);
	memcpy(&h, bytes, sizeof(h));
	if (h.magic != BUNDLE_MAGIC || !h.parts || h.parts > MAX_BUNDLE_PARTS)
		return fail_set(f, "not a bundle");
	while (bundle_next(bytes, n, &at, &p)) {
		if (check_part(&p, count, f))
			return -1;
		count++;
	}
	if (count != h.parts || at != n)
		return fail_set(f, "the bundle says %u parts and has %zu",
			h.parts, count);
	return 0;
}

bool
bundle_path_ok(const char *path, size_t n)
{
	size_t start = 0;

	if (n == 0 || n > MAX_PATH_BYTES || memchr(path, '\0', n))
		return false;
	for (size_t i = 0; i <= n; i++) {
		if (i < n && path[i] != '/')
			continue;
		size_t len = i - start;
		if (len == 0 || (len == 1 && path[start] == '.') ||
			(len == 2 && memcmp(path + start, "..", 2) == 0))
			return false;
		start = i + 1;
	}
	return true;
}
