/* What was asked of the objects: the slots in which a key is looked for, the
 * places in which an attribute is. */
#include "server/cli_objects.h"

#include <string.h>

static void
put_steps(struct buf *b, const struct cli_objects *v, const json_t *steps)
{
	const json_t *one;
	size_t i;

	json_array_foreach(steps, i, one)
	{
		const json_t *key = json_object_get(one, "key");
		buf_printf(b, "%sslot %" JSON_INTEGER_FORMAT ": ",
			i ? " → " : "", cli_lens_int(one, "slot", 0));
		if (json_is_integer(key)) {
			cli_objects_put(b, v, key);
			buf_printf(b, " (%s)", cli_objects_text(one, "there"));
		} else {
			buf_printf(b, "%s", cli_objects_text(one, "there"));
		}
	}
}

static void
put_probe(const struct cli_objects *v, const json_t *p, const struct cli_out *o)
{
	const json_t *found = json_object_get(p, "found");
	scope_buf struct buf b = BUF_INIT(64 * KIB);

	buf_printf(&b, "%s[%s], hash %" JSON_INTEGER_FORMAT ": ",
		cli_objects_text(p, "name"), cli_objects_text(p, "key"),
		cli_lens_int(p, "hash", 0));
	put_steps(&b, v, json_object_get(p, "steps"));
	buf_printf(&b, " — %s",
		json_is_true(found)    ? "found"
		: json_is_false(found) ? "not there"
				       : "its __eq__ would be asked");
	fputs("  ", o->file);
	cli_text_wrap(o, 2, 4, b.data);
}

/* "B no, A yes (non-data descriptor), instance values no" */
static void
put_tried(struct buf *b, const json_t *tried)
{
	const json_t *one;
	size_t i;

	json_array_foreach(tried, i, one)
	{
		const char *name = cli_objects_text(one, "name");
		const char *kind = cli_objects_text(one, "descriptor");
		buf_printf(b, "%s%s%s%s %s", i ? ", " : "",
			cli_objects_text(one, "place"), *name ? " " : "", name,
			json_is_true(json_object_get(one, "found")) ? "yes"
								    : "no");
		if (*kind)
			buf_printf(b, " (%s descriptor)", kind);
	}
}

static void
put_result(struct buf *b, const struct cli_objects *v, const json_t *step)
{
	const json_t *object = json_object_get(step, "object");
	const json_t *calls = json_object_get(step, "calls");

	buf_printf(b, " — %s", cli_objects_text(step, "result"));
	if (json_is_integer(object)) {
		buf_printf(b, ": ");
		cli_objects_put(b, v, object);
	} else if (json_is_integer(calls)) {
		buf_printf(b, ", which would be ");
		cli_objects_put(b, v, calls);
	}
}

/* How much of "a.b.c" goes through that many dots: "a.b" through one. */
static size_t
through(const char *expression, size_t dots)
{
	size_t n = strcspn(expression, ".");

	while (dots-- > 0 && expression[n])
		n += 1 + strcspn(expression + n + 1, ".");
	return n;
}

static void
put_lookup(
	const struct cli_objects *v, const json_t *l, const struct cli_out *o)
{
	const json_t *one;
	size_t i;

	if (!json_is_true(json_object_get(l, "bound")))
		cli_objects_line(o, CLI_WARN, 2, "%s: there is no such name",
			cli_objects_text(l, "expression"));
	json_array_foreach(json_object_get(l, "steps"), i, one)
	{
		scope_buf struct buf b = BUF_INIT(64 * KIB);
		size_t n = through(cli_objects_text(l, "expression"), i + 1);
		buf_printf(&b, "%.*s: ", (int)n,
			cli_objects_text(l, "expression"));
		put_tried(&b, json_object_get(one, "tried"));
		put_result(&b, v, one);
		fputs("  ", o->file);
		cli_text_wrap(o, 2, 4, b.data);
	}
}

void
cli_objects_asked(const struct cli_objects *v, const struct cli_out *o)
{
	const json_t *probes = json_object_get(v->capture, "probes");
	const json_t *lookups = json_object_get(v->capture, "lookups"), *one;
	size_t i;

	if (json_array_size(probes))
		cli_text_say(o, CLI_DIM, "\n  Keys, slot by slot:\n");
	json_array_foreach(probes, i, one)
	{
		put_probe(v, one, o);
	}
	if (json_array_size(lookups))
		cli_text_say(o, CLI_DIM, "\n  Attributes, place by place:\n");
	json_array_foreach(lookups, i, one)
	{
		put_lookup(v, one, o);
	}
}
