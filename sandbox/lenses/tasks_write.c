/* Tasks, loops, spans and waits, as records. */
#include "sandbox/lenses/tasks.h"

#include "sandbox/py/clock.h"

/* About what a row takes at most. */
#define TASK_BYTES     800
#define SPAN_BYTES     220
#define WAIT_BYTES     350
#define BLOCKED_BYTES  400
#define FUNCTION_BYTES 450

static struct jsonw *
set(struct record_writer *r, const char *member)
{
	return record_begin(r, RECORD_SET, LENS_TASKS, member);
}

static void
put_time(struct jsonw *w, const char *key, int64_t t)
{
	jsonw_member_if(w, key, t != TASKS_NEVER, t);
}

static void
put_some(struct jsonw *w, const char *key, uint32_t n)
{
	jsonw_member_if(w, key, n != 0, n);
}

static void
put_function(struct jsonw *w, const char *key, uint32_t n)
{
	jsonw_member_if(w, key, n != CALLTREE_NONE, n);
}

static void
put_line(struct jsonw *w, const char *key, int line)
{
	jsonw_member_if(w, key, line > 0, line);
}

static void
put_text(struct jsonw *w, const char *key, const char *s)
{
	jsonw_key(w, key);
	if (*s)
		jsonw_str(w, s);
	else
		jsonw_null(w);
}

static void
put_bool(struct jsonw *w, const char *key, bool v)
{
	jsonw_key(w, key);
	jsonw_bool(w, v);
}

static void
put_on(struct jsonw *w, const struct tasks_on *on)
{
	jsonw_key(w, "on");
	jsonw_array(w);
	for (unsigned i = 0; i < on->n; i++)
		jsonw_uint(w, on->of[i]);
	jsonw_end(w);
	jsonw_member_uint(w, "on_others", on->others);
}

static void
write_totals(struct record_writer *r)
{
	const struct tasks_table *all = &tasks_table;
	uint64_t over = all->ended[TASKS_RETURNED] + all->ended[TASKS_RAISED] +
			all->ended[TASKS_CANCELLED];
	struct jsonw *w = set(r, "totals");

	jsonw_object(w);
	put_time(w, "ns", tasks_table_now());
	jsonw_member_uint(w, "loops", tasks_loops.n + tasks_loops.dropped);
	jsonw_member_uint(w, "tasks", all->n + all->dropped);
	jsonw_member_uint(w, "returned", all->ended[TASKS_RETURNED]);
	jsonw_member_uint(w, "raised", all->ended[TASKS_RAISED]);
	jsonw_member_uint(w, "cancelled", all->ended[TASKS_CANCELLED]);
	jsonw_member_uint(w, "never_done", all->n - over);
	jsonw_member_uint(w, "steps", tasks_step_count());
	jsonw_member_uint(w, "blocked", tasks_blocks.all);
	jsonw_member_uint(
		w, "blocked_ms", (uint64_t)tasks_blocks.threshold_ns / 1000000);
	jsonw_member_uint(w, "python_tasks", all->python);
	jsonw_key(w, "skipped_ns");
	if (py_clock_is_virtual())
		jsonw_int(w, py_clock_skipped_ns());
	else
		jsonw_null(w);
	jsonw_end(w);
	record_commit(r);
}

static void
put_loop(struct jsonw *w, unsigned i)
{
	const struct tasks_loop *l = &tasks_loops.of[i];

	jsonw_object(w);
	jsonw_member_uint(w, "loop", i + 1);
	put_text(w, "type", l->type);
	jsonw_member_uint(w, "thread", l->thread);
	put_time(w, "from_ns", l->from);
	put_time(w, "to_ns", l->to);
	jsonw_member_uint(w, "turns", l->turns);
	jsonw_member_uint(w, "callbacks", l->callbacks);
	jsonw_member_uint(w, "steps", l->steps);
	put_time(w, "busy_ns", l->busy_ns);
	put_time(w, "idle_ns", l->idle_ns);
	put_time(w, "idle_since_ns", l->idle);
	put_bool(w, "idle_forever", l->idle != TASKS_NEVER && l->forever);
	jsonw_end(w);
}

static void
write_loops(struct record_writer *r)
{
	struct jsonw *w = set(r, "loops");

	jsonw_array(w);
	for (unsigned i = 0; i < tasks_loops.n; i++)
		put_loop(w, i);
	jsonw_end(w);
	record_commit(r);
}

static const char *const states[TASKS_STATES] = {
	[TASKS_READY] = "ready",
	[TASKS_RUNNING] = "running",
	[TASKS_WAITING] = "waiting",
	[TASKS_RETURNED] = "returned",
	[TASKS_RAISED] = "raised",
	[TASKS_CANCELLED] = "cancelled",
};

static void
put_state(struct jsonw *w, enum tasks_state s)
{
	jsonw_key(w, "state");
	jsonw_str(w, states[s]);
}

static void
put_task(struct jsonw *w, const struct tasks_task *t, int64_t now)
{
	static const struct tasks_on none;
	bool waits = t->state == TASKS_WAITING, over = t->ended != TASKS_NEVER;
	int64_t ns[TASKS_WAITING + 1];

	/* What goes on counts. */
	for (int i = 0; i <= TASKS_WAITING; i++)
		ns[i] = t->ns[i] +
			((int)t->state == i && !over ? now - t->since : 0);
	jsonw_object(w);
	jsonw_member_uint(w, "task", t->number);
	put_text(w, "name", t->named ? t->name : "");
	put_function(w, "function", t->function);
	put_text(w, "coroutine", t->coroutine);
	put_some(w, "loop", t->loop);
	put_some(w, "parent", t->parent);
	jsonw_member_if(w, "created_ns", !t->late, t->created);
	put_line(w, "line", t->line);
	put_function(w, "by", t->by);
	put_bool(w, "eager", t->eager);
	put_state(w, t->state);
	put_text(w, "exception", t->exception);
	put_time(w, "ended_ns", t->ended);
	jsonw_member_if(w, "since_ns", !over, t->since);
	jsonw_member_uint(w, "steps", t->steps);
	put_time(w, "running_ns", ns[TASKS_RUNNING]);
	put_time(w, "ready_ns", ns[TASKS_READY]);
	put_time(w, "waiting_ns", ns[TASKS_WAITING]);
	put_time(w, "longest_ns", t->longest_ns);
	put_some(w, "wait", waits ? t->wait : 0);
	put_on(w, waits ? &t->on : &none);
	jsonw_end(w);
}

static void
write_tasks(struct record_writer *r)
{
	struct jsonw *w = set(r, "tasks");
	int64_t now = tasks_table_now();

	jsonw_array(w);
	for (uint32_t i = 1; i <= tasks_table.n; i++)
		put_task(w, tasks_table_at(i), now);
	jsonw_end(w);
	record_commit(r);
}

static void
write_spans(struct record_writer *r)
{
	struct jsonw *w = set(r, "spans");
	size_t n = tasks_table_kept();

	jsonw_array(w);
	for (size_t i = 0; i < n; i++) {
		const struct tasks_span *s = tasks_table_span(i);
		jsonw_object(w);
		jsonw_member_uint(w, "task", s->task);
		put_state(w, s->state);
		put_time(w, "from_ns", s->from);
		put_time(w, "to_ns", s->to);
		put_some(w, "wait", s->wait);
		put_on(w, &s->on);
		jsonw_end(w);
	}
	jsonw_end(w);
	record_commit(r);
}

static const char *const kinds[TASKS_KINDS] = {
	[TASKS_K_NONE] = "future",
	[TASKS_K_YIELD] = "yield",
	[TASKS_K_SLEEP] = "sleep",
	[TASKS_K_TASK] = "task",
	[TASKS_K_TASKS] = "tasks",
	[TASKS_K_LOCK] = "lock",
	[TASKS_K_QUEUE] = "queue",
	[TASKS_K_IO] = "io",
	[TASKS_K_THREAD] = "thread",
	[TASKS_K_FUTURE] = "future",
};

static void
write_waits(struct record_writer *r)
{
	struct jsonw *w = set(r, "waits");

	jsonw_array(w);
	for (uint32_t i = 1; i < tasks_waits.n; i++) {
		const struct tasks_wait *t = &tasks_waits.of[i];
		jsonw_object(w);
		jsonw_member_uint(w, "wait", i);
		jsonw_key(w, "kind");
		jsonw_str(w, kinds[t->kind]);
		put_text(w, "type", t->type);
		put_function(w, "function", t->function);
		put_time(w, "delay_ns", t->delay_ns);
		put_line(w, "line", t->line);
		put_function(w, "in", t->in);
		jsonw_member_uint(w, "times", t->times);
		put_time(w, "ns", t->ns);
		put_time(w, "longest_ns", t->longest_ns);
		jsonw_end(w);
	}
	jsonw_end(w);
	record_commit(r);
}

static void
put_blocked(struct jsonw *w, const struct tasks_blocked *b)
{
	jsonw_object(w);
	put_time(w, "from_ns", b->from);
	put_time(w, "ns", b->ns);
	put_some(w, "loop", b->loop);
	put_some(w, "task", b->task);
	put_text(w, "callback", b->callback);
	put_line(w, "from_line", b->from_line);
	put_line(w, "to_line", b->to_line);
	jsonw_key(w, "call");
	if (b->call.function == CALLTREE_NONE) {
		jsonw_null(w);
	} else {
		jsonw_object(w);
		jsonw_member_uint(w, "function", b->call.function);
		put_line(w, "line", b->call.line);
		put_time(w, "ns", b->call.ns);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
write_blocked(struct record_writer *r)
{
	struct jsonw *w = set(r, "blocked");

	jsonw_array(w);
	for (unsigned i = 0; i < tasks_blocks.n; i++)
		put_blocked(w, &tasks_blocks.of[i]);
	jsonw_end(w);
	record_commit(r);
}

static void
write_functions(struct record_writer *r)
{
	struct jsonw *w = set(r, "functions");

	jsonw_array(w);
	for (uint32_t i = 0; i < calltree_functions.n; i++) {
		const struct calltree_function *f = &calltree_functions.of[i];
		jsonw_object(w);
		jsonw_key(w, "name");
		jsonw_str(w, f->name);
		jsonw_key(w, "kind");
		jsonw_str(w, f->is_c ? "c" : "python");
		jsonw_key(w, "file");
		if (f->file)
			jsonw_str(w, f->file);
		else
			jsonw_null(w);
		put_line(w, "line", f->line);
		jsonw_end(w);
	}
	jsonw_end(w);
	record_commit(r);
}

static void
write_graph(struct record_writer *r)
{
	tasks_graph_write_cycles(set(r, "cycles"));
	record_commit(r);
	jsonw_bool(set(r, "stuck"), tasks_graph_is_stuck());
	record_commit(r);
}

static uint64_t
dropped_spans(void)
{
	return tasks_table.spans - tasks_table_kept();
}

static void
write_dropped(struct record_writer *r)
{
	struct jsonw *w = set(r, "dropped");

	jsonw_object(w);
	jsonw_member_uint(w, "tasks", tasks_table.dropped);
	jsonw_member_uint(w, "spans", dropped_spans());
	jsonw_member_uint(w, "waits", tasks_waits.dropped);
	jsonw_member_uint(w, "blocked", tasks_blocks.all - tasks_blocks.n);
	jsonw_member_uint(w, "loops", tasks_loops.dropped);
	jsonw_end(w);
	record_commit(r);
}

void
tasks_write(struct record_writer *r)
{
	write_totals(r);
	write_loops(r);
	write_tasks(r);
	write_spans(r);
	write_waits(r);
	write_blocked(r);
	write_functions(r);
	write_graph(r);
	write_dropped(r);
}

bool
tasks_write_left_out(void)
{
	return tasks_table.dropped || tasks_table.python || dropped_spans() ||
	       tasks_waits.dropped || tasks_blocks.all > tasks_blocks.n ||
	       tasks_loops.dropped;
}

size_t
tasks_write_bytes(void)
{
	return tasks_table.n * (size_t)TASK_BYTES +
	       tasks_table_kept() * SPAN_BYTES +
	       tasks_waits.n * (size_t)WAIT_BYTES +
	       tasks_blocks.n * (size_t)BLOCKED_BYTES +
	       calltree_functions.n * (size_t)FUNCTION_BYTES + 16384;
}
