/*
 * Inside server/cli_lens_objects.c and cli_objects*.c: a capture of the lens
 * objects.  All of it is claimed: numbers may be any, members may be missing.
 */
#ifndef SERVER_CLI_OBJECTS_H
#define SERVER_CLI_OBJECTS_H

#include "server/cli_lens.h"
#include "wire/limits.h"

/* A capture, with its objects by their numbers. */
struct cli_objects {
	const json_t *capture;
	const json_t **by_number; /* [0] is not used */
	size_t n;
};

struct cli_objects cli_objects_of(const json_t *capture);
void cli_objects_clear(struct cli_objects *v);
#define scope_objects __attribute__((cleanup(cli_objects_clear)))

/* The object of a number, or NULL. */
const json_t *cli_objects_at(const struct cli_objects *v, json_int_t number);
/* Appends the value of what a member refers to: "—" when that is null. */
void cli_objects_put(
	struct buf *b, const struct cli_objects *v, const json_t *number);
/* Appends the names that an object has, with commas between; false: none. */
bool cli_objects_names(
	struct buf *b, const struct cli_objects *v, json_int_t number);
/* A string member, or "". */
const char *cli_objects_text(const json_t *j, const char *key);
/* One line of ours with a stranger's texts in it, indented, cut at the width.
 */
void cli_objects_line(const struct cli_out *o, enum cli_style s,
	unsigned indent, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* cli_objects_kinds.c: what is special about an object of its kind. */
void cli_objects_details(const struct cli_objects *v, const json_t *object,
	const struct cli_out *o);
/* cli_objects_asked.c: probes and lookups of the capture. */
void cli_objects_asked(const struct cli_objects *v, const struct cli_out *o);
/* cli_objects_growth.c: how containers grew. */
void cli_objects_growth(const json_t *growth, const struct cli_source *src,
	const struct cli_out *o);

#endif
