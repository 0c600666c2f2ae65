/*
 * Any bytes as the memory of a report, header included.
 *
 * The reader takes from it what a second reader, written from docs/wire.md,
 * takes; every prefix gives the same records in front.  Whatever was read can
 * be written again and read back, into a report of any size: what fits is there
 * and what does not is told.
 */
#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "wire/limits.h"
#include "wire/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST 512

/* What a walk came to. */
struct walk {
	struct record r[MOST];
	size_t count;
	int end; /* 0 or -1 */
};

static void
walk(const void *bytes, size_t n, struct walk *ret_w)
{
	size_t at = 0;
	int got;

	ret_w->count = 0;
	do {
		struct record r, before;
		struct fail f = {.err = 1};
		memset(&r, 0xa5, sizeof(r));
		before = r;
		size_t was = at;
		got = record_next(bytes, n, &at, &r, &f);
		if (got < 1) {
			assert(memcmp(&r, &before, sizeof(r)) == 0);
			assert((f.err == 0 && f.text[0]) == (got < 0));
			continue;
		}
		assert(at >= was + 16 && at <= n && at % 8 == 0);
		assert(r.member >= (const char *)bytes + 64 + 16);
		assert(r.json + r.json_len <= (const char *)bytes + at);
		if (ret_w->count < MOST)
			ret_w->r[ret_w->count++] = r;
	} while (got == 1);
	ret_w->end = got;
}

/* The second reader: one record at `at`, or false. */
static bool
is_record(const uint8_t *p, uint64_t n, uint64_t at, uint64_t *ret_total)
{
	uint32_t total, json;
	uint16_t member;

	if (at + 16 > n)
		return false;
	memcpy(&total, p + at, 4);
	memcpy(&member, p + at + 6, 2);
	memcpy(&json, p + at + 8, 4);
	*ret_total = total;
	return at + total <= n && (total & 7) == 0 && p[at + 4] <= 1 &&
	       (p[at + 5] < LENS_COUNT || p[at + 5] == 255) && member <= 63 &&
	       json <= 8388608 && (uint64_t)16 + member + json <= total;
}

static void
check_walk(const uint8_t *p, size_t n, const struct walk *w)
{
	uint64_t at = 64, total = 0;
	size_t count = 0;

	if (n < 64 || memcmp(p, "VTE1", 4) != 0) {
		assert(w->count == 0 && w->end == (n == 0 ? 0 : -1));
		return;
	}
	while (is_record(p, n, at, &total)) {
		if (count < MOST) {
			const struct record *r = &w->r[count];
			assert(r->kind == (enum record_kind)p[at + 4]);
			assert(r->lens == p[at + 5]);
			assert(r->member == (const char *)p + at + 16);
			assert(r->json == r->member + r->member_len);
		}
		count++;
		at += total;
	}
	assert((count < MOST ? count : MOST) == w->count);
	assert(w->end == (at == n ? 0 : -1));
}

/* Torn anywhere, what came before is as it was. */
static void
check_prefix(const uint8_t *p, size_t n, const struct walk *whole)
{
	static struct walk part;

	walk(p, n, &part);
	assert(part.count <= whole->count);
	for (size_t i = 0; i < part.count; i++)
		assert(part.r[i].json == whole->r[i].json &&
			part.r[i].json_len == whole->r[i].json_len);
}

/* The JSON of `got` is the string that was written. */
static void
check_string(const struct record *got, const struct record *wrote)
{
	json_t *j = json_loadb(got->json, got->json_len,
		JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

	assert(json_is_string(j));
	if (utf8_valid_prefix(wrote->json, wrote->json_len) == wrote->json_len)
		assert(json_string_length(j) == wrote->json_len &&
			memcmp(json_string_value(j), wrote->json,
				wrote->json_len) == 0);
	json_decref(j);
}

static void
check_again(const struct walk *w, size_t size)
{
	struct record_top *map = aligned_alloc(8, (size + 7) & ~(size_t)7);
	struct record_writer writer;
	char member[MAX_MEMBER_BYTES];
	static struct walk back;
	static size_t kept[MOST];
	size_t nkept = 0;

	if (!map)
		abort();
	memset(map, 0, (size + 7) & ~(size_t)7);
	record_init(&writer, map, size);
	for (size_t i = 0; i < w->count; i++) {
		const struct record *r = &w->r[i];
		memcpy(member, r->member, r->member_len);
		member[r->member_len] = '\0';
		jsonw_strn(record_begin(&writer, r->kind, r->lens, member),
			r->json, r->json_len);
		if (record_commit(&writer))
			kept[nkept++] = i;
	}
	size_t n = record_length(map, size);
	walk(map, n, &back);
	assert(back.end == 0 && back.count == nkept);
	assert(record_was_cut(map, n) == (nkept < w->count));
	for (size_t i = 0; i < nkept; i++) {
		const struct record *r = &w->r[kept[i]], *b = &back.r[i];
		size_t len = strnlen(r->member, r->member_len);
		assert(b->kind == r->kind && b->lens == r->lens);
		assert(b->member_len == len &&
			memcmp(b->member, r->member, len) == 0);
		check_string(b, r);
	}
	free(map);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct walk w;
	struct record_top top;

	/* Exactly as long as it is, so that a read past the end shows. */
	uint8_t *bytes = calloc(1, size ? size : 1);
	if (!bytes)
		abort();
	if (size)
		memcpy(bytes, data, size);
	walk(bytes, size, &w);
	check_walk(bytes, size, &w);
	for (size_t i = 1; i <= 16; i++)
		check_prefix(bytes, size - size * i / 16, &w);
	assert(!record_was_cut(bytes, size) ||
		(size >= 64 && memcmp(bytes + 4, "\0\0\0\0", 4) != 0));
	if (size >= sizeof(top)) {
		memcpy(&top, bytes, sizeof(top));
		size_t n = record_length(&top, size);
		assert(n == 0 || (n >= 64 && n <= size));
		assert(n == 0 || n == size || n == 64 + top.committed);
		assert((n == 0) == (memcmp(bytes, "VTE1", 4) != 0));
		check_prefix(bytes, n, &w);
	}
	check_again(&w, size + 65);
	check_again(&w, 65 + size / 2);
	check_again(&w, 1 << 16);
	free(bytes);
	return 0;
}
