/* Members of JSON, as the files of the lens `objects` write them. */
#include "sandbox/lenses/objects.h"

void
objects_write_member(
	struct jsonw *w, const char *key, const struct objects_text *t)
{
	jsonw_key(w, key);
	jsonw_strn(w, t->bytes, t->n);
}

void
objects_write_name(struct jsonw *w, const char *key, PyObject *str)
{
	struct objects_text t = {.n = 0};

	if (str && PyUnicode_Check(str)) {
		objects_text_str(&t, str);
		objects_write_member(w, key, &t);
	} else {
		jsonw_key(w, key);
		jsonw_null(w);
	}
}

void
objects_write_hex(struct jsonw *w, const char *key, const void *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *b = bytes;
	char text[2 * OBJECTS_DATA];

	if (n > OBJECTS_DATA)
		n = OBJECTS_DATA;
	for (size_t i = 0; i < n; i++) {
		text[2 * i] = digits[b[i] >> 4];
		text[2 * i + 1] = digits[b[i] & 15];
	}
	jsonw_key(w, key);
	jsonw_strn(w, text, 2 * n);
}

void
objects_write_int(struct jsonw *w, const char *key, int64_t n)
{
	jsonw_key(w, key);
	jsonw_int(w, n);
}

void
objects_write_bool(struct jsonw *w, const char *key, bool v)
{
	jsonw_key(w, key);
	jsonw_bool(w, v);
}

void
objects_write_hash(struct jsonw *w, Py_hash_t hash)
{
	jsonw_key(w, "hash");
	if (hash == -1)
		jsonw_null(w);
	else
		jsonw_int(w, hash);
}
