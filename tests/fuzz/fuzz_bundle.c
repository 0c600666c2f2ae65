/*
 * Any bytes as a bundle.  They are a bundle exactly when a second reader, which
 * was written from docs/wire.md, says so.  What is one is walked from end to
 * end, part by part, is made again byte for byte by the writer, and is none any
 * more with one byte more or less.  What is none has words.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/bundle.h"
#include "wire/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t
u32_at(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* A path that stays below where it starts: no component is empty, "." or "..",
 * found by looking for what may not stand between two slashes. */
static bool
path_stays(const uint8_t *path, uint64_t n)
{
	static const char *const bad[] = {"//", "/./", "/../"};
	char fenced[MAX_PATH_BYTES + 3];

	if (n < 1 || n > 200 || memchr(path, '\0', n))
		return false;
	fenced[0] = '/';
	memcpy(fenced + 1, path, n);
	memcpy(fenced + 1 + n, "/", 2);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (strstr(fenced, bad[i]))
			return false;
	return true;
}

/* The second reader: 64-bit sums from the front, no room that shrinks. */
static bool
is_bundle(const uint8_t *p, uint64_t size)
{
	uint64_t at = 8, part;

	if (size < 8 || size > 12582912 || memcmp(p, "VTB1", 4) != 0)
		return false;
	uint32_t parts = u32_at(p + 4);
	if (parts < 1 || parts > 512)
		return false;
	for (part = 0; part < parts; part++) {
		if (at + 12 > size)
			return false;
		uint32_t kind = u32_at(p + at);
		uint64_t name = u32_at(p + at + 4), value = u32_at(p + at + 8);
		if (at + 12 + name + value > size || kind > 3)
			return false;
		if ((part == 0) != (kind == 0))
			return false;
		if (kind == 2 && !path_stays(p + at + 12, name))
			return false;
		at += 12 + name + value;
	}
	return at == size;
}

/* Inside of the bytes, one after the other, and the same when made again. */
static void
check_parts(const uint8_t *bytes, size_t n)
{
	struct bundle_part p;
	struct buf again = {0};
	struct fail f;
	size_t at = 0, count = 0;
	const char *end = (const char *)bytes + 8;

	bundle_begin(&again);
	while (bundle_next(bytes, n, &at, &p)) {
		assert(p.name == end + 12 && p.value == p.name + p.name_len);
		end = p.value + p.value_len;
		assert((const char *)bytes + at == end && at <= n);
		assert((p.kind == BUNDLE_CODE) == (count == 0));
		assert(bundle_add(&again, p.kind, p.name, p.name_len, p.value,
			       p.value_len, &f) == 0);
		count++;
	}
	assert(at == n && count == u32_at(bytes + 4));
	assert(again.len == n && memcmp(again.data, bytes, n) == 0);
	buf_free(&again);
}

static void
check_strict(const uint8_t *bytes, size_t n)
{
	struct fail f;
	uint8_t *more = calloc(1, n + 1);

	if (!more)
		abort();
	memcpy(more, bytes, n);
	assert(bundle_check(more, n + 1, &f) && bundle_check(bytes, n - 1, &f));
	free(more);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fail f = {.err = 1};
	struct bundle_part p;
	size_t at = 0, before = 0;

	/* Exactly as long as it is, so that a read past the end shows. */
	uint8_t *bytes = calloc(1, size ? size : 1);
	if (!bytes)
		abort();
	if (size)
		memcpy(bytes, data, size);
	int rc = bundle_check(bytes, size, &f);
	assert((rc == 0) == is_bundle(bytes, size));
	assert(bundle_path_ok((const char *)bytes, size) ==
		path_stays(bytes, size));
	if (rc == 0) {
		check_parts(bytes, size);
		check_strict(bytes, size);
	} else {
		assert(rc == -1 && f.err == 0 && f.text[0]);
		/* The walk stays inside whatever it walks over. */
		while (bundle_next(bytes, size, &at, &p)) {
			assert(at > before && at <= size);
			before = at;
		}
	}
	free(bytes);
	return 0;
}
