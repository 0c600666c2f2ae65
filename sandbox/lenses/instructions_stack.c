/*
 * Value stacks, told by what differs: an instruction takes some values off its
 * frame's and puts others there, so that all below are as they were.  A value
 * is the same when it is the same object and is shown as the same text: a list
 * that was appended to is not.
 */
#include "sandbox/lenses/instructions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/objects.h"

static struct {
	struct instructions_frame **of; /* the innermost is the last */
	size_t n, room;
	uint32_t frames;
} known;

static struct instructions_frame *
find(const PyFrameObject *f)
{
	for (size_t i = known.n; i-- > 0;)
		if (known.of[i]->frame == f)
			return known.of[i];
	return NULL;
}

static struct instructions_frame *
add(PyFrameObject *f)
{
	if (known.n == known.room) {
		size_t room = known.room ? known.room * 2 : 64;
		void *more =
			room > INSTRUCTIONS_FRAMES
				? NULL
				: realloc(known.of, room * sizeof(known.of[0]));
		if (!more)
			return NULL;
		known.of = more;
		known.room = room;
	}
	struct instructions_frame *s = malloc(sizeof(*s));
	if (!s)
		return NULL;
	s->frame = f;
	s->number = ++known.frames;
	s->n = 0;
	return known.of[known.n++] = s;
}

struct instructions_frame *
instructions_stack_of(PyFrameObject *f)
{
	struct instructions_frame *s = find(f);

	return s ? s : add(f);
}

void
instructions_stack_forget(PyFrameObject *f)
{
	for (size_t i = known.n; i-- > 0;) {
		if (known.of[i]->frame != f)
			continue;
		free(known.of[i]);
		memmove(&known.of[i], &known.of[i + 1],
			(--known.n - i) * sizeof(known.of[0]));
		return;
	}
}

uint32_t
instructions_stack_frames(void)
{
	return known.frames;
}

/* CPython 3.12 and 3.13 do not say how high it is while an instruction is
 * traced (INSTRUMENTED_INSTRUCTION, Python/bytecodes.c): that is reckoned from
 * the code, as the compiler does. */
#define RECKONED (PY_VERSION_HEX >= PY_3_12 && PY_VERSION_HEX < PY_3_14)

static int
reckon(PyFrameObject *f)
{
	return instructions_codes_depth(
		instructions_codes_number(frames_code(f)), frames_at(f));
}

bool
instructions_stack_next(PyFrameObject *f, int *at, PyObject **ret_value)
{
#if RECKONED
	return *at < reckon(f) && frames_next_slot(f, at, ret_value);
#else
	return frames_next_on_stack(f, at, ret_value);
#endif
}

/* FNV-1a. */
static uint64_t
hash(const struct objects_text *t)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < t->n; i++)
		h = (h ^ (unsigned char)t->bytes[i]) * 0x100000001b3;
	return h;
}

/* What is in the slot before `at`. */
static void
show(struct objects_text *t, PyFrameObject *f, int at, PyObject *b_value)
{
	char text[32];
	int64_t number;

	if (b_value) {
		objects_show_value(t, b_value);
	} else if (frames_number_on_stack(f, at, &number)) {
		snprintf(text, sizeof(text), "%lld", (long long)number);
		objects_text_put(t, text);
	} else {
		objects_text_put(t, "NULL");
	}
}

bool
instructions_stack_write(
	struct jsonw *w, struct instructions_frame *s, PyFrameObject *f)
{
	PyObject *b_value;
	bool same = true;
	unsigned n = 0, keep = 0;
	int at = 0;

	while (n < INSTRUCTIONS_STACK &&
		instructions_stack_next(f, &at, &b_value)) {
		struct objects_text t = {.n = 0};
		show(&t, f, at, b_value);
		uint64_t h = hash(&t);
		same = same && n < s->n && s->of[n].o == b_value &&
		       s->of[n].hash == h;
		if (same) {
			keep = ++n;
			continue;
		}
		if (n == keep) {
			jsonw_key(w, "push");
			jsonw_array(w);
		}
		jsonw_strn(w, t.bytes, t.n);
		s->of[n].o = b_value;
		s->of[n++].hash = h;
	}
	if (n == keep) {
		jsonw_key(w, "push");
		jsonw_array(w);
	}
	jsonw_end(w);
	jsonw_member_uint(w, "keep", keep);
	s->n = n;
	if (RECKONED && reckon(f) < 0)
		return false;
	return n < INSTRUCTIONS_STACK ||
	       !instructions_stack_next(f, &at, &b_value);
}
