/* What runs on several runtimes came to, beside each other. */
#include "api/compare.h"

#include <stdlib.h>
#include <string.h>

#include "api/compare_parts.h"
#include "api/text.h"
#include "base/scope.h"
#include "wire/tables.h"

/* Times say nothing of being the same: those of two runs on one runtime differ
 * as well. */
static const struct compare_aspect *const by_lens[LENS_COUNT] = {
	[LENS_BYTECODE] = &compare_bytecode,
	[LENS_REFCOUNTS] = &compare_refcounts,
	[LENS_GC] = &compare_gc,
	[LENS_OBJECTS] = &compare_objects,
	[LENS_AST] = &compare_ast,
	[LENS_MEMORY] = &compare_memory,
	[LENS_THREADS] = &compare_threads,
	[LENS_TASKS] = &compare_tasks,
};

/* The runs that there are. */
struct runs {
	const struct compare_one *ones[MAX_COMPARED];
	size_t n;
	size_t work; /* see diff_texts */
};

/* One aspect of all of them. */
struct view {
	struct runs *runs;
	const struct compare_aspect *aspect;
	const json_t *value[MAX_COMPARED];
	size_t group[MAX_COMPARED]; /* the first run that it is the same as */
};

static json_t *
id_of(const struct compare_one *one)
{
	return text_json(one->runtime, strlen(one->runtime));
}

/* As often as there are groups beside it: the first of a group is who the
 * others are compared with, for what is equal to it is equal to all. */
static void
find_groups(struct view *v)
{
	for (size_t i = 0; i < v->runs->n; i++) {
		size_t k = 0;
		while (k < i &&
			!(v->group[k] == k &&
				v->aspect->same(v->value[k], v->value[i])))
			k++;
		v->group[i] = k;
	}
}

static json_t *
members_of(const struct view *v, size_t group)
{
	json_t *list = text_need(json_array());

	for (size_t i = 0; i < v->runs->n; i++)
		if (v->group[i] == group)
			text_append(list, id_of(v->runs->ones[i]));
	return list;
}

static json_t *
difference(const struct view *v, size_t group)
{
	struct compare_room room = {
		COMPARE_ENTRIES, COMPARE_BYTES, false, &v->runs->work};
	json_t *j = text_need(json_object());

	text_set(j, "runtimes", members_of(v, group));
	v->aspect->differ(v->value[0], v->value[group], &room, j);
	text_set(j, "truncated", json_boolean(room.cut));
	return j;
}

/* Adds an aspect to what the reply says. */
static void
put_aspect(struct view *v, const char *name, json_t *same, json_t *differences)
{
	json_t *groups = text_need(json_array());
	json_t *incomplete = text_need(json_array());
	json_t *against = text_need(json_array());
	json_t *j = text_need(json_object());

	find_groups(v);
	for (size_t i = 0; i < v->runs->n; i++) {
		if (!v->aspect->whole(v->value[i]))
			text_append(incomplete, id_of(v->runs->ones[i]));
		if (v->group[i] != i)
			continue;
		text_append(groups, members_of(v, i));
		if (i > 0)
			text_append(against, difference(v, i));
	}
	size_t n = json_array_size(groups);
	/* What is missing could differ. */
	text_set(same, name,
		n > 1					 ? json_false()
		: n == 1 && !json_array_size(incomplete) ? json_true()
							 : json_null());
	text_set(j, "groups", groups);
	text_set(j, "incomplete", incomplete);
	text_set(j, "against_baseline", against);
	text_set(differences, name, j);
}

static void
put_end(struct runs *r, const char *name, const struct compare_aspect *aspect,
	json_t *same, json_t *differences)
{
	struct view v = {.runs = r, .aspect = aspect};

	for (size_t i = 0; i < r->n; i++)
		v.value[i] = r->ones[i]->run;
	put_aspect(&v, name, same, differences);
}

static void
put_lens(struct runs *r, enum lens l, json_t *same, json_t *differences)
{
	struct view v = {.runs = r, .aspect = by_lens[l]};
	json_auto_t *none = text_need(json_object());

	if (!v.aspect)
		v.aspect = &compare_members;
	for (size_t i = 0; i < r->n; i++) {
		const json_t *value = json_object_get(
			json_object_get(r->ones[i]->run, "lenses"),
			lens_name(l));
		v.value[i] = json_is_object(value) ? value : none;
	}
	put_aspect(&v, lens_name(l), same, differences);
}

/* Figures, for people to look at beside each other. */
static void
put_timing(const struct runs *r, json_t *same, json_t *differences)
{
	static const char *const members[] = {
		"compile_ns", "exec_wall_ns", "exec_cpu_ns"};
	json_t *figures = text_need(json_array());
	json_t *j = text_need(json_object());

	for (size_t i = 0; i < r->n; i++) {
		const json_t *value = json_object_get(
			json_object_get(r->ones[i]->run, "lenses"),
			lens_name(LENS_TIMING));
		json_t *one = text_need(json_object());
		text_set(one, "runtime", id_of(r->ones[i]));
		for (size_t k = 0; k < sizeof(members) / sizeof(*members);
			k++) {
			json_t *ns = json_object_get(value, members[k]);
			text_set(one, members[k],
				ns ? json_incref(ns) : json_null());
		}
		text_append(figures, one);
	}
	text_set(j, "figures", figures);
	text_set(differences, lens_name(LENS_TIMING), j);
	text_set(same, lens_name(LENS_TIMING), json_null());
}

/* true, false, or null where it is not known: a runtime has no run, or a value
 * is not whole. */
static json_t *
all_same(const json_t *same, bool every)
{
	const char *key;
	json_t *v;
	bool known = every;

	json_object_foreach((json_t *)same, key, v)
	{
		if (json_is_false(v))
			return json_false();
		known &= json_is_true(v) ||
			 strcmp(key, lens_name(LENS_TIMING)) == 0;
	}
	return known ? json_true() : json_null();
}

json_t *
compare_result(const struct compare_one *one)
{
	json_t *j = text_need(json_object());

	text_set(j, "runtime", id_of(one));
	text_set(j, "run", one->run ? json_incref(one->run) : json_null());
	text_set(j, "problem",
		one->problem ? json_incref(one->problem) : json_null());
	return j;
}

static void
put_heads(json_t *j, const char *id, const struct compare_one *ones, size_t n)
{
	json_t *ids = text_need(json_array());

	for (size_t i = 0; i < n; i++)
		text_append(ids, id_of(&ones[i]));
	text_set(j, "id", text_json(id, strlen(id)));
	text_set(j, "runtimes", ids);
}

static void
put_differences(json_t *j, const struct run_request *q,
	const struct compare_one *ones, size_t n)
{
	json_t *same = text_need(json_object());
	json_t *differences = text_need(json_object());
	struct runs r = {.work = DIFF_WORK};

	for (size_t i = 0; i < n && i < MAX_COMPARED; i++)
		if (ones[i].run)
			r.ones[r.n++] = &ones[i];
	put_end(&r, "verdict", &compare_verdict, same, differences);
	put_end(&r, "output", &compare_output, same, differences);
	for (enum lens l = 0; l < LENS_COUNT; l++) {
		if (!(q->lenses & BIT(l)))
			continue;
		if (l == LENS_TIMING)
			put_timing(&r, same, differences);
		else
			put_lens(&r, l, same, differences);
	}
	text_set(j, "baseline", r.n ? id_of(r.ones[0]) : json_null());
	text_set(j, "all_same", all_same(same, r.n == n));
	text_set(j, "same", same);
	text_set(j, "differences", differences);
}

json_t *
compare_differences(const char *id, const struct run_request *q,
	const struct compare_one *ones, size_t n)
{
	json_t *j = text_need(json_object());

	put_heads(j, id, ones, n);
	put_differences(j, q, ones, n);
	return j;
}

json_t *
compare_json(const char *id, const struct run_request *q,
	const struct compare_one *ones, size_t n)
{
	json_t *j = text_need(json_object());
	json_t *results = text_need(json_array());

	put_heads(j, id, ones, n);
	for (size_t i = 0; i < n; i++)
		text_append(results, compare_result(&ones[i]));
	text_set(j, "results", results);
	put_differences(j, q, ones, n);
	return j;
}
