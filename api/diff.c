/* What parts two sequences of texts. */
#include "api/diff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

/* What is left of a sequence once equal ends are off, and how much of both may
 * differ; the second squared is memory, in ints. */
#define MAX_LEFT  50000UL
#define MAX_EDITS 1000

/* Both sequences without their equal ends: each text as a number, the same for
 * the same text. */
struct middle {
	const unsigned *a, *b;
	long na, nb;
	size_t at; /* where they begin, in both */
};

static void *
need(void *p)
{
	if (!p)
		abort();
	return p;
}

static bool
equal(const struct diff_text *a, const struct diff_text *b)
{
	return a->n == b->n && memcmp(a->s, b->s, a->n) == 0;
}

static void
add(struct diff *d, size_t a_from, size_t a_to, size_t b_from, size_t b_to)
{
	if ((d->n & (d->n - 1)) == 0)
		d->edit = need(reallocarray(
			d->edit, d->n ? 2 * d->n : 1, sizeof(*d->edit)));
	d->edit[d->n++] = (struct diff_edit){a_from, a_to, b_from, b_to};
}

/* --- Numbers for texts ---------------------------------------------------- */

struct ranked {
	const struct diff_text *text;
	size_t at; /* among all */
};

static int
by_text(const void *x, const void *y)
{
	const struct diff_text *a = ((const struct ranked *)x)->text;
	const struct diff_text *b = ((const struct ranked *)y)->text;
	int order = memcmp(a->s, b->s, a->n < b->n ? a->n : b->n);

	return order ? order : (a->n > b->n) - (a->n < b->n);
}

/* Of both sequences, a's first; by sorting, which nobody can make slow. */
static unsigned *
number(const struct diff_text *a, size_t na, const struct diff_text *b,
	size_t nb)
{
	size_t n = na + nb;
	unsigned *of = need(calloc(n + 1, sizeof(*of)));
	scope_free struct ranked *sorted = need(calloc(n + 1, sizeof(*sorted)));
	unsigned now = 0;

	for (size_t i = 0; i < n; i++)
		sorted[i] = (struct ranked){i < na ? &a[i] : &b[i - na], i};
	qsort(sorted, n, sizeof(*sorted), by_text);
	for (size_t i = 0; i < n; i++) {
		now += i > 0 && !equal(sorted[i - 1].text, sorted[i].text);
		of[sorted[i].at] = now;
	}
	return of;
}

/* --- The shortest way ----------------------------------------------------- */

/* On each diagonal k = x - y how far x comes with d edits, for each d so far:
 * row d begins at d * d, and has k from -d to d. */
struct ways {
	int *x;
	long d;	   /* the last, with which the end was reached */
	bool open; /* it was not */
};

static int *
furthest(const struct ways *w, long d, long k)
{
	return &w->x[d * d + d + k];
}

/* Whether diagonal k is reached from the one above it: by an element of b that
 * is put in, in place of one of a that is taken away. */
static bool
comes_down(const struct ways *w, long d, long k)
{
	return k == -d || (k != d && *furthest(w, d - 1, k - 1) <
					     *furthest(w, d - 1, k + 1));
}

static bool
step(struct ways *w, const struct middle *m, long k, size_t *work)
{
	long x = 0;

	if (w->d > 0)
		x = comes_down(w, w->d, k) ? *furthest(w, w->d - 1, k + 1)
					   : *furthest(w, w->d - 1, k - 1) + 1;
	long from = x;
	while (x < m->na && x - k < m->nb && x - k >= 0 &&
		m->a[x] == m->b[x - k])
		x++;
	size_t done = (size_t)(x - from) + 1;
	*work = *work > done ? *work - done : 0;
	*furthest(w, w->d, k) = (int)x;
	return k == m->na - m->nb && x >= m->na;
}

static struct ways
find_ways(const struct middle *m, size_t *work)
{
	struct ways w = {.open = true};
	size_t room = 0;

	for (; w.open && *work > 0 && w.d <= MAX_EDITS; w.d++) {
		size_t want = (size_t)((w.d + 1) * (w.d + 1));
		if (want > room) {
			room = 2 * want;
			w.x = need(reallocarray(w.x, room, sizeof(*w.x)));
		}
		for (long k = -w.d; k <= w.d && w.open && *work > 0; k += 2)
			w.open = !step(&w, m, k, work);
	}
	w.d--;
	return w;
}

/* From the end back to the beginning: which elements are in no pair. */
static void
walk_back(
	const struct ways *w, const struct middle *m, bool *a_out, bool *b_out)
{
	long k = m->na - m->nb;

	for (long d = w->d; d > 0; d--) {
		bool down = comes_down(w, d, k);
		k += down ? 1 : -1;
		long x = *furthest(w, d - 1, k);
		if (down)
			b_out[x - k] = true;
		else
			a_out[x] = true;
	}
}

static struct diff
shortest(const struct ways *w, const struct middle *m)
{
	scope_free bool *a_out = need(calloc((size_t)m->na + 1, 1));
	scope_free bool *b_out = need(calloc((size_t)m->nb + 1, 1));
	scope_free long *partner =
		need(calloc((size_t)m->na + 1, sizeof(*partner)));
	long y = 0;

	walk_back(w, m, a_out, b_out);
	for (long x = 0; x < m->na; x++) {
		while (!a_out[x] && b_out[y])
			y++;
		partner[x] = a_out[x] ? -1 : y++;
	}
	struct diff d = diff_of_partners(partner, (size_t)m->na, (size_t)m->nb);
	for (size_t i = 0; i < d.n; i++) {
		d.edit[i].a_from += m->at;
		d.edit[i].a_to += m->at;
		d.edit[i].b_from += m->at;
		d.edit[i].b_to += m->at;
	}
	return d;
}

/* --- All of it ------------------------------------------------------------ */

struct diff
diff_texts(const struct diff_text *a, size_t na, const struct diff_text *b,
	size_t nb, size_t *work)
{
	struct diff d = {0};
	size_t at = 0;

	while (at < na && at < nb && equal(&a[at], &b[at]))
		at++;
	while (na > at && nb > at && equal(&a[na - 1], &b[nb - 1])) {
		na--;
		nb--;
	}
	if (na == at && nb == at)
		return d;
	if (na == at || nb == at) {
		add(&d, at, na, at, nb);
		return d;
	}
	struct ways w = {.open = true};
	if (na - at <= MAX_LEFT && nb - at <= MAX_LEFT && *work > 0) {
		scope_free unsigned *of =
			number(a + at, na - at, b + at, nb - at);
		const struct middle m = {of, of + (na - at), (long)(na - at),
			(long)(nb - at), at};
		w = find_ways(&m, work);
		if (!w.open)
			d = shortest(&w, &m);
		free(w.x);
	}
	if (w.open) {
		d.coarse = true;
		add(&d, at, na, at, nb);
	}
	return d;
}

void
diff_free(struct diff *d)
{
	free(d->edit);
	*d = (struct diff){0};
}

long *
diff_partners(const struct diff *d, size_t na)
{
	long *of = need(calloc(na + 1, sizeof(*of)));
	size_t a = 0, b = 0;

	for (size_t i = 0; i <= d->n; i++) {
		size_t until = i < d->n ? d->edit[i].a_from : na;
		for (; a < until; a++, b++)
			of[a] = (long)b;
		if (i == d->n)
			break;
		for (; a < d->edit[i].a_to; a++)
			of[a] = -1;
		b = d->edit[i].b_to;
	}
	return of;
}

struct diff
diff_of_partners(const long *partner, size_t na, size_t nb)
{
	struct diff d = {0};
	size_t a = 0, b = 0;

	while (a < na || b < nb) {
		size_t to = a;
		while (to < na && partner[to] < 0)
			to++;
		size_t other = to < na ? (size_t)partner[to] : nb;
		if (to > a || other > b)
			add(&d, a, to, b, other);
		a = to + 1;
		b = other + 1;
	}
	return d;
}
