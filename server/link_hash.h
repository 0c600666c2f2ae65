/*
 * Names, tokens and digests of stored links: SHA-256 by nettle, random numbers
 * by the kernel.
 */
#ifndef SERVER_LINK_HASH_H
#define SERVER_LINK_HASH_H

#include <stdbool.h>
#include <stddef.h>

#define LINK_HASH_BYTES	 32
#define LINK_HASH_CHARS	 64
#define LINK_ID_CHARS	 26 /* 128 bits, five to a character */
#define LINK_TOKEN_CHARS 32 /* 160 bits */

void link_hash(const void *bytes, size_t n, unsigned char ret[LINK_HASH_BYTES]);
/* The same in hexadecimal, and back; false when it is none. */
void link_hash_text(const unsigned char hash[LINK_HASH_BYTES],
	char ret[LINK_HASH_CHARS + 1]);
bool link_hash_read(const char *text, unsigned char ret[LINK_HASH_BYTES]);

/* The name of a content: the first 128 bits of its SHA-256, in the digits that
 * ids of runs have. */
void link_hash_id(const void *bytes, size_t n, char ret[LINK_ID_CHARS + 1]);
/* Could it be such a name? */
bool link_hash_is_id(const char *text);

/* A new token, drawn at random. */
void link_hash_token(char ret[LINK_TOKEN_CHARS + 1]);
/* Are they the same?  Takes as long wherever they differ. */
bool link_hash_same(const unsigned char a[LINK_HASH_BYTES],
	const unsigned char b[LINK_HASH_BYTES]);

#endif
