/* The state of a program at a step, from the deltas of the lens steps. */
#include "api/steps.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/text.h"

void
steps_begin(struct steps *s)
{
	*s = (struct steps){.frames = text_need(json_object()),
		.variables = text_need(json_object()),
		.objects = text_need(json_object()),
		.thread = 1,
		.out = -1,
		.err = -1};
}

void
steps_clear(struct steps *s)
{
	json_decref(s->frames);
	json_decref(s->variables);
	json_decref(s->objects);
	*s = (struct steps){0};
}

/* What has changed of `all`: null is what is gone. */
static void
merge(json_t *all, const json_t *changes)
{
	const char *key;
	size_t n;
	json_t *value;

	json_object_keylen_foreach((json_t *)changes, key, n, value)
	{
		if (json_is_null(value))
			json_object_deln(all, key, n);
		else if (json_object_setn_nocheck(all, key, n, value))
			abort();
	}
}

static void
merge_variables(struct steps *s, const json_t *changes)
{
	const char *frame;
	size_t n;
	json_t *names;

	json_object_keylen_foreach((json_t *)changes, frame, n, names)
	{
		json_t *known = json_object_getn(s->variables, frame, n);
		if (!known) {
			known = text_need(json_object());
			if (json_object_setn_new_nocheck(
				    s->variables, frame, n, known))
				abort();
		}
		merge(known, names);
	}
}

/* Variables go with their frame. */
static void
drop_variables(struct steps *s, const json_t *frames)
{
	const char *frame;
	size_t n;
	json_t *value;

	json_object_keylen_foreach((json_t *)frames, frame, n, value)
	{
		if (json_is_null(value))
			json_object_deln(s->variables, frame, n);
	}
}

static json_int_t
number(const json_t *step, const char *key, json_int_t otherwise)
{
	const json_t *v = json_object_get(step, key);

	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

void
steps_next(struct steps *s, const json_t *step)
{
	const json_t *output = json_object_get(step, "output");
	const json_t *event = json_object_get(step, "event");
	const json_t *out = json_array_get(output, 0);
	const json_t *err = json_array_get(output, 1);

	s->step = number(step, "step", s->step < INT32_MAX ? s->step + 1 : 0);
	s->frame = number(step, "frame", s->frame);
	s->thread = number(step, "thread", s->thread);
	s->line = number(step, "line", 0);
	s->event = json_is_string(event) ? json_string_value(event) : "line";
	s->value = json_object_get(step, "value");
	if (json_is_integer(out))
		s->out = json_integer_value(out);
	if (json_is_integer(err))
		s->err = json_integer_value(err);
	merge(s->frames, json_object_get(step, "frames"));
	drop_variables(s, json_object_get(step, "frames"));
	merge_variables(s, json_object_get(step, "variables"));
	merge(s->objects, json_object_get(step, "objects"));
}

static const json_t *
by_number(const json_t *all, json_int_t n)
{
	char key[24];

	snprintf(key, sizeof(key), "%" JSON_INTEGER_FORMAT, n);
	return json_object_get(all, key);
}

const json_t *
steps_frame(const struct steps *s, json_int_t number)
{
	return by_number(s->frames, number);
}

const json_t *
steps_variables(const struct steps *s, json_int_t frame)
{
	return by_number(s->variables, frame);
}

const json_t *
steps_object(const struct steps *s, json_int_t number)
{
	return by_number(s->objects, number);
}
