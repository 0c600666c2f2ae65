/*
 * UTF-8 as RFC 3629 defines it: no surrogates, no overlong forms, no more than
 * U+10FFFF.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Length of the valid sequence at text (1 to 4), or 0 when there is none within
 * n bytes. */
size_t utf8_sequence(const char *text, size_t n);
/* Number of leading bytes that are valid; n when all are. */
size_t utf8_valid_prefix(const char *s, size_t n);
/* The sequence of a character, 1 to 4 bytes; that of U+FFFD for what is none.
 */
size_t utf8_encode(uint32_t c, char ret[4]);
/* The largest length <= n at which cutting splits no character. */
size_t utf8_cut(const char *s, size_t n);

#endif
