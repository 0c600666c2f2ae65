#include "api/imports.h"

#include <stdbool.h>
#include <string.h>

/* What is left of a line, or of a list in it. */
struct text {
	const char *at, *end;
};

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\f' || c == '\r';
}

static void
skip_space(struct text *t)
{
	while (t->at < t->end && is_space(*t->at))
		t->at++;
}

/* Bytes of an identifier of Python's: any beyond ASCII may be. */
static bool
is_name(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* The next name; its length, 0 when there is none here. */
static size_t
take_name(struct text *t, const char **ret_name)
{
	skip_space(t);
	*ret_name = t->at;
	while (t->at < t->end && is_name(*t->at))
		t->at++;
	return (size_t)(t->at - *ret_name);
}

static bool
take_word(struct text *t, const char *word)
{
	const char *name;
	const struct text before = *t;
	size_t n = take_name(t, &name);

	if (n == strlen(word) && memcmp(name, word, n) == 0)
		return true;
	*t = before;
	return false;
}

static enum zygote
zygote_of(const char *name, size_t n)
{
	for (int z = ZYGOTE_COUNT - 1; z > ZYGOTE_LEAN; z--) {
		const char *list = zygote_modules((enum zygote)z);
		while (*list) {
			size_t length = strcspn(list, " ");
			if (length == n && memcmp(list, name, n) == 0)
				return (enum zygote)z;
			list += length + strspn(list + length, " ");
		}
	}
	return ZYGOTE_LEAN;
}

static enum zygote
later(enum zygote a, enum zygote b)
{
	return a > b ? a : b;
}

/* What follows "import": names with dots, some "as" others, and commas. */
static enum zygote
imported(struct text t)
{
	enum zygote z = ZYGOTE_LEAN;
	const char *name;
	size_t n;

	while ((n = take_name(&t, &name)) > 0) {
		z = later(z, zygote_of(name, n));
		const char *comma = memchr(t.at, ',', (size_t)(t.end - t.at));
		if (!comma)
			break;
		t.at = comma + 1;
	}
	return z;
}

static enum zygote
of_line(struct text t)
{
	const char *name;

	if (take_word(&t, "import"))
		return imported(t);
	if (!take_word(&t, "from"))
		return ZYGOTE_LEAN;
	size_t n = take_name(&t, &name);
	return zygote_of(name, n);
}

enum zygote
imports_zygote(const char *code, size_t n)
{
	const char *end = code + n;
	enum zygote z = ZYGOTE_LEAN;

	while (code < end && z < ZYGOTE_COUNT - 1) {
		const char *next = memchr(code, '\n', (size_t)(end - code));
		z = later(z, of_line((struct text){code, next ? next : end}));
		code = next ? next + 1 : end;
	}
	return z;
}
