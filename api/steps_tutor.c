/* The lens steps in the trace format of Python Tutor. */
#include "api/steps_tutor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/steps.h"
#include "api/text.h"
#include "base/buf.h"
#include "base/utf8.h"

/* Frames of a thread, from the module's on, that are shown. */
#define MAX_FRAMES 256

/* A number that JSON has, and JavaScript exactly. */
static json_t *
number_of(const char *text, size_t n)
{
	char *end;

	if (n > 15 || n == 0 || strspn(text, "-0123456789") != n)
		return NULL;
	json_int_t v = strtoll(text, &end, 10);
	return end == text + n ? json_integer(v) : NULL;
}

/* What stands behind a backslash in the literal of a str, in UTF-8. */
static size_t
unescaped(const char *s, size_t n, char *ret, size_t *ret_len)
{
	static const char plain[] = "n\nr\rt\t\\\\''\"\"";
	size_t digits = s[0] == 'x' ? 2 : s[0] == 'u' ? 4 : s[0] == 'U' ? 8 : 0;
	char hex[9] = {0};

	for (const char *p = plain; *p && !digits; p += 2)
		if (*p == s[0]) {
			*ret = p[1];
			*ret_len = 1;
			return 1;
		}
	if (!digits || n < 1 + digits)
		return 0;
	memcpy(hex, s + 1, digits);
	*ret_len = utf8_encode((uint32_t)strtoul(hex, NULL, 16), ret);
	return 1 + digits;
}

/* The str of a literal, or NULL when it is cut or none. */
static json_t *
str_of(const char *text, size_t n)
{
	scope_buf struct buf b = BUF_INIT(n + 1);

	if (n < 2 || (*text != '\'' && *text != '"') || text[n - 1] != *text)
		return NULL;
	for (size_t i = 1; i < n - 1;) {
		char c[4];
		size_t len = 1, used = 1;
		if (text[i] == '\\') {
			used = unescaped(text + i + 1, n - 2 - i, c, &len);
			if (!used)
				return NULL;
			buf_put(&b, c, len);
			i += 1 + used;
			continue;
		}
		buf_put(&b, text + i++, 1);
	}
	return text_json(b.data ? b.data : "", b.len);
}

static json_t *
tagged(const char *tag, json_t *value)
{
	json_t *j = text_need(json_array());

	text_append(j, json_string(tag));
	if (value)
		text_append(j, value);
	return j;
}

static json_t *
float_of(const char *text, size_t n)
{
	char *end;

	if (n > 30 || strspn(text, "-+.e0123456789") != n)
		return NULL;
	double v = strtod(text, &end);
	return end == text + n ? json_real(v) : NULL;
}

/* A value as the format has it: what JSON has, a reference, or a text. */
static json_t *
value_of(const json_t *v)
{
	const char *s = json_string_value(v);
	size_t n = json_string_length(v);
	json_t *j;

	if (json_is_integer(v))
		return tagged("REF", json_integer(json_integer_value(v)));
	if (!s)
		return tagged("IMPORTED_FAUX_PRIMITIVE", json_string("…"));
	if (strcmp(s, "None") == 0)
		return json_null();
	if (strcmp(s, "True") == 0 || strcmp(s, "False") == 0)
		return json_boolean(*s == 'T');
	if ((j = number_of(s, n)) || (j = str_of(s, n)) || (j = float_of(s, n)))
		return j;
	return tagged("IMPORTED_FAUX_PRIMITIVE", text_json(s, n));
}

static json_t *
name_of(const json_t *o, const char *member)
{
	const json_t *v = json_object_get(o, member);

	return json_is_string(v)
		       ? text_json(json_string_value(v), json_string_length(v))
		       : json_string("?");
}

static void
append_values(json_t *to, const json_t *items)
{
	const json_t *v;
	size_t i;

	json_array_foreach(items, i, v)
	{
		text_append(to, value_of(v));
	}
}

static void
append_pairs(json_t *to, const json_t *pairs)
{
	const json_t *p;
	size_t i;

	json_array_foreach(pairs, i, p)
	{
		json_t *pair = text_need(json_array());
		text_append(pair, value_of(json_array_get(p, 0)));
		text_append(pair, value_of(json_array_get(p, 1)));
		text_append(to, pair);
	}
}

/* Names of attributes are names, not literals. */
static void
append_attributes(json_t *to, const json_t *o)
{
	const json_t *p;
	size_t i;

	json_array_foreach(json_object_get(o, "attributes"), i, p)
	{
		json_t *pair = text_need(json_array());
		const json_t *name = json_array_get(p, 0);
		text_append(pair, json_is_string(name)
					  ? text_json(json_string_value(name),
						    json_string_length(name))
					  : json_string("?"));
		text_append(pair, value_of(json_array_get(p, 1)));
		text_append(to, pair);
	}
}

static json_t *
class_of(const json_t *o)
{
	json_t *j = tagged("CLASS", name_of(o, "name"));
	json_t *bases = text_need(json_array());
	const json_t *b;
	size_t i;

	json_array_foreach(json_object_get(o, "bases"), i, b)
	{
		if (json_is_string(b))
			text_append(bases, text_json(json_string_value(b),
						   json_string_length(b)));
	}
	text_append(j, bases);
	append_attributes(j, o);
	return j;
}

/* "f" with the names that its frames have is not known here: "f(...)". */
static json_t *
function_of(const json_t *o)
{
	json_t *name = name_of(o, "name");
	scope_buf struct buf b = BUF_INIT(1024);

	buf_put(&b, json_string_value(name), json_string_length(name));
	buf_printf(&b, "(...)");
	json_decref(name);
	json_t *j = tagged("FUNCTION", text_json(b.data, b.len));
	text_append(j, json_null());
	return j;
}

static json_t *
instance_of(const json_t *o)
{
	const char *type = json_object_get(o, "type") ? "type" : "kind";
	json_t *j = tagged("INSTANCE", name_of(o, type));
	const json_t *args = json_object_get(o, "args"), *v;
	size_t i;

	json_array_foreach(args, i, v)
	{
		json_t *pair = text_need(json_array());
		char name[32];
		snprintf(name, sizeof(name), "args[%zu]", i);
		text_append(pair, json_string(name));
		text_append(pair, value_of(v));
		text_append(j, pair);
	}
	append_attributes(j, o);
	return j;
}

static json_t *
object_of(const json_t *o)
{
	static const struct {
		const char *kind, *tag;
	} tags[] = {{"list", "LIST"}, {"deque", "LIST"}, {"tuple", "TUPLE"},
		{"set", "SET"}};
	const char *kind = json_string_value(json_object_get(o, "kind"));

	for (size_t i = 0; kind && i < sizeof(tags) / sizeof(*tags); i++)
		if (strcmp(kind, tags[i].kind) == 0) {
			json_t *j = tagged(tags[i].tag, NULL);
			append_values(j, json_object_get(o, "items"));
			return j;
		}
	if (kind && strcmp(kind, "dict") == 0) {
		json_t *j = tagged("DICT", NULL);
		append_pairs(j, json_object_get(o, "entries"));
		return j;
	}
	if (kind && strcmp(kind, "class") == 0)
		return class_of(o);
	if (kind && strcmp(kind, "function") == 0)
		return function_of(o);
	return instance_of(o);
}

/* Names and their values; `ret_names` gets the names in their order. */
static json_t *
variables_of(const json_t *variables, json_t *ret_names)
{
	json_t *j = text_need(json_object()), *v;
	const char *name;
	size_t n;

	json_object_keylen_foreach((json_t *)variables, name, n, v)
	{
		if (json_object_setn_new_nocheck(j, name, n, value_of(v)))
			abort();
		text_append(ret_names, text_json(name, n));
	}
	return j;
}

static json_t *
frame_of(const struct steps *s, json_int_t number, bool innermost)
{
	json_t *j = text_need(json_object());
	json_t *names = text_need(json_array());
	json_t *function = name_of(steps_frame(s, number), "function");
	scope_buf struct buf unique = BUF_INIT(1024);

	buf_printf(&unique, "%s_f%" JSON_INTEGER_FORMAT,
		json_string_value(function), number);
	text_set(j, "encoded_locals",
		variables_of(steps_variables(s, number), names));
	if (innermost && s->value && strcmp(s->event, "return") == 0) {
		text_set(json_object_get(j, "encoded_locals"), "__return__",
			value_of(s->value));
		text_append(names, json_string("__return__"));
	}
	text_set(j, "func_name", function);
	text_set(j, "frame_id", json_integer(number));
	text_set(j, "is_highlighted", json_boolean(innermost));
	text_set(j, "is_parent", json_false());
	text_set(j, "is_zombie", json_false());
	text_set(j, "ordered_varnames", names);
	text_set(j, "parent_frame_id_list", json_array());
	text_set(j, "unique_hash",
		text_json(unique.data ? unique.data : "", unique.len));
	return j;
}

/* From the outermost to the innermost; the module's is not among them. */
static json_t *
stack_of(const struct steps *s)
{
	json_t *stack = text_need(json_array());
	json_int_t numbers[MAX_FRAMES];
	size_t n = 0;

	for (json_int_t f = s->frame; f > 1 && n < MAX_FRAMES;) {
		const json_t *caller =
			json_object_get(steps_frame(s, f), "caller");
		numbers[n++] = f;
		f = json_is_integer(caller) ? json_integer_value(caller) : 0;
	}
	while (n-- > 0)
		text_append(stack, frame_of(s, numbers[n], n == 0));
	return stack;
}

static const char *
event_of(const struct steps *s)
{
	static const struct {
		const char *ours, *theirs;
	} events[] = {{"call", "call"}, {"resume", "call"},
		{"return", "return"}, {"yield", "return"}, {"unwind", "return"},
		{"exception", "exception"}};

	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (strcmp(s->event, events[i].ours) == 0)
			return events[i].theirs;
	return "step_line";
}

static json_t *
heap_of(const struct steps *s)
{
	json_t *heap = text_need(json_object()), *o;
	const char *number;

	json_object_foreach(s->objects, number, o)
	{
		text_set(heap, number, object_of(o));
	}
	return heap;
}

static json_t *
entry_of(const struct steps *s, const char *out, size_t out_len)
{
	json_t *j = text_need(json_object());
	json_t *names = text_need(json_array());
	size_t printed = s->out > 0 ? (size_t)s->out : 0;

	text_set(j, "event", json_string(event_of(s)));
	text_set(j, "line", json_integer(s->line));
	text_set(j, "func_name", name_of(steps_frame(s, s->frame), "function"));
	text_set(j, "globals", variables_of(steps_variables(s, 1), names));
	text_set(j, "ordered_globals", names);
	text_set(j, "stack_to_render", stack_of(s));
	text_set(j, "heap", heap_of(s));
	text_set(j, "stdout",
		text_json(out, printed < out_len ? printed : out_len));
	return j;
}

/* As Python Tutor says that it stopped. */
static json_t *
limit_reached(const struct steps *s, size_t shown)
{
	json_t *j = entry_of(s, "", 0);
	scope_buf struct buf b = BUF_INIT(256);

	buf_printf(&b, "Only the first %zu steps are in this trace.", shown);
	text_set(j, "event", json_string("instruction_limit_reached"));
	text_set(j, "exception_msg", json_string(b.data));
	return j;
}

json_t *
steps_tutor(const json_t *lens, const char *code, size_t code_len,
	const char *out, size_t out_len)
{
	const json_t *list = json_object_get(lens, "steps"), *step;
	json_t *j = text_need(json_object());
	json_t *trace = text_need(json_array());
	scope_steps struct steps s;
	size_t i, bytes = 0;

	steps_begin(&s);
	json_array_foreach(list, i, step)
	{
		if (i == STEPS_TUTOR_MOST || bytes > STEPS_TUTOR_BYTES)
			break;
		steps_next(&s, step);
		json_t *entry = entry_of(&s, out, out_len);
		bytes += json_dumpb(entry, NULL, 0, 0);
		text_append(trace, entry);
	}
	if (i < json_array_size(list))
		text_append(trace, limit_reached(&s, i));
	text_set(j, "code", text_json(code, code_len));
	text_set(j, "trace", trace);
	return j;
}
