/* Records of what came of the schedules. */
#include "sandbox/lenses/races.h"

#include <string.h>

#include "sandbox/lenses/threads.h"
#include "sandbox/py/internal.h"
#include "sandbox/py/lock.h"

static const char *const kinds[RACES_KINDS] = {[RACES_AS_IS] = "as_is",
	[RACES_AT_BREAKS] = "at_breaks",
	[RACES_INSIDE] = "inside"};

static void
key_str(struct jsonw *w, const char *key, const char *s)
{
	jsonw_key(w, key);
	if (s)
		jsonw_str(w, s);
	else
		jsonw_null(w);
}

static void
write_schedules(struct jsonw *w, const struct races_result *t)
{
	jsonw_object(w);
	jsonw_member_uint(w, "asked", t->asked);
	jsonw_member_uint(w, "run", t->run);
	key_str(w, "stopped", t->stopped);
	jsonw_member_uint(w, "seed", t->seed);
	jsonw_member_if(w, "line", t->line > 0, t->line);
	jsonw_key(w, "gil");
	jsonw_bool(w, threads_gil_is_on());
	jsonw_member_uint(w, "threads", t->threads);
	jsonw_member_uint(w, "first_ns", (uint64_t)t->first_ns);
	jsonw_member_uint(w, "wall_ns", (uint64_t)t->wall_ns);
	jsonw_member_uint(w, "cpu_ns", (uint64_t)t->cpu_ns);
	jsonw_member_uint(w, "dropped", t->dropped);
	jsonw_end(w);
}

static void
write_kinds(struct jsonw *w, const struct races_result *t)
{
	jsonw_array(w);
	for (int k = 0; k < RACES_KINDS; k++) {
		unsigned outcomes = 0;
		for (unsigned i = 0; i < t->n; i++)
			outcomes += t->of[i]->by[k] > 0;
		jsonw_object(w);
		key_str(w, "kind", kinds[k]);
		jsonw_member_uint(w, "schedules", t->by[k]);
		jsonw_member_uint(w, "outcomes", outcomes);
		jsonw_member_uint(w, "switches", t->switches[k]);
		key_str(w, "left_out",
			k == RACES_AT_BREAKS && !threads_gil_is_on() ? "no_gil"
								     : NULL);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
write_windows(struct jsonw *w, const struct races_result *t)
{
	PyObject *b_list = races_windows_list();

	jsonw_array(w);
	for (Py_ssize_t i = 0; i < PyList_GET_SIZE(b_list); i++) {
		PyObject *b_row = PyList_GET_ITEM(b_list, i);
		scope_py PyObject *n = PyLong_FromUnsignedLongLong(
			i < RACES_WINDOWS ? t->within[i] : 0);
		if (n)
			PyDict_SetItemString(b_row, "switches", n);
		py_json(w, b_row);
	}
	jsonw_end(w);
	PyErr_Clear();
}

static void
write_stream(struct jsonw *w, const char *key, const struct races_stream *s,
	const char *text)
{
	jsonw_key(w, key);
	jsonw_object(w);
	jsonw_key(w, "text");
	jsonw_strn(w, text, s->kept);
	jsonw_member_uint(w, "bytes", s->bytes);
	jsonw_key(w, "truncated");
	jsonw_bool(w, s->kept < s->bytes);
	jsonw_end(w);
}

static void
write_raised(struct jsonw *w, const struct races_raised *r)
{
	jsonw_object(w);
	jsonw_key(w, "type");
	jsonw_strn(w, r->type, strnlen(r->type, sizeof(r->type)));
	jsonw_key(w, "message");
	jsonw_strn(w, r->message, strnlen(r->message, sizeof(r->message)));
	jsonw_member_if(w, "line", r->line > 0, r->line);
	jsonw_end(w);
}

static void
write_end(struct jsonw *w, const struct races_end *e)
{
	static const char *const hows[RACES_HOWS] = {[RACES_EXITED] = "exit",
		[RACES_SIGNALED] = "signal",
		[RACES_STUCK] = "stuck",
		[RACES_UNFINISHED] = "unfinished",
		[RACES_FLOODED] = "output"};
	const struct races_said *said = &e->said;

	jsonw_key(w, "end");
	jsonw_object(w);
	key_str(w, "how", hows[e->how]);
	jsonw_member_if(w, "exit_code", e->how == RACES_EXITED, e->code);
	jsonw_member_if(w, "signal", e->how == RACES_SIGNALED, e->code);
	jsonw_member_uint(w, "wall_ns", (uint64_t)e->wall_ns);
	jsonw_key(w, "exception");
	if (said->ended)
		write_raised(w, &said->end);
	else
		jsonw_null(w);
	jsonw_member_uint(w, "threads_raised", said->raised);
	jsonw_key(w, "raised");
	jsonw_array(w);
	for (unsigned i = 0; i < said->raised && i < RACES_RAISED; i++)
		write_raised(w, &said->of[i]);
	jsonw_end(w);
	jsonw_end(w);
}

/* False when it is no place: nothing is written. */
static bool
write_place(struct jsonw *w, struct races_place p)
{
	struct races_shown at;

	if (!races_windows_show(p, &at))
		return false;
	jsonw_member_if(w, "line", at.line > 0, at.line);
	jsonw_key(w, "function");
	py_json_str(w, at.function);
	jsonw_member_uint(w, "offset", (uint64_t)at.offset);
	key_str(w, "op", at.op);
	return true;
}

static void
write_switches(struct jsonw *w, const struct races_said *said)
{
	jsonw_key(w, "switches");
	jsonw_array(w);
	for (unsigned i = 0; i < said->switches && i < RACES_SWITCHES; i++) {
		const struct races_switch *s = &said->first[i];
		jsonw_object(w);
		write_place(w, s->at);
		jsonw_member_if(w, "window",
			s->window > 0 &&
				s->window <=
					PyList_GET_SIZE(races_windows_list()),
			s->window);
		jsonw_member_uint(w, "from", s->from);
		jsonw_member_uint(w, "to", s->to);
		jsonw_end(w);
	}
	jsonw_end(w);
}

/* Where threads were that could not go on. */
static void
write_stuck(struct jsonw *w, const struct races_outcome *o)
{
	jsonw_key(w, "places");
	jsonw_array(w);
	if (o->end.how == RACES_STUCK || o->end.how == RACES_UNFINISHED)
		for (unsigned i = 0; i < RACES_THREADS; i++) {
			struct races_shown at;
			if (!races_windows_show(o->said.at[i], &at))
				continue;
			jsonw_object(w);
			jsonw_member_uint(w, "thread", i);
			write_place(w, o->said.at[i]);
			jsonw_end(w);
		}
	jsonw_end(w);
}

static void
write_outcome(struct jsonw *w, const struct races_outcome *o, unsigned number)
{
	unsigned all = 0;

	jsonw_object(w);
	jsonw_member_uint(w, "outcome", number);
	for (int k = 0; k < RACES_KINDS; k++)
		all += o->by[k];
	jsonw_member_uint(w, "schedules", all);
	jsonw_key(w, "by");
	jsonw_object(w);
	for (int k = 0; k < RACES_KINDS; k++)
		jsonw_member_uint(w, kinds[k], o->by[k]);
	jsonw_end(w);
	jsonw_member_uint(w, "first", o->first.number);
	write_end(w, &o->end);
	write_stream(w, "stdout", &o->end.out, o->end.out_text);
	write_stream(w, "stderr", &o->end.err, o->end.err_text);
	jsonw_key(w, "example");
	jsonw_object(w);
	jsonw_member_uint(w, "schedule", o->shown.number);
	key_str(w, "kind", kinds[o->shown.kind]);
	jsonw_member_uint(w, "forced", o->said.switches);
	write_switches(w, &o->said);
	write_stuck(w, o);
	jsonw_end(w);
	jsonw_end(w);
}

static void
write_outcomes(struct jsonw *w, const struct races_result *t)
{
	jsonw_array(w);
	for (unsigned i = 0; i < t->n; i++)
		write_outcome(w, t->of[i], i + 1);
	jsonw_end(w);
}

bool
races_write(const struct lens_run *r, const struct races_result *t)
{
	static const struct {
		const char *member;
		void (*write)(struct jsonw *w, const struct races_result *t);
	} members[] = {{"schedules", write_schedules}, {"kinds", write_kinds},
		{"windows", write_windows}, {"outcomes", write_outcomes}};
	bool whole = true;

	py_lock();
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		struct jsonw *w = record_begin(
			r->records, RECORD_SET, LENS_RACES, members[i].member);
		members[i].write(w, t);
		whole = record_commit(r->records) && whole;
	}
	py_unlock();
	return whole;
}
