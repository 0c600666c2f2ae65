/*
 * Names, what they are bound to, and how often that was held when it was last
 * looked at.
 *
 * A thread has the frames of the script that it is in, and looks at their names
 * only: another thread's may be gone, when the program took its trace function
 * off.  The names of the module are common to all.
 *
 * Of a frame it is known from its code which variables it has.  A dict is
 * walked along with the list of what was in it; where the two part, a name was
 * bound or taken away.  Its keys are only compared, by their address and hash:
 * what is shown is a copy of the text.
 */
#include "sandbox/lenses/refcounts.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/frames.h"

struct watch {
	PyObject *key; /* not owned, only compared */
	Py_hash_t hash;
	int at;		 /* of a local variable, for frames_next_local_in() */
	bool skip;	 /* not asked for */
	char *text;	 /* of a dict's key; NULL: a local variable's */
	PyObject *value; /* not owned */
	Py_ssize_t count;
};

/* The names of one frame, or the globals. */
struct space {
	PyFrameObject *frame; /* not owned, and only compared */
	void *in;	      /* the same as the interpreter has it */
	PyCodeObject *code;   /* not owned: the frame has it until it is left */
	PyObject *b_dict;     /* NULL: local variables */
	unsigned number;
	bool fresh; /* its names are met for the first time */
	struct watch *of;
	size_t n, room;
};

static struct {
	struct space globals;
	refcounts_noted *noted;
	unsigned frames; /* that there were */
	bool cut;
} watch;

/* The innermost is the last. */
static _Thread_local struct {
	struct space *of;
	size_t n, room;
	size_t names; /* of all */
} mine;

void
refcounts_watch_begin(PyObject *b_globals, refcounts_noted *fn)
{
	watch.globals = (struct space){.b_dict = b_globals};
	/* What is there before the program is no change. */
	refcounts_watch_look();
	watch.noted = fn;
}

static const char *
how_of(const struct space *s, const struct watch *w, PyObject *b_value)
{
	if (!b_value)
		return "unbound";
	if (!w->value)
		return s->fresh ? "entered" : "bound";
	return w->value == b_value ? "counted" : "rebound";
}

static void
look_at(struct space *s, struct watch *w, PyObject *b_value)
{
	Py_ssize_t count = refcounts_of(b_value);

	if (b_value == w->value && count == w->count)
		return;
	const char *name = w->text ? w->text : refcounts_name(w->key);
	struct refcounts_change c = {.name = name,
		.frame = s->number,
		.owner = s->code ? py_qualname(s->code) : NULL,
		.from = w->count,
		.to = count,
		.how = how_of(s, w, b_value)};
	if (watch.noted && name)
		watch.noted(&c);
	w->value = b_value;
	w->count = count;
}

/* Makes room for a name at that place; NULL when there is none. */
static struct watch *
insert(struct space *s, size_t at)
{
	if (mine.names + watch.globals.n >= REFCOUNTS_WATCHES) {
		watch.cut = true;
		return NULL;
	}
	if (s->n == s->room) {
		size_t room = s->room ? s->room * 2 : 16;
		struct watch *more = realloc(s->of, room * sizeof(*more));
		if (!more) {
			watch.cut = true;
			return NULL;
		}
		s->of = more;
		s->room = room;
	}
	memmove(&s->of[at + 1], &s->of[at], (s->n - at) * sizeof(*s->of));
	s->n++;
	mine.names += s != &watch.globals;
	s->of[at] = (struct watch){.count = REFCOUNTS_UNBOUND};
	return &s->of[at];
}

/* Takes names from that place on out, which are bound no more. */
static void
take_out(struct space *s, size_t at, size_t n)
{
	for (size_t i = at; i < at + n; i++) {
		if (!s->of[i].skip)
			look_at(s, &s->of[i], NULL);
		free(s->of[i].text);
	}
	s->n -= n;
	mine.names -= s != &watch.globals ? n : 0;
	memmove(&s->of[at], &s->of[at + n], (s->n - at) * sizeof(*s->of));
}

static void
look_at_local(struct space *s, struct watch *w)
{
	struct frames_local l;
	int at = w->at;

	if (!frames_next_local_in(s->in, &at, &l))
		return;
	if (!l.b_cell) {
		look_at(s, w, l.b_value);
		return;
	}
	/* Another function, and its thread, may take it out. */
	Py_BEGIN_CRITICAL_SECTION(l.b_cell);
	look_at(s, w, PyCell_GET(l.b_cell));
	Py_END_CRITICAL_SECTION();
}

static bool
is_key(const struct watch *w, PyObject *b_key)
{
	return w->key == b_key &&
	       (!PyUnicode_CheckExact(b_key) ||
		       w->hash == ((PyASCIIObject *)b_key)->hash);
}

/* A key that was not there, or not in this place.  False: there is no room. */
static bool
meet(struct space *s, size_t at, PyObject *b_key)
{
	const char *text = NULL;

	for (size_t i = at + 1; i < s->n; i++)
		if (is_key(&s->of[i], b_key)) {
			take_out(s, at, i - at);
			return true;
		}
	struct watch *w = insert(s, at);
	if (!w)
		return false;
	w->key = b_key;
	w->skip = true;
	if (!PyUnicode_CheckExact(b_key))
		return true;
	w->hash = ((PyASCIIObject *)b_key)->hash;
	if (refcounts_wants(b_key))
		text = refcounts_name(b_key);
	w->text = text ? strdup(text) : NULL;
	w->skip = !w->text;
	return true;
}

static void
look_at_dict(struct space *s)
{
	PyObject *b_key, *b_value;
	Py_ssize_t pos = 0;
	size_t at = 0;

	Py_BEGIN_CRITICAL_SECTION(s->b_dict);
	while (PyDict_Next(s->b_dict, &pos, &b_key, &b_value)) {
		if ((at == s->n || !is_key(&s->of[at], b_key)) &&
			!meet(s, at, b_key))
			continue;
		if (!s->of[at].skip)
			look_at(s, &s->of[at], b_value);
		at++;
	}
	if (at < s->n)
		take_out(s, at, s->n - at);
	Py_END_CRITICAL_SECTION();
}

static void
look_at_space(struct space *s)
{
	if (s->b_dict)
		look_at_dict(s);
	else
		for (size_t i = 0; i < s->n; i++)
			look_at_local(s, &s->of[i]);
	s->fresh = false;
}

void
refcounts_watch_look(void)
{
	look_at_space(&watch.globals);
	for (size_t i = 0; i < mine.n; i++)
		look_at_space(&mine.of[i]);
}

/* Which variables there are. */
static void
add_locals(struct space *s)
{
	struct frames_local l;
	int at = 0;

	for (int i = 0; frames_next_local_in(s->in, &at, &l); i = at) {
		struct watch *w =
			refcounts_wants(l.b_name) ? insert(s, s->n) : NULL;
		if (w) {
			w->key = l.b_name;
			w->at = i;
		}
	}
}

static void
drop_last(void)
{
	struct space *s = &mine.of[--mine.n];

	for (size_t i = 0; i < s->n; i++)
		free(s->of[i].text);
	mine.names -= s->n;
	free(s->of);
	if (mine.n)
		return;
	free(mine.of);
	mine.of = NULL;
	mine.room = 0;
}

/* Drops all when the last is none of those that this thread is in: it was not
 * traced for a while.  Returns the innermost, as the interpreter has it. */
static void *
check_last(void)
{
	const struct space *last = mine.n ? &mine.of[mine.n - 1] : NULL;
	struct frames_at at;
	void *frame = NULL, *innermost = NULL;

	while (frames_next(PyThreadState_Get(), &frame, &at)) {
		if (!innermost)
			innermost = frame;
		if (!last || (last->in == frame && last->code == at.code))
			return innermost;
	}
	while (mine.n)
		drop_last();
	return innermost;
}

void
refcounts_watch_enter(PyFrameObject *f)
{
	PyObject *b_space = frames_namespace(f);
	void *in = check_last();

	watch.frames++;
	if (mine.n == mine.room) {
		size_t room = mine.room ? mine.room * 2 : 16;
		struct space *more = realloc(mine.of, room * sizeof(*more));
		if (!more) {
			watch.cut = true;
			return;
		}
		mine.of = more;
		mine.room = room;
	}
	struct space *s = &mine.of[mine.n++];
	*s = (struct space){.frame = f,
		.in = in,
		.code = frames_code(f),
		.number = watch.frames,
		.fresh = true};
	if (!b_space)
		add_locals(s);
	else if (b_space != watch.globals.b_dict && PyDict_Check(b_space))
		s->b_dict = b_space;
	look_at_space(s);
}

void
refcounts_watch_leave(PyFrameObject *f)
{
	refcounts_watch_back(f);
	if (mine.n)
		drop_last();
}

void
refcounts_watch_back(PyFrameObject *f)
{
	while (mine.n && mine.of[mine.n - 1].frame != f)
		drop_last();
}

unsigned
refcounts_watch_frame(void)
{
	return mine.n ? mine.of[mine.n - 1].number : 0;
}

bool
refcounts_watch_is_cut(void)
{
	return watch.cut;
}
