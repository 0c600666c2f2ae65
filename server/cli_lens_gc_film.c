/* gc: the film of a collection: counts, what is subtracted of them, what
 * becomes of each object, and what runs before any is freed. */
#include "server/cli_lens.h"

#include <string.h>

#define ROWS   24 /* objects */
#define EDGES  24
#define OTHERS 12 /* films */

enum {
	NUMBER,
	TYPE,
	NAME,
	REFCOUNT,
	INSIDE,
	GC_REFS,
	VERDICT,
	BEFORE,
	COLUMNS
};

static const struct cli_column columns[COLUMNS] = {
	[NUMBER] = {.title = "object", .right = true},
	[TYPE] = {.title = "type", .shrink = true, .least = 10},
	[NAME] = {.title = "name", .shrink = true, .least = 6},
	[REFCOUNT] = {.title = "refcount", .right = true},
	[INSIDE] = {.title = "inside", .right = true},
	[GC_REFS] = {.title = "gc_refs", .right = true},
	[VERDICT] = {.title = "becomes"},
	[BEFORE] = {.title = "finalizer"},
};

static const char *
word(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "?";
}

static bool
is_lost(const json_t *object)
{
	const char *verdict = word(object, "verdict");

	return strcmp(verdict, "garbage") == 0 ||
	       strcmp(verdict, "uncollectable") == 0;
}

/* The object of that number, or NULL. */
static const json_t *
object_of(const json_t *film, json_int_t number)
{
	return number > 0 ? json_array_get(json_object_get(film, "objects"),
				    (size_t)number - 1)
			  : NULL;
}

static void
put_object(struct cli_table *t, const json_t *object)
{
	json_int_t via = cli_lens_int(object, "via", 0);

	cli_lens_put_int(t, CLI_PLAIN, object, "object");
	cli_lens_put_text(t, CLI_PLAIN, object, "type");
	cli_lens_put_text(t, CLI_NAME, object, "name");
	cli_lens_put_int(t, CLI_PLAIN, object, "refcount");
	cli_lens_put_int(t, CLI_PLAIN, object, "inside");
	cli_lens_put_int(t, CLI_BOLD, object, "gc_refs");
	if (via > 0)
		cli_table_cell(
			t, CLI_GOOD, "reached by %" JSON_INTEGER_FORMAT, via);
	else
		cli_lens_put_text(t, is_lost(object) ? CLI_BAD : CLI_GOOD,
			object, "verdict");
	cli_lens_put_text(t, CLI_WARN, object, "finalizer");
}

/* What a film is about comes first, and what the interpreter has anyway last.
 */
enum rank { LOST, NAMED, REACHED, ROOT, RANKS };

static enum rank
rank_of(const json_t *object)
{
	if (is_lost(object))
		return LOST;
	if (json_is_string(json_object_get(object, "name")) ||
		json_is_string(json_object_get(object, "finalizer")))
		return NAMED;
	return cli_lens_int(object, "via", 0) > 0 ? REACHED : ROOT;
}

static void
put_objects(const json_t *film, const struct cli_out *o)
{
	scope_table struct cli_table *t = cli_table_new(columns, COLUMNS);
	const json_t *objects = json_object_get(film, "objects"), *object;
	json_int_t more =
		cli_lens_int(json_object_get(film, "dropped"), "objects", 0);
	size_t i, n = json_array_size(objects), rows = 0;

	for (enum rank rank = LOST; rank < RANKS; rank++)
		json_array_foreach(objects, i, object)
		{
			if (rank_of(object) == rank && rows++ < ROWS)
				put_object(t, object);
		}
	if (n > 0)
		cli_table_print(t, o);
	if (n > ROWS)
		cli_text_say(o, CLI_DIM,
			"  … %zu more objects are in the JSON\n", n - ROWS);
	if (more > 0)
		cli_text_say(o, CLI_DIM,
			"  … %" JSON_INTEGER_FORMAT " are not shown\n", more);
}

/* "6 Node .next → 7" of garbage. */
static void
edges_words(const json_t *film, struct buf *b)
{
	const json_t *edge;
	size_t i, n = 0;

	json_array_foreach(json_object_get(film, "edges"), i, edge)
	{
		json_int_t from = cli_lens_int(edge, "from", 0);
		json_int_t to = cli_lens_int(edge, "to", 0);
		const json_t *holder = object_of(film, from);
		const json_t *how = json_object_get(edge, "how");
		if (!is_lost(holder) || !is_lost(object_of(film, to)))
			continue;
		if (n++ == EDGES) {
			buf_printf(b, "; …");
			return;
		}
		buf_printf(b,
			"%s%" JSON_INTEGER_FORMAT " %s %s → "
			"%" JSON_INTEGER_FORMAT,
			n > 1 ? "; " : "Garbage refers to garbage: ", from,
			word(holder, "type"),
			json_is_string(how) ? json_string_value(how) : "…", to);
	}
}

static void
finalizers_words(const json_t *film, struct buf *b)
{
	const json_t *z;
	size_t i;

	json_array_foreach(json_object_get(film, "finalizers"), i, z)
	{
		json_int_t of = cli_lens_int(z, "object", 0);
		const json_t *call = json_object_get(z, "callback");
		buf_printf(b, "%s", i ? ", " : "First runs, in this order: ");
		if (i == EDGES) {
			buf_printf(b, "…");
			return;
		}
		if (json_is_string(call))
			buf_printf(b, "%s for", json_string_value(call));
		else
			buf_printf(b, "%s of", word(z, "kind"));
		buf_printf(b, " %s", word(z, "type"));
		if (of > 0)
			buf_printf(b, " %" JSON_INTEGER_FORMAT, of);
	}
}

/* What came of it, as the collector says. */
static void
outcome_words(const json_t *c, struct buf *b)
{
	json_int_t predicted = cli_lens_int(c, "predicted", 0);
	json_int_t alive = cli_lens_int(c, "alive", 0);
	json_int_t refs = cli_lens_int(c, "weakrefs_freed", 0);
	json_int_t collected = cli_lens_int(c, "collected", 0);
	json_int_t early = 0;

	buf_printf(b, "Then the collector says that it freed ");
	cli_lens_count(b, collected, "object");
	if (alive > 0 && alive <= predicted)
		buf_printf(b,
			"; %" JSON_INTEGER_FORMAT
			" of the garbage is alive after it",
			alive);
	if (refs > 0) {
		buf_printf(b, "; with ");
		cli_lens_count(b, refs, "weak reference");
		buf_printf(b, " whose callback ran");
	}
	if (__builtin_sub_overflow(predicted, alive, &early) ||
		__builtin_add_overflow(early, refs, &early) ||
		__builtin_sub_overflow(early, collected, &early))
		early = 0;
	if (early > 0)
		buf_printf(b,
			"; %" JSON_INTEGER_FORMAT
			" died before it counted, for a finalizer broke "
			"the cycle",
			early);
	buf_printf(b, ".");
}

static const json_t *
collection_of(const json_t *value, const json_t *film)
{
	json_int_t i = cli_lens_int(film, "collection", 0);

	return i > 0 ? json_array_get(json_object_get(value, "collections"),
			       (size_t)i - 1)
		     : NULL;
}

static void
say(struct buf *b, const struct cli_out *o)
{
	if (!b->len)
		return;
	fputs("  ", o->file);
	cli_text_wrap(o, 2, 2, b->data);
	buf_clear(b);
}

static void
head_words(const json_t *film, struct buf *b)
{
	buf_printf(b,
		"Film of collection %" JSON_INTEGER_FORMAT " (generation "
		"%" JSON_INTEGER_FORMAT "): of ",
		cli_lens_int(film, "collection", 0),
		cli_lens_int(film, "generation", 0));
	cli_lens_count(b, cli_lens_int(film, "candidates", 0), "object");
	buf_printf(b,
		" %" JSON_INTEGER_FORMAT " are referred to from outside, "
		"%" JSON_INTEGER_FORMAT " are reached from those, "
		"%" JSON_INTEGER_FORMAT " are garbage",
		cli_lens_int(film, "roots", 0),
		cli_lens_int(film, "reached", 0),
		cli_lens_int(film, "garbage", 0));
	if (cli_lens_int(film, "uncollectable", 0))
		buf_printf(b, ", %" JSON_INTEGER_FORMAT " cannot be collected",
			cli_lens_int(film, "uncollectable", 0));
	buf_printf(b, ".");
}

static void
others_words(const json_t *films, const json_t *shown, json_int_t more,
	struct buf *b)
{
	const json_t *film;
	size_t i, n = 0;

	json_array_foreach(films, i, film)
	{
		if (film == shown)
			continue;
		if (n++ == OTHERS) {
			buf_printf(b, ", …");
			break;
		}
		buf_printf(b,
			"%s%" JSON_INTEGER_FORMAT " (%" JSON_INTEGER_FORMAT
			" of %" JSON_INTEGER_FORMAT ")",
			n > 1 ? ", "
			      : "Further films are in the JSON, of "
				"collections (garbage of objects): ",
			cli_lens_int(film, "collection", 0),
			cli_lens_int(film, "garbage", 0),
			cli_lens_int(film, "candidates", 0));
	}
	if (n > 0)
		buf_printf(b, ". ");
	if (more > 0) {
		cli_lens_count(b, more, "collection");
		buf_printf(b, " that found something had none.");
	}
}

/* The first that finds something; else the first. */
static const json_t *
choose(const json_t *films)
{
	const json_t *film;
	size_t i;

	json_array_foreach(films, i, film)
	{
		if (cli_lens_int(film, "garbage", 0) ||
			cli_lens_int(film, "uncollectable", 0))
			return film;
	}
	return json_array_get(films, 0);
}

void
cli_lens_gc_film(const json_t *value, const struct cli_out *o)
{
	scope_buf struct buf b = BUF_INIT(64 * 1024);
	const json_t *films = json_object_get(value, "films");
	const json_t *filmed = json_object_get(value, "filmed");
	const json_t *absent = json_object_get(filmed, "absent");
	const json_t *film = choose(films);
	const json_t *collection = collection_of(value, film);

	if (json_is_string(absent))
		buf_printf(&b, "No films: %s", json_string_value(absent));
	say(&b, o);
	if (!film)
		return;
	head_words(film, &b);
	say(&b, o);
	put_objects(film, o);
	edges_words(film, &b);
	say(&b, o);
	finalizers_words(film, &b);
	say(&b, o);
	if (collection)
		outcome_words(collection, &b);
	say(&b, o);
	others_words(films, film, cli_lens_int(filmed, "left_out", 0), &b);
	say(&b, o);
}
