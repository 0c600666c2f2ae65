/*
 * Enums, masks and names made from the tables in wire/tbl/.
 */
#ifndef WIRE_TABLES_H
#define WIRE_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/limits.h"
#include "wire/tbl/layers.h"
#include "wire/tbl/lenses.h"
#include "wire/tbl/passes.h"
#include "wire/tbl/zygotes.h"

#define X(id, ...) LENS_##id,
enum lens { LENS_TABLE(X) LENS_COUNT };
#undef X
#define X(id, ...) PASS_##id,
enum pass { PASS_TABLE(X) PASS_COUNT };
#undef X
#define X(id, ...) LAYER_##id,
enum layer { LAYER_TABLE(X) LAYER_COUNT };
#undef X
#define X(id, ...) ZYGOTE_##id,
enum zygote { ZYGOTE_TABLE(X) ZYGOTE_COUNT };
#undef X

/* Sets of lenses, passes or layers: bit (1u << id). */
#define BIT(id) (1u << (id))

/* Checked limits of one run; the members of LIMITS_TABLE. */
struct limits {
#define X(member, ...) uint64_t member;
	LIMITS_TABLE(X)
#undef X
};

/* The default of every member. */
struct limits limits_default(void);

const char *lens_name(enum lens l);
const char *lens_summary(enum lens l);
enum pass lens_pass(enum lens l);
/* The lens of that name, or -1. */
int lens_find(const char *name);

const char *pass_name(enum pass p);
/* False for passes that compile only. */
bool pass_runs(enum pass p);

const char *zygote_name(enum zygote z);
/* What it imports, names with a space between; those of others not repeated.
 */
const char *zygote_modules(enum zygote z);

const char *layer_name(enum layer l);
const char *layer_purpose(enum layer l);
/* How a set of layers holds together: "full", or "container" without
 * namespaces. */
const char *posture_name(uint32_t set);
/* The layer of that name, or -1. */
int layer_find(const char *name);

#endif
