/* What differs, aspect by aspect, as diff -u has it: "-" is the baseline. */
#include "server/cli_compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "server/cli_lens.h"
#include "wire/limits.h"

static const char *
text(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "?";
}

void
cli_compare_names(struct buf *b, const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		buf_printf(b, "%s%s", i ? ", " : "", json_string_value(one));
	}
}

/* A line of a stranger's text. */
static void
put_line(const struct cli_out *o, const char *mark, enum cli_style style,
	const char *s, size_t n)
{
	scope_buf struct buf b = BUF_INIT(64 * KIB);

	n -= n > 0 && s[n - 1] == '\n';
	cli_text_clean(&b, s, n);
	cli_text_say(o, style, "  %s %s\n", mark, b.data ? b.data : "");
}

static void
put_value(const struct cli_out *o, const char *mark, enum cli_style style,
	const char *path, const json_t *v)
{
	scope_free char *value =
		v ? json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	scope_buf struct buf b = BUF_INIT(64 * KIB);

	buf_printf(&b, "%s %s", path + (*path == '/'), value ? value : "null");
	put_line(o, mark, style, b.data, b.len);
}

static void
put_changes(const struct cli_out *o, const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		put_value(o, "-", CLI_BAD, text(one, "path"),
			json_object_get(one, "a"));
		put_value(o, "+", CLI_GOOD, text(one, "path"),
			json_object_get(one, "b"));
	}
}

static void
put_texts(const struct cli_out *o, const char *mark, enum cli_style style,
	const json_t *edit, const char *side, json_int_t count)
{
	const json_t *list = json_object_get(edit, side), *one;
	json_int_t left = count - (json_int_t)json_array_size(list);
	size_t i;

	json_array_foreach(list, i, one)
	{
		put_line(o, mark, style, json_string_value(one),
			json_string_length(one));
	}
	if (left > 0)
		cli_text_say(o, style,
			"  %s … and %" JSON_INTEGER_FORMAT " more\n", mark,
			left);
}

/* `what` is what is counted: "line". */
static void
put_edits(const struct cli_out *o, const char *what, const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		json_int_t a = cli_lens_int(one, "a_from", 0);
		json_int_t b = cli_lens_int(one, "b_from", 0);
		cli_text_say(o, CLI_DIM,
			"  @ %s %" JSON_INTEGER_FORMAT
			" | %" JSON_INTEGER_FORMAT "\n",
			what, a + 1, b + 1);
		put_texts(o, "-", CLI_BAD, one, "a",
			cli_lens_int(one, "a_to", 0) - a);
		put_texts(o, "+", CLI_GOOD, one, "b",
			cli_lens_int(one, "b_to", 0) - b);
	}
}

static void
put_stream(const struct cli_out *o, const char *name, const json_t *stream)
{
	if (!json_is_object(stream))
		return;
	if (json_is_array(json_object_get(stream, "edits"))) {
		scope_buf struct buf b = BUF_INIT(64);
		buf_printf(&b, "%s, line", name);
		put_edits(o, b.data, json_object_get(stream, "edits"));
	} else {
		cli_text_say(o, CLI_PLAIN,
			"  %s: bytes that are not text, from byte "
			"%" JSON_INTEGER_FORMAT " on\n",
			name, cli_lens_int(stream, "first_byte", 0));
	}
}

static void
put_code(const struct cli_out *o, const json_t *code)
{
	const json_t *n = json_object_get(code, "instructions");
	const char *only = json_string_value(json_object_get(code, "only"));
	scope_buf struct buf b = BUF_INIT(64 * KIB);

	buf_printf(&b,
		"%s, line %" JSON_INTEGER_FORMAT ": %" JSON_INTEGER_FORMAT
		" → %" JSON_INTEGER_FORMAT " instructions",
		text(code, "qualname"), cli_lens_int(code, "first_line", 0),
		cli_lens_int(n, "a", 0), cli_lens_int(n, "b", 0));
	put_line(o,
		!only	       ? "*"
		: *only == 'a' ? "-"
			       : "+",
		CLI_NAME, b.data, b.len);
	put_changes(o, json_object_get(code, "changes"));
	put_edits(o, "instruction", json_object_get(code, "edits"));
}

static void
put_count(const struct cli_out *o, const json_t *count)
{
	scope_free char *a = json_dumps(
		json_object_get(count, "a"), JSON_ENCODE_ANY | JSON_COMPACT);
	scope_free char *c = json_dumps(
		json_object_get(count, "b"), JSON_ENCODE_ANY | JSON_COMPACT);
	json_int_t times = cli_lens_int(count, "times", 1);
	scope_buf struct buf b = BUF_INIT(64 * KIB);

	buf_printf(&b, "line %" JSON_INTEGER_FORMAT " in %s, %s: %s → %s",
		cli_lens_int(count, "line", 0), text(count, "function"),
		text(count, "name"), a ? a : "?", c ? c : "?");
	if (times > 1)
		buf_printf(&b, ", %" JSON_INTEGER_FORMAT " times", times);
	put_line(o, "*", CLI_PLAIN, b.data, b.len);
}

static void
put_each(const struct cli_out *o, const json_t *list,
	void (*put)(const struct cli_out *o, const json_t *one))
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		put(o, one);
	}
}

/* Sequences of which lenses have edits, and what their elements are called. */
static const struct {
	const char *member, *what;
} sequences[] = {
	{"steps", "step"},
	{"collections", "collection"},
	{"tokens", "token"},
	{"tree", "node"},
	{"symbols", "name"},
	{"code", "code object"},
	{"objects", "object"},
	{"growth", "change of room"},
	{"lines", "line"},
};

static void
put_difference(const struct cli_out *o, const char *aspect,
	const char *baseline, const json_t *difference)
{
	scope_buf struct buf b = BUF_INIT(4 * KIB);

	cli_compare_names(&b, json_object_get(difference, "runtimes"));
	cli_text_say(o, CLI_BOLD, "\n%s", aspect);
	cli_text_say(o, CLI_PLAIN, "  -%s +%s\n", baseline, b.data);
	put_changes(o, json_object_get(difference, "changes"));
	put_stream(o, "stdout", json_object_get(difference, "stdout"));
	put_stream(o, "stderr", json_object_get(difference, "stderr"));
	put_each(o, json_object_get(difference, "code_objects"), put_code);
	put_each(o, json_object_get(difference, "counts"), put_count);
	for (size_t i = 0; i < sizeof(sequences) / sizeof(*sequences); i++)
		put_edits(o, sequences[i].what,
			json_object_get(difference, sequences[i].member));
	if (json_is_true(json_object_get(difference, "truncated")))
		cli_text_say(
			o, CLI_WARN, "  … more differs than is shown here\n");
}

void
cli_compare_differences(const json_t *reply, const struct cli_out *o)
{
	json_t *differences = json_object_get(reply, "differences"), *aspect;
	const json_t *one;
	const char *name;
	size_t i;

	json_object_foreach(differences, name, aspect)
	{
		json_array_foreach(
			json_object_get(aspect, "against_baseline"), i, one)
		{
			put_difference(o, name, text(reply, "baseline"), one);
		}
	}
}
