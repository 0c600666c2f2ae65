/*
 * A streaming JSON writer on memory that the caller gives: no allocation, no
 * I/O, so that writing does not disturb what is being measured.
 *
 * Commas and colons are put by the writer.  When the memory is full, overflow
 * is set, the rest is dropped and the text is not valid JSON: check before use.
 * Misuse (a value without a key in an object, unbalanced ends) asserts.
 */
#ifndef BASE_JSONW_H
#define BASE_JSONW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSONW_DEPTH 32

struct jsonw {
	char *buf;
	size_t cap, len;
	bool overflow;
	unsigned depth;
	struct {
		bool object, any, key;
	} level[JSONW_DEPTH];
};

void jsonw_init(struct jsonw *w, char *buf, size_t cap);
/* True when exactly one complete value was written and it fitted. */
bool jsonw_done(const struct jsonw *w);

void jsonw_object(struct jsonw *w);
void jsonw_array(struct jsonw *w);
void jsonw_end(struct jsonw *w);
void jsonw_key(struct jsonw *w, const char *key);
void jsonw_keyn(struct jsonw *w, const char *key, size_t n);
/* A key that is a number. */
void jsonw_key_uint(struct jsonw *w, uint64_t key);
/* n bytes of UTF-8; bytes that are not valid UTF-8 become U+FFFD. */
void jsonw_strn(struct jsonw *w, const char *s, size_t n);
void jsonw_str(struct jsonw *w, const char *s);
void jsonw_int(struct jsonw *w, int64_t v);
void jsonw_uint(struct jsonw *w, uint64_t v);
void jsonw_bool(struct jsonw *w, bool v);
void jsonw_null(struct jsonw *w);
/* A key and its number; with _if, null where it is not `there`. */
void jsonw_member_uint(struct jsonw *w, const char *key, uint64_t v);
void jsonw_member_if(struct jsonw *w, const char *key, bool there, int64_t v);
/* A value that is JSON text already, of this writer's making. */
void jsonw_raw(struct jsonw *w, const char *json, size_t n);

#endif
