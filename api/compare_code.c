/* One code object. */
#include "api/compare_code.h"

#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/scope.h"

/* --- Reading one ---------------------------------------------------------- */

/* Where instructions are: their offsets, and those that are jumped to. */
struct places {
	json_int_t *offset;
	size_t n;
	size_t *label; /* label L1 is the first that is jumped to */
	size_t nlabels;
};

static void *
need(void *p)
{
	if (!p)
		abort();
	return p;
}

static json_int_t
number(const json_t *j, const char *key, json_int_t fallback)
{
	const json_t *v = json_object_get(j, key);

	return json_is_integer(v) ? json_integer_value(v) : fallback;
}

static struct places
places_of(const json_t *instructions)
{
	struct places p = {.n = json_array_size(instructions)};
	const json_t *one;
	size_t i;

	p.offset = need(calloc(p.n + 1, sizeof(*p.offset)));
	p.label = need(calloc(p.n + 1, sizeof(*p.label)));
	json_array_foreach(instructions, i, one)
	{
		p.offset[i] = number(one, "offset", -1);
		if (json_is_true(json_object_get(one, "jump_target")))
			p.label[p.nlabels++] = i;
	}
	return p;
}

/* The first instruction at an offset or after it; n when there is none. */
static long
index_at(const struct places *p, json_int_t offset)
{
	size_t low = 0, high = p->n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		if (p->offset[mid] < offset)
			low = mid + 1;
		else
			high = mid;
	}
	return (long)low;
}

/* "to 24" or "to L2": the index of that instruction, or -1. */
static long
target_of(const char *argrepr, const struct places *p)
{
	bool label = false;
	char *end;

	if (!argrepr || strncmp(argrepr, "to ", 3) != 0)
		return -1;
	argrepr += 3;
	if (*argrepr == 'L') {
		label = true;
		argrepr++;
	}
	if (*argrepr < '0' || *argrepr > '9')
		return -1;
	long long v = strtoll(argrepr, &end, 10);
	if (*end)
		return -1;
	if (label)
		return v >= 1 && (size_t)v <= p->nlabels ? (long)p->label[v - 1]
							 : -1;
	long at = index_at(p, v);
	return (size_t)at < p->n && p->offset[at] == v ? at : -1;
}

static void
put_text(struct buf *b, const json_t *s)
{
	if (json_is_string(s))
		buf_put(b, json_string_value(s), json_string_length(s));
}

static void
put_key(struct buf *b, const json_t *one, long target, const json_t *all)
{
	const json_t *argrepr = json_object_get(one, "argrepr");
	const json_t *arg = json_object_get(one, "arg");

	put_text(b, json_object_get(one, "op"));
	buf_put(b, "\0", 1);
	if (target >= 0)
		buf_printf(b, "to line %" JSON_INTEGER_FORMAT,
			number(json_array_get(all, (size_t)target), "line", 0));
	else if (json_string_length(argrepr) > 0)
		compare_text_masked(b, json_string_value(argrepr),
			json_string_length(argrepr));
	else if (json_is_integer(arg))
		buf_printf(b, "%" JSON_INTEGER_FORMAT, json_integer_value(arg));
	buf_put(b, "\0", 1);
	put_text(b, json_object_get(one, "specialized"));
}

static void
read_entries(struct compare_code *c, const struct places *p)
{
	const json_t *table = json_object_get(c->j, "exception_table"), *one;
	size_t i;

	c->nentries = json_array_size(table);
	c->entry = need(calloc(c->nentries + 1, sizeof(*c->entry)));
	json_array_foreach(table, i, one)
	{
		c->entry[i] = (struct compare_entry){
			index_at(p, number(one, "start", 0)),
			index_at(p, number(one, "end", 0)),
			index_at(p, number(one, "target", 0)),
			number(one, "depth", 0),
			json_is_true(json_object_get(one, "lasti"))};
	}
}

struct compare_code
compare_code_read(const json_t *j)
{
	const json_t *all = json_object_get(j, "instructions"), *one;
	struct compare_code c = {
		.j = j, .n = json_array_size(all), .key = COMPARE_SEQ};
	struct places p = places_of(all);
	size_t i;

	c.target = need(calloc(c.n + 1, sizeof(*c.target)));
	json_array_foreach(all, i, one)
	{
		const json_t *argrepr = json_object_get(one, "argrepr");
		c.target[i] = target_of(json_string_value(argrepr), &p);
		put_key(&c.key.text, one, c.target[i], all);
		compare_seq_add(&c.key);
	}
	read_entries(&c, &p);
	free(p.offset);
	free(p.label);
	return c;
}

void
compare_code_free(struct compare_code *c)
{
	compare_seq_free(&c->key);
	free(c->target);
	free(c->entry);
	c->target = NULL;
	c->entry = NULL;
}

/* --- Comparing two -------------------------------------------------------- */

bool
compare_code_is_qualified(const json_t *code)
{
	const json_t *name = json_object_get(code, "name");

	return !compare_members_equal(json_object_get(code, "qualname"), name);
}

/* Without what has a comparison of its own or follows from the instructions,
 * and without a qualified name where the other has none. */
static json_t *
attributes_of(const json_t *code, const json_t *other)
{
	static const char *const others[] = {
		"instructions", "blocks", "exception_table", "truncated"};
	json_t *j = text_need(json_copy((json_t *)code));

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		json_object_del(j, others[i]);
	if (!compare_code_is_qualified(code) ||
		!compare_code_is_qualified(other))
		json_object_del(j, "qualname");
	return j;
}

static bool
tables_same(const struct compare_code *a, const struct compare_code *b)
{
	if (a->nentries != b->nentries)
		return false;
	for (size_t i = 0; i < a->nentries; i++) {
		const struct compare_entry *x = &a->entry[i], *y = &b->entry[i];
		if (x->from != y->from || x->to != y->to ||
			x->target != y->target || x->depth != y->depth ||
			x->lasti != y->lasti)
			return false;
	}
	return true;
}

bool
compare_code_same(struct compare_code *a, struct compare_code *b)
{
	if (!compare_seq_same(&a->key, &b->key) || !tables_same(a, b))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->target[i] != b->target[i])
			return false;
	json_auto_t *x = attributes_of(a->j, b->j),
		    *y = attributes_of(b->j, a->j);
	return compare_members_alike(x, y);
}

/* The instructions of two code objects, aligned. */
struct aligned {
	const struct compare_code *a, *b;
	long *of_a, *of_b; /* partners */
};

/* May two places be the same?  Not when one of them is aligned to another. */
static bool
may_be(const struct aligned *g, long x, long y)
{
	bool no_x = x < 0 || (size_t)x >= g->a->n;
	bool no_y = y < 0 || (size_t)y >= g->b->n;

	if (no_x || no_y)
		return no_x && no_y;
	return (g->of_a[x] < 0 || g->of_a[x] == y) &&
	       (g->of_b[y] < 0 || g->of_b[y] == x);
}

static long *
other_way(const long *of_a, size_t na, size_t nb)
{
	long *of_b = need(calloc(nb + 1, sizeof(*of_b)));

	for (size_t i = 0; i < nb; i++)
		of_b[i] = -1;
	for (size_t i = 0; i < na; i++)
		if (of_a[i] >= 0)
			of_b[of_a[i]] = (long)i;
	return of_b;
}

/* Jumps that lead to the same line, but not to the same instruction there. */
static void
part_jumps(const struct aligned *g)
{
	scope_free bool *wrong = need(calloc(g->a->n + 1, 1));

	for (size_t i = 0; i < g->a->n; i++)
		wrong[i] = g->of_a[i] >= 0 && !may_be(g, g->a->target[i],
						      g->b->target[g->of_a[i]]);
	for (size_t i = 0; i < g->a->n; i++)
		if (wrong[i])
			g->of_a[i] = -1;
}

static bool
tables_may_be(const struct aligned *g)
{
	const struct compare_code *a = g->a, *b = g->b;

	if (a->nentries != b->nentries)
		return false;
	for (size_t i = 0; i < a->nentries; i++) {
		const struct compare_entry *x = &a->entry[i], *y = &b->entry[i];
		if (x->depth != y->depth || x->lasti != y->lasti ||
			!may_be(g, x->from, y->from) ||
			!may_be(g, x->to - 1, y->to - 1) ||
			!may_be(g, x->target, y->target))
			return false;
	}
	return true;
}

static json_t *
table_json(const struct compare_code *c)
{
	json_t *list = text_need(json_array());

	for (size_t i = 0; i < c->nentries; i++) {
		const struct compare_entry *e = &c->entry[i];
		text_append(list,
			text_need(json_pack("{s:I, s:I, s:I, s:I, s:b}", "from",
				(json_int_t)e->from, "to", (json_int_t)e->to,
				"target", (json_int_t)e->target, "depth",
				e->depth, "lasti", e->lasti)));
	}
	return list;
}

/* As people read it: "LOAD_FAST a". */
static struct compare_seq
shown_of(const struct compare_code *c)
{
	const json_t *all = json_object_get(c->j, "instructions"), *one;
	struct compare_seq s = COMPARE_SEQ;
	size_t i;

	json_array_foreach(all, i, one)
	{
		const json_t *argrepr = json_object_get(one, "argrepr");
		const json_t *arg = json_object_get(one, "arg");
		const json_t *special = json_object_get(one, "specialized");
		put_text(&s.text, json_object_get(one, "op"));
		if (json_string_length(argrepr) > 0) {
			buf_put(&s.text, " ", 1);
			put_text(&s.text, argrepr);
		} else if (json_is_integer(arg)) {
			buf_printf(&s.text, " %" JSON_INTEGER_FORMAT,
				json_integer_value(arg));
		}
		if (json_is_string(special)) {
			buf_printf(&s.text, ", now ");
			put_text(&s.text, special);
		}
		compare_seq_add(&s);
	}
	return s;
}

json_t *
compare_code_counts(size_t a, size_t b)
{
	return text_need(json_pack(
		"{s:I, s:I}", "a", (json_int_t)a, "b", (json_int_t)b));
}

void
compare_code_differ(struct compare_code *a, struct compare_code *b,
	struct compare_room *room, json_t *ret)
{
	const struct diff_text *x = compare_seq_items(&a->key);
	const struct diff_text *y = compare_seq_items(&b->key);
	scope_diff struct diff d = diff_texts(x, a->n, y, b->n, room->work);
	scope_free long *of_a = diff_partners(&d, a->n);
	scope_free long *of_b = other_way(of_a, a->n, b->n);
	const struct aligned g = {a, b, of_a, of_b};
	json_auto_t *was = attributes_of(a->j, b->j),
		    *is = attributes_of(b->j, a->j);
	json_t *changes = text_need(json_array());

	compare_members_changes("", was, is, room, changes);
	if (!tables_may_be(&g)) {
		json_auto_t *s = table_json(a), *t = table_json(b);
		compare_members_change("/exception_table", s, t, room, changes);
	}
	part_jumps(&g);
	scope_diff struct diff apart = diff_of_partners(of_a, a->n, b->n);
	apart.coarse = d.coarse;
	scope_seq struct compare_seq p = shown_of(a), q = shown_of(b);
	text_set(ret, "instructions", compare_code_counts(a->n, b->n));
	text_set(ret, "changes", changes);
	text_set(ret, "edits",
		compare_text_edits(&apart, compare_seq_items(&p),
			compare_seq_items(&q), room));
}
