/* Names and values made from the tables. */
#include "wire/tables.h"

#include <assert.h>
#include <string.h>

struct limits
limits_default(void)
{
	return (struct limits){
#define X(member, fallback, ...) .member = (fallback),
		LIMITS_TABLE(X)
#undef X
	};
}

static const struct {
	const char *name, *summary;
	enum pass pass;
} lenses[] = {
#define X(id, name, pass, summary) {#name, summary, PASS_##pass},
	LENS_TABLE(X)
#undef X
};

static const struct {
	const char *name;
	bool runs;
} passes[] = {
#define X(id, name, runs, attached) {name, runs},
	PASS_TABLE(X)
#undef X
};

static const struct {
	const char *name, *modules;
} zygotes[] = {
#define X(id, name, modules) {name, modules},
	ZYGOTE_TABLE(X)
#undef X
};

static const struct {
	const char *name, *purpose;
} layers[] = {
#define X(id, name, purpose) {name, purpose},
	LAYER_TABLE(X)
#undef X
};

const char *
lens_name(enum lens l)
{
	assert(l < LENS_COUNT);
	return lenses[l].name;
}

const char *
lens_summary(enum lens l)
{
	assert(l < LENS_COUNT);
	return lenses[l].summary;
}

enum pass
lens_pass(enum lens l)
{
	assert(l < LENS_COUNT);
	return lenses[l].pass;
}

int
lens_find(const char *name)
{
	for (int i = 0; i < LENS_COUNT; i++)
		if (strcmp(lenses[i].name, name) == 0)
			return i;
	return -1;
}

const char *
pass_name(enum pass p)
{
	assert(p < PASS_COUNT);
	return passes[p].name;
}

bool
pass_runs(enum pass p)
{
	assert(p < PASS_COUNT);
	return passes[p].runs;
}

const char *
zygote_name(enum zygote z)
{
	assert(z < ZYGOTE_COUNT);
	return zygotes[z].name;
}

const char *
zygote_modules(enum zygote z)
{
	assert(z < ZYGOTE_COUNT);
	return zygotes[z].modules;
}

const char *
layer_name(enum layer l)
{
	assert(l < LAYER_COUNT);
	return layers[l].name;
}

const char *
layer_purpose(enum layer l)
{
	assert(l < LAYER_COUNT);
	return layers[l].purpose;
}

const char *
posture_name(uint32_t set)
{
	return set & BIT(LAYER_NAMESPACES) ? "full" : "container";
}

int
layer_find(const char *name)
{
	for (int i = 0; i < LAYER_COUNT; i++)
		if (strcmp(layers[i].name, name) == 0)
			return i;
	return -1;
}
