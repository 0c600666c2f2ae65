/* A table of text. */
#include "server/cli_table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

#define INDENT	 2
#define ELLIPSIS "…"
/* All cells of one table; what passes it is left out. */
#define MAX_TEXT (256UL << 20)

struct cell {
	size_t at;
	unsigned n, width;
	enum cli_style style;
};

struct cli_table {
	struct cli_column columns[CLI_TABLE_COLUMNS];
	struct cell titles[CLI_TABLE_COLUMNS];
	size_t ncolumns;
	struct cell *cells;
	size_t ncells, room;
	struct buf text;
};

static struct cell
keep(struct cli_table *t, enum cli_style s, const char *text, size_t n)
{
	struct cell c = {.at = t->text.len, .style = s};

	cli_text_clean(&t->text, text, n);
	c.n = (unsigned)(t->text.len - c.at);
	c.width = c.n ? cli_text_width(t->text.data + c.at, c.n) : 0;
	return c;
}

struct cli_table *
cli_table_new(const struct cli_column *columns, size_t n)
{
	struct cli_table *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	assert(n > 0 && n <= CLI_TABLE_COLUMNS);
	t->text = BUF_INIT(MAX_TEXT);
	t->ncolumns = n;
	for (size_t i = 0; i < n; i++) {
		t->columns[i] = columns[i];
		t->titles[i] = keep(
			t, CLI_DIM, columns[i].title, strlen(columns[i].title));
		t->columns[i].title = NULL;
	}
	return t;
}

void
cli_table_free(struct cli_table *t)
{
	if (!t)
		return;
	buf_free(&t->text);
	free(t->cells);
	free(t);
}

void
cli_table_text(
	struct cli_table *t, enum cli_style s, const char *text, size_t n)
{
	if (t->ncells == t->room) {
		t->room = t->room ? 2 * t->room : 256;
		t->cells = reallocarray(t->cells, t->room, sizeof(*t->cells));
		if (!t->cells)
			abort();
	}
	t->cells[t->ncells++] = keep(t, s, text, n);
}

void
cli_table_cell(struct cli_table *t, enum cli_style s, const char *fmt, ...)
{
	scope_free char *text = NULL;
	va_list args;

	va_start(args, fmt);
	int n = vasprintf(&text, fmt, args);
	va_end(args);
	if (n < 0)
		abort();
	cli_table_text(t, s, text, (size_t)n);
}

void
cli_table_end_row(struct cli_table *t)
{
	while (t->ncells % t->ncolumns)
		cli_table_text(t, CLI_PLAIN, "", 0);
}

static unsigned
gap(const struct cli_table *t, size_t column)
{
	return column == 0 ? INDENT : t->columns[column].close ? 1 : 2;
}

/* Natural widths; returns the width of a line. */
static unsigned
measure(const struct cli_table *t, unsigned *width)
{
	unsigned total = 0;

	assert(t->ncolumns > 0);
	for (size_t i = 0; i < t->ncolumns; i++)
		width[i] = t->titles[i].width;
	for (size_t i = 0; i < t->ncells; i++)
		if (t->cells[i].width > width[i % t->ncolumns])
			width[i % t->ncolumns] = t->cells[i].width;
	for (size_t i = 0; i < t->ncolumns; i++)
		total += width[i] + gap(t, i);
	return total;
}

static void
narrow(const struct cli_table *t, unsigned *width, unsigned excess)
{
	for (; excess > 0; excess--) {
		size_t widest = t->ncolumns;
		for (size_t i = 0; i < t->ncolumns; i++) {
			if (!t->columns[i].shrink ||
				width[i] <= t->columns[i].least)
				continue;
			if (widest == t->ncolumns || width[i] > width[widest])
				widest = i;
		}
		if (widest == t->ncolumns)
			return; /* the terminal breaks the lines then */
		width[widest]--;
	}
}

static void
print_cell(const struct cli_table *t, const struct cli_out *o,
	const struct cell *c, size_t column, unsigned width)
{
	const char *text = c->n ? t->text.data + c->at : "";
	bool cut = c->width > width;
	size_t n = cut ? cli_text_fit(text, c->n, width - 1) : c->n;
	unsigned used = cut ? cli_text_width(text, n) + 1 : c->width;
	bool last = column + 1 == t->ncolumns;

	fprintf(o->file, "%*s",
		(int)(gap(t, column) +
			(t->columns[column].right ? width - used : 0)),
		"");
	cli_text_on(o, c->style);
	fwrite(text, 1, n, o->file);
	if (cut)
		fputs(ELLIPSIS, o->file);
	cli_text_off(o, c->style);
	if (!last && !t->columns[column].right)
		fprintf(o->file, "%*s", (int)(width - used), "");
}

/* A line ends at its last cell that is not empty. */
static void
print_row(const struct cli_table *t, const struct cli_out *o,
	const struct cell *row, const unsigned *width)
{
	size_t n = t->ncolumns;

	while (n > 0 && row[n - 1].n == 0)
		n--;
	for (size_t i = 0; i < n; i++) {
		struct cell c = row[i];
		if (i + 1 == n && !t->columns[i].right)
			print_cell(t, o, &c, i,
				c.width < width[i] ? c.width : width[i]);
		else
			print_cell(t, o, &c, i, width[i]);
	}
	fputc('\n', o->file);
}

void
cli_table_print(const struct cli_table *t, const struct cli_out *o)
{
	unsigned width[CLI_TABLE_COLUMNS];
	unsigned total = measure(t, width);
	unsigned titled = 0;

	assert(t->ncells % t->ncolumns == 0);
	if (total > o->width)
		narrow(t, width, total - o->width);
	for (size_t i = 0; i < t->ncolumns; i++)
		titled += t->titles[i].n;
	if (titled)
		print_row(t, o, t->titles, width);
	for (size_t i = 0; i < t->ncells; i += t->ncolumns)
		print_row(t, o, t->cells + i, width);
}
