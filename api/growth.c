/*
 * How a count grows with the size of what is worked on.
 *
 * A class is fitted by its own term, a constant, and at most one slower term,
 * so that the relative differences are least; and its own term has to make a
 * tenth of the count at the largest size at least, or a faster class would fit
 * as well as a slower one, by next to nothing of it.  The best is the slowest
 * of those that fit as well as any.
 */
#include "api/growth.h"

#include <math.h>
#include <string.h>

#define TERMS	3
#define SHARE	0.1
#define AS_WELL 0.002 /* how much worse is no worse */
#define BASE	1.05  /* of what is exponential, at least */
/* Below it a fit is as good as any. */
#define EXACT 1e-4

const char *
growth_name(enum growth_class c)
{
	static const char *const names[GROWTH_CLASSES] = {
		"1", "log n", "n", "n log n", "n^2", "n^3", "b^n"};

	return names[c];
}

static double
term(enum growth_class c, double n, double base, double largest)
{
	switch (c) {
	case GROWTH_CONSTANT:
		return 1;
	case GROWTH_LOG:
		return log2(n);
	case GROWTH_LINEAR:
		return n;
	case GROWTH_LINEAR_LOG:
		return n * log2(n);
	case GROWTH_SQUARE:
		return n * n;
	case GROWTH_CUBE:
		return n * n * n;
	case GROWTH_EXPONENTIAL:
		return pow(base, n - largest);
	case GROWTH_CLASSES:
		break;
	}
	return 0;
}

struct points {
	size_t n;
	double size[GROWTH_MOST], count[GROWTH_MOST];
	double base;
};

/* Solves a x = b for m unknowns, by elimination with pivots; false when they
 * are not determined. */
static bool
solve(double a[TERMS][TERMS], double b[TERMS], size_t m, double x[TERMS])
{
	for (size_t k = 0; k < m; k++) {
		size_t pivot = k;
		for (size_t i = k + 1; i < m; i++)
			if (fabs(a[i][k]) > fabs(a[pivot][k]))
				pivot = i;
		if (fabs(a[pivot][k]) < 1e-12)
			return false;
		for (size_t j = 0; j < m; j++) {
			double t = a[k][j];
			a[k][j] = a[pivot][j];
			a[pivot][j] = t;
		}
		double t = b[k];
		b[k] = b[pivot];
		b[pivot] = t;
		for (size_t i = k + 1; i < m; i++) {
			double f = a[i][k] / a[k][k];
			for (size_t j = k; j < m; j++)
				a[i][j] -= f * a[k][j];
			b[i] -= f * b[k];
		}
	}
	for (size_t k = m; k-- > 0;) {
		x[k] = b[k];
		for (size_t j = k + 1; j < m; j++)
			x[k] -= a[k][j] * x[j];
		x[k] /= a[k][k];
	}
	return true;
}

/* The error of the best fit by these terms, the last of which is the class's
 * own; INFINITY when there is none that is as it has to be. */
static double
fit(const struct points *p, const enum growth_class *of, size_t m)
{
	double a[TERMS][TERMS] = {{0}}, b[TERMS] = {0}, x[TERMS] = {0};
	double unit[TERMS], sum = 0, largest = p->size[p->n - 1];

	/* Each term is 1 at the largest size, or elimination loses digits. */
	for (size_t j = 0; j < m; j++)
		unit[j] = term(of[j], largest, p->base, largest);
	for (size_t i = 0; i < p->n; i++) {
		double row[TERMS];
		for (size_t j = 0; j < m; j++)
			row[j] = term(of[j], p->size[i], p->base, largest) /
				 unit[j] / p->count[i];
		for (size_t j = 0; j < m; j++) {
			b[j] += row[j];
			for (size_t k = 0; k < m; k++)
				a[j][k] += row[j] * row[k];
		}
	}
	/* In units of the largest count. */
	double scale = p->count[p->n - 1];
	for (size_t j = 0; j < m; j++) {
		b[j] *= scale;
		for (size_t k = 0; k < m; k++)
			a[j][k] *= scale * scale;
	}
	if (!solve(a, b, m, x))
		return INFINITY;
	if (x[m - 1] < SHARE)
		return INFINITY;
	for (size_t i = 0; i < p->n; i++) {
		double made = 0;
		for (size_t j = 0; j < m; j++)
			made += x[j] * scale / unit[j] *
				term(of[j], p->size[i], p->base, largest);
		double off = made / p->count[i] - 1;
		sum += off * off;
	}
	sum = sqrt(sum / (double)p->n);
	return isfinite(sum) ? sum : INFINITY;
}

static double
fit_class(const struct points *p, enum growth_class c)
{
	enum growth_class of[TERMS] = {c};
	double best = fit(p, of, 1), one;

	if (c == GROWTH_CONSTANT)
		return best;
	of[0] = GROWTH_CONSTANT;
	of[1] = c;
	one = fit(p, of, 2);
	best = one < best ? one : best;
	for (int k = GROWTH_LOG; k < (int)c; k++) {
		of[0] = (enum growth_class)k;
		of[1] = c;
		one = fit(p, of, 2);
		best = one < best ? one : best;
		/* One point more than there are terms, at least. */
		if (p->n <= TERMS)
			continue;
		of[0] = GROWTH_CONSTANT;
		of[1] = (enum growth_class)k;
		of[2] = c;
		one = fit(p, of, 3);
		best = one < best ? one : best;
	}
	return best;
}

/* What the count is multiplied by when the size is one more: the slope of its
 * logarithm over the larger half, where what is added to it matters least. */
static double
find_base(const struct points *p)
{
	size_t from = p->n / 2 - (p->n > 4);
	double n = (double)(p->n - from), x = 0, y = 0, xx = 0, xy = 0;

	for (size_t i = from; i < p->n; i++) {
		x += p->size[i];
		y += log(p->count[i]);
		xx += p->size[i] * p->size[i];
		xy += p->size[i] * log(p->count[i]);
	}
	return exp((n * xy - x * y) / (n * xx - x * x));
}

bool
growth_fit(const uint64_t *size, const uint64_t *count, size_t n,
	struct growth *ret)
{
	struct points p = {.n = n};
	double error[GROWTH_CLASSES], least = INFINITY;

	if (n < GROWTH_LEAST || n > GROWTH_MOST)
		return false;
	for (size_t i = 0; i < n; i++) {
		p.size[i] = (double)size[i];
		/* Of nothing there is no share. */
		p.count[i] = count[i] ? (double)count[i] : 0.5;
	}
	p.base = find_base(&p);
	for (int c = 0; c < GROWTH_CLASSES; c++) {
		error[c] = c == GROWTH_EXPONENTIAL && p.base < BASE
				   ? INFINITY
				   : fit_class(&p, (enum growth_class)c);
		if (error[c] < least)
			least = error[c];
	}
	int best = 0, next = -1;
	while (!(error[best] <= least + AS_WELL))
		best++;
	for (int c = 0; c < GROWTH_CLASSES; c++)
		if (c != best && (next < 0 || error[c] < error[next]))
			next = c;
	for (int c = 0; c < GROWTH_CLASSES; c++)
		error[c] = error[c] < GROWTH_MARGIN ? error[c] : GROWTH_MARGIN;
	double margin = fmax(error[next], EXACT) / fmax(error[best], EXACT);
	*ret = (struct growth){.best = (enum growth_class)best,
		.runner_up = (enum growth_class)next,
		.error = error[best],
		.runner_up_error = error[next],
		.margin = margin < GROWTH_MARGIN ? margin : GROWTH_MARGIN,
		.base = p.base};
	return true;
}
