/* A file of a stored link. */
#include "server/link_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "vitrine link 1\n"

void
link_file_write(const struct link_file *file, struct buf *b)
{
	unsigned char hash[LINK_HASH_BYTES];
	char text[LINK_HASH_CHARS + 1];
	size_t from = b->len;

	buf_printf(b, HEAD);
	for (size_t i = 0; i < file->n; i++) {
		link_hash_text(file->shares[i].token, text);
		buf_printf(b, "share %s %" PRId64 "\n", text,
			file->shares[i].until == LINK_NEVER
				? 0
				: file->shares[i].until);
	}
	buf_printf(b, "link ");
	buf_put(b, file->text, file->size);
	buf_printf(b, "\n");
	link_hash(b->data + from, b->len - from, hash);
	link_hash_text(hash, text);
	buf_printf(b, "sha256 %s\n", text);
}

/* What is left to read. */
struct rest {
	const char *at, *end;
};

static bool
take(struct rest *r, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n) != 0)
		return false;
	r->at += n;
	return true;
}

static bool
take_hash(struct rest *r, unsigned char ret[LINK_HASH_BYTES])
{
	if (r->end - r->at < LINK_HASH_CHARS || !link_hash_read(r->at, ret))
		return false;
	r->at += LINK_HASH_CHARS;
	return true;
}

/* A whole number without a sign, of at most 15 digits; 0 is never. */
static bool
take_time(struct rest *r, int64_t *ret)
{
	int64_t v = 0;
	size_t n = 0;

	for (; r->at < r->end && *r->at >= '0' && *r->at <= '9' && n < 15; n++)
		v = 10 * v + (*r->at++ - '0');
	*ret = v ? v : LINK_NEVER;
	return n > 0;
}

static bool
take_shares(struct rest *r, struct link_file *ret)
{
	for (ret->n = 0; take(r, "share "); ret->n++) {
		struct link_share *s = &ret->shares[ret->n];
		if (ret->n == LINK_MAX_SHARES || !take_hash(r, s->token) ||
			!take(r, " ") || !take_time(r, &s->until) ||
			!take(r, "\n"))
			return false;
	}
	return ret->n > 0;
}

int
link_file_read(const char *bytes, size_t n, const char *id,
	struct link_file *ret, struct fail *f)
{
	struct rest r = {bytes, bytes + n};
	unsigned char said[LINK_HASH_BYTES], is[LINK_HASH_BYTES];
	char name[LINK_ID_CHARS + 1];

	if (!take(&r, HEAD) || !take_shares(&r, ret) || !take(&r, "link "))
		return fail_set(f, "it is not a file of a link");
	const char *end = memchr(r.at, '\n', (size_t)(r.end - r.at));
	if (!end)
		return fail_set(f, "it ends amid the link");
	ret->text = r.at;
	ret->size = (size_t)(end - r.at);
	r.at = end + 1;
	link_hash(bytes, (size_t)(r.at - bytes), is);
	if (!take(&r, "sha256 ") || !take_hash(&r, said) || !take(&r, "\n") ||
		r.at != r.end)
		return fail_set(f, "it does not end as it must");
	link_hash_id(ret->text, ret->size, name);
	if (!link_hash_same(is, said) || strcmp(name, id) != 0 ||
		!link_is_text(ret->text, ret->size))
		return fail_set(f, "it is not what was written");
	return 0;
}

void
link_file_expire(struct link_file *file, int64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < file->n; i++)
		if (file->shares[i].until > now)
			file->shares[kept++] = file->shares[i];
	file->n = kept;
}

int64_t
link_file_until(const struct link_file *file)
{
	int64_t until = 0;

	for (size_t i = 0; i < file->n; i++)
		if (file->shares[i].until > until)
			until = file->shares[i].until;
	return until;
}

bool
link_file_remove(struct link_file *file, const char *token)
{
	unsigned char hash[LINK_HASH_BYTES];
	size_t at = file->n;

	link_hash(token, strlen(token), hash);
	for (size_t i = 0; i < file->n; i++)
		if (link_hash_same(file->shares[i].token, hash))
			at = i;
	if (at == file->n)
		return false;
	file->shares[at] = file->shares[--file->n];
	return true;
}
