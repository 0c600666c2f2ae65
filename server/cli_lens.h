/*
 * The lenses as tables: a file each, and the row that names it in
 * cli_tables.c.  A lens without one is shown as JSON.
 *
 * Values are claims: the outer members have the shapes of api/report_shape.c,
 * what is inside them may be anything.
 */
#ifndef SERVER_CLI_LENS_H
#define SERVER_CLI_LENS_H

#include <jansson.h>
#include <stddef.h>

#include "server/cli_table.h"
#include "server/cli_text.h"

/* The source that ran, line by line. */
struct cli_source {
	const char *text;
	size_t n;
	size_t *at; /* where line i + 1 begins */
	size_t lines;
};

/* server/cli_lens.c */

/* text stays the caller's. */
struct cli_source cli_lens_source(const char *text, size_t n);
void cli_lens_source_clear(struct cli_source *s);
/* A line without its end; empty when there is none of that number. */
const char *cli_lens_line(
	const struct cli_source *s, json_int_t line, size_t *ret_n);

/* An integer member, or `fallback` when it is none. */
json_int_t cli_lens_int(const json_t *j, const char *key, json_int_t fallback);
/* Fills a cell with an integer member, empty when it is none. */
void cli_lens_put_int(struct cli_table *t, enum cli_style s, const json_t *j,
	const char *key);
/* Fills a cell with a string member, empty when it is none. */
void cli_lens_put_text(struct cli_table *t, enum cli_style s, const json_t *j,
	const char *key);
/* Fills a cell with a time in nanoseconds, empty when it is none. */
void cli_lens_put_ns(struct cli_table *t, enum cli_style s, const json_t *j,
	const char *key);
/* Fills a cell with a line of the source. */
void cli_lens_put_line(struct cli_table *t, enum cli_style s,
	const struct cli_source *src, json_int_t line);
/* Fills a cell with a bar as long as `part` is of `whole`, which it is not
 * more than. */
void cli_lens_put_bar(struct cli_table *t, json_int_t part, json_int_t whole);
/* Appends "1 object", "2 objects": the number, a blank, and the word with "s"
 * unless the number is 1. */
void cli_lens_count(struct buf *b, json_int_t n, const char *word);

typedef void cli_lens_fn(const json_t *value, const struct cli_source *src,
	const struct cli_out *o);

cli_lens_fn cli_lens_bytecode, cli_lens_refcounts, cli_lens_gc, cli_lens_timing,
	cli_lens_objects, cli_lens_steps, cli_lens_ast, cli_lens_memory,
	cli_lens_frames, cli_lens_threads, cli_lens_tasks, cli_lens_counts,
	cli_lens_profile, cli_lens_processes, cli_lens_races,
	cli_lens_instructions;

/* server/cli_lens_gc_film.c: the first film that finds something, object by
 * object, and what others there are. */
void cli_lens_gc_film(const json_t *value, const struct cli_out *o);

/* server/cli_lens_tasks_lanes.c: what tasks did over time. */
void cli_lens_tasks_lanes(const json_t *value, const struct cli_out *o);

/* server/cli_refcounts_causes.c: which instruction changed a count; nothing
 * where that was not asked for. */
void cli_refcounts_causes(const json_t *value, const struct cli_source *src,
	const struct cli_out *o);
/* server/cli_refcounts_holders.c: who holds references; likewise. */
void cli_refcounts_holders(const json_t *value, const struct cli_out *o);

#endif
