/* SHA-256, and what is made of it. */
#include "server/link_hash.h"

#include <nettle/memops.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
static const char hex[] = "0123456789abcdef";

void
link_hash(const void *bytes, size_t n, unsigned char ret[LINK_HASH_BYTES])
{
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, n, bytes);
	sha256_digest(&context, LINK_HASH_BYTES, ret);
}

void
link_hash_text(const unsigned char hash[LINK_HASH_BYTES],
	char ret[LINK_HASH_CHARS + 1])
{
	for (size_t i = 0; i < LINK_HASH_BYTES; i++) {
		ret[2 * i] = hex[hash[i] >> 4];
		ret[2 * i + 1] = hex[hash[i] & 15];
	}
	ret[LINK_HASH_CHARS] = '\0';
}

bool
link_hash_read(const char *text, unsigned char ret[LINK_HASH_BYTES])
{
	for (size_t i = 0; i < LINK_HASH_CHARS; i++) {
		const char *at = text[i] ? strchr(hex, text[i]) : NULL;
		if (!at)
			return false;
		unsigned char digit = (unsigned char)(at - hex);
		ret[i / 2] = (unsigned char)(i % 2 ? ret[i / 2] | digit
						   : digit << 4);
	}
	return true;
}

/* Five bits to a character, the first bits first; what is missing at the end is
 * 0.  There is one byte more than is looked at. */
static void
write_digits(const unsigned char *bytes, size_t chars, char *ret)
{
	for (size_t i = 0; i < chars; i++) {
		size_t bit = 5 * i;
		unsigned pair =
			(unsigned)bytes[bit / 8] << 8 | bytes[bit / 8 + 1];
		ret[i] = digits[pair >> (11 - bit % 8) & 31];
	}
	ret[chars] = '\0';
}

void
link_hash_id(const void *bytes, size_t n, char ret[LINK_ID_CHARS + 1])
{
	unsigned char hash[LINK_HASH_BYTES];

	link_hash(bytes, n, hash);
	memset(hash + 16, 0, LINK_HASH_BYTES - 16);
	write_digits(hash, LINK_ID_CHARS, ret);
}

bool
link_hash_is_id(const char *text)
{
	return strspn(text, digits) == LINK_ID_CHARS && !text[LINK_ID_CHARS];
}

void
link_hash_token(char ret[LINK_TOKEN_CHARS + 1])
{
	unsigned char bytes[21] = {0};

	if (getrandom(bytes, 20, 0) != 20)
		abort(); /* cannot fail once the system is up */
	write_digits(bytes, LINK_TOKEN_CHARS, ret);
}

bool
link_hash_same(const unsigned char a[LINK_HASH_BYTES],
	const unsigned char b[LINK_HASH_BYTES])
{
	return memeql_sec(a, b, LINK_HASH_BYTES);
}
