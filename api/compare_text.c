/* Texts that are compared, and what is shown of them. */
#include "api/compare_parts.h"

#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/scope.h"
#include "base/utf8.h"

#define ELLIPSIS "…"
#define FROZEN	 "frozenset({"
#define ADDRESS	 " at 0x"

void
compare_seq_add(struct compare_seq *s)
{
	if (s->text.dropped)
		abort(); /* no memory: its maximum is none */
	if ((s->n & (s->n - 1)) == 0) {
		s->end = reallocarray(
			s->end, s->n ? 2 * s->n : 1, sizeof(*s->end));
		if (!s->end)
			abort();
	}
	s->end[s->n++] = s->text.len;
}

const struct diff_text *
compare_seq_items(struct compare_seq *s)
{
	size_t at = 0;

	s->items = reallocarray(s->items, s->n + 1, sizeof(*s->items));
	if (!s->items)
		abort();
	for (size_t i = 0; i < s->n; at = s->end[i++])
		s->items[i] = (struct diff_text){
			s->text.data ? s->text.data + at : "", s->end[i] - at};
	return s->items;
}

bool
compare_seq_same(const struct compare_seq *a, const struct compare_seq *b)
{
	return a->n == b->n && a->text.len == b->text.len &&
	       (a->n == 0 ||
		       memcmp(a->end, b->end, a->n * sizeof(*a->end)) == 0) &&
	       (a->text.len == 0 ||
		       memcmp(a->text.data, b->text.data, a->text.len) == 0);
}

void
compare_seq_free(struct compare_seq *s)
{
	buf_free(&s->text);
	free(s->end);
	free(s->items);
	*s = COMPARE_SEQ;
}

static int
by_bytes(const void *x, const void *y)
{
	const struct diff_text *a = x, *b = y;
	int order = memcmp(a->s, b->s, a->n < b->n ? a->n : b->n);

	return order ? order : (a->n > b->n) - (a->n < b->n);
}

/* The order follows the hashes, which follow a secret.  What lies between
 * commas is sorted, whether it is an element or part of one: the same elements
 * give the same. */
static void
put_frozen(struct buf *b, const char *s, size_t n)
{
	scope_free struct diff_text *part = NULL;
	size_t parts = 1, k = 0;

	for (size_t i = 0; i + 1 < n; i++)
		parts += s[i] == ',' && s[i + 1] == ' ';
	part = calloc(parts, sizeof(*part));
	if (!part)
		abort();
	part[0].s = s;
	for (size_t i = 0; i + 1 < n; i++) {
		if (s[i] != ',' || s[i + 1] != ' ')
			continue;
		part[k].n = (size_t)(s + i - part[k].s);
		part[++k].s = s + i + 2;
	}
	part[k].n = (size_t)(s + n - part[k].s);
	qsort(part, parts, sizeof(*part), by_bytes);
	for (size_t i = 0; i < parts; i++) {
		buf_put(b, part[i].s, part[i].n);
		buf_put(b, ", ", 2);
	}
}

void
compare_text_masked(struct buf *b, const char *s, size_t n)
{
	const size_t frozen = sizeof(FROZEN) - 1, address = sizeof(ADDRESS) - 1;

	if (n > frozen + 2 && memcmp(s, FROZEN, frozen) == 0) {
		put_frozen(b, s + frozen, n - frozen - 2);
		return;
	}
	for (;;) {
		const char *at = memmem(s, n, ADDRESS, address);
		size_t before = at ? (size_t)(at - s) + address : n;
		buf_put(b, s, before);
		s += before;
		n -= before;
		if (!at)
			return;
		while (n > 0 && strchr("0123456789abcdef", *s) && *s) {
			s++;
			n--;
		}
	}
}

json_t *
compare_text_shown(const char *s, size_t n, struct compare_room *room)
{
	size_t fits =
		n > COMPARE_TEXT_BYTES ? utf8_cut(s, COMPARE_TEXT_BYTES) : n;

	room->cut |= fits < n;
	if (room->entries == 0 || room->bytes < fits) {
		room->cut = true;
		return NULL;
	}
	room->entries--;
	room->bytes -= fits;
	if (fits == n)
		return text_json(s, n);
	scope_buf struct buf b = BUF_INIT(2 * COMPARE_TEXT_BYTES);
	buf_put(&b, s, fits);
	buf_put(&b, ELLIPSIS, strlen(ELLIPSIS));
	return text_json(b.data, b.len);
}

/* Fewer texts than the range says: the room was gone. */
static json_t *
shown(const struct diff_text *t, size_t from, size_t to,
	struct compare_room *room)
{
	json_t *list = text_need(json_array()), *one;

	for (size_t i = from; i < to; i++) {
		one = compare_text_shown(t[i].s, t[i].n, room);
		if (!one)
			break;
		text_append(list, one);
	}
	return list;
}

json_t *
compare_text_edits(const struct diff *d, const struct diff_text *a,
	const struct diff_text *b, struct compare_room *room)
{
	json_t *list = text_need(json_array());

	room->cut |= d->coarse;
	for (size_t i = 0; i < d->n; i++) {
		const struct diff_edit *e = &d->edit[i];
		if (room->entries == 0) {
			room->cut = true;
			break;
		}
		json_t *j = text_need(json_object());
		text_set(j, "tag",
			json_string(e->a_from == e->a_to   ? "insert"
				    : e->b_from == e->b_to ? "delete"
							   : "replace"));
		text_set(j, "a_from", json_integer((json_int_t)e->a_from));
		text_set(j, "a_to", json_integer((json_int_t)e->a_to));
		text_set(j, "b_from", json_integer((json_int_t)e->b_from));
		text_set(j, "b_to", json_integer((json_int_t)e->b_to));
		text_set(j, "a", shown(a, e->a_from, e->a_to, room));
		text_set(j, "b", shown(b, e->b_from, e->b_to, room));
		text_append(list, j);
	}
	return list;
}
