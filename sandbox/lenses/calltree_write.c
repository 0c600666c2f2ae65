/* What was seen of calls, as records. */
#include "sandbox/lenses/calltree.h"

/* Entries of a stack that are shown of each end. */
#define END_ENTRIES 40
/* About what a row takes at most. */
#define FUNCTION_BYTES 400
#define NODE_BYTES     200
#define THREAD_BYTES   12000

static struct jsonw *
set(const struct lens_run *r, const char *member)
{
	return record_begin(r->records, RECORD_SET, LENS_FRAMES, member);
}

static void
put_function(struct jsonw *w, const struct calltree_function *f)
{
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
	jsonw_member_if(w, "line", f->line > 0, f->line);
	jsonw_member_uint(w, "calls", f->calls);
	jsonw_member_uint(w, "resumes", f->resumes);
	jsonw_member_uint(w, "unwound", f->unwound);
	jsonw_member_uint(w, "nested", f->nested);
	jsonw_member_uint(w, "most_active", f->most_active);
	jsonw_member_uint(w, "c_bytes", f->c_bytes);
	jsonw_end(w);
}

static bool
write_functions(const struct lens_run *r)
{
	struct jsonw *w = set(r, "functions");

	jsonw_array(w);
	for (uint32_t i = 0; i < calltree_functions.n; i++)
		put_function(w, &calltree_functions.of[i]);
	jsonw_end(w);
	return record_commit(r->records);
}

static bool
write_tree(const struct lens_run *r)
{
	struct jsonw *w = set(r, "tree");

	jsonw_array(w);
	for (uint32_t i = 0; i < calltree_tree.n; i++) {
		const struct calltree_node *n = &calltree_tree.of[i];
		jsonw_object(w);
		jsonw_member_if(
			w, "parent", n->parent != CALLTREE_NONE, n->parent);
		jsonw_member_uint(w, "function", n->function);
		jsonw_member_if(w, "line", n->line > 0, n->line);
		jsonw_member_uint(w, "calls", n->calls);
		jsonw_member_uint(w, "resumes", n->resumes);
		jsonw_member_uint(w, "unwound", n->unwound);
		jsonw_member_uint(w, "deeper", n->deeper);
		jsonw_member_uint(w, "first", n->first);
		jsonw_member_uint(w, "last", n->last);
		jsonw_member_uint(w, "c_bytes", n->c_bytes);
		jsonw_end(w);
	}
	jsonw_end(w);
	return record_commit(r->records);
}

/* The line that the i-th entry is at: where it calls what is above it. */
static int
line_in(const struct calltree_entry *of, uint32_t n, uint32_t i)
{
	if (of[i].is_c)
		return 0;
	if (i + 1 < n)
		return of[i + 1].line;
	return of[i].function == CALLTREE_NONE
		       ? 0
		       : calltree_functions.of[of[i].function].line;
}

static void
put_entry(struct jsonw *w, const struct calltree_entry *of, uint32_t n,
	uint32_t i)
{
	int line = line_in(of, n, i);

	jsonw_object(w);
	jsonw_member_if(
		w, "function", of[i].function != CALLTREE_NONE, of[i].function);
	jsonw_member_if(w, "line", line > 0, line);
	jsonw_member_uint(w, "c_used", of[i].used);
	jsonw_end(w);
}

/* How often each function is on it; those that are there more than once.
 * Functions are few there, or this would be slow: the first 8 are told. */
static void
put_repeated(struct jsonw *w, const struct calltree_entry *of, uint32_t n)
{
	uint32_t seen[8], times[8], many = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t k = 0;
		while (k < many && seen[k] != of[i].function)
			k++;
		if (k == 8 || of[i].function == CALLTREE_NONE)
			continue;
		if (k == many) {
			seen[many] = of[i].function;
			times[many++] = 0;
		}
		times[k]++;
	}
	jsonw_key(w, "repeated");
	jsonw_array(w);
	for (uint32_t k = 0; k < many; k++) {
		if (times[k] < 2)
			continue;
		jsonw_object(w);
		jsonw_member_uint(w, "function", seen[k]);
		jsonw_member_uint(w, "times", times[k]);
		jsonw_end(w);
	}
	jsonw_end(w);
}

void
calltree_write_picture(struct jsonw *w, const struct calltree_entry *of,
	uint32_t n, uint32_t depth, uint64_t event)
{
	uint32_t left = n > 2 * END_ENTRIES ? n - 2 * END_ENTRIES : 0;

	jsonw_object(w);
	jsonw_member_uint(w, "depth", depth);
	jsonw_member_uint(w, "event", event);
	jsonw_member_uint(w, "left_out", left);
	jsonw_key(w, "outermost");
	jsonw_array(w);
	for (uint32_t i = 0; i < n && (!left || i < END_ENTRIES); i++)
		put_entry(w, of, n, i);
	jsonw_end(w);
	jsonw_key(w, "innermost");
	jsonw_array(w);
	for (uint32_t i = left ? n - END_ENTRIES : n; i < n; i++)
		put_entry(w, of, n, i);
	jsonw_end(w);
	put_repeated(w, of, n);
	jsonw_end(w);
}

static void
put_thread(struct jsonw *w, struct calltree_thread *t)
{
	const struct calltree_picture *p = calltree_stack_deepest(t);

	jsonw_object(w);
	jsonw_member_uint(w, "thread", t->number);
	jsonw_member_uint(w, "calls", t->calls);
	jsonw_member_uint(w, "base", t->base);
	jsonw_member_uint(w, "depth", t->most);
	jsonw_member_if(w, "c_stack", t->c.bytes != 0, (int64_t)t->c.bytes);
	jsonw_member_uint(w, "c_at_start", t->c_at_start);
	jsonw_member_uint(w, "c_most", t->c_most);
	jsonw_member_uint(w, "every", t->every);
	jsonw_key(w, "depths");
	jsonw_array(w);
	for (uint32_t i = 0; i < t->points; i++) {
		jsonw_array(w);
		jsonw_uint(w, t->point[i].low);
		jsonw_uint(w, t->point[i].high);
		jsonw_end(w);
	}
	jsonw_end(w);
	jsonw_key(w, "deepest");
	calltree_write_picture(w, p->of, p->n, t->most, p->event);
	jsonw_end(w);
}

static bool
write_threads(const struct lens_run *r)
{
	struct jsonw *w = set(r, "threads");
	const struct calltree_thread *last = NULL;

	/* In the order in which they came; the list has the last first. */
	jsonw_array(w);
	for (;;) {
		struct calltree_thread *t = calltree_stack.threads;
		while (t && t->next != last)
			t = t->next;
		if (!t || t->number > CALLTREE_THREADS)
			break;
		put_thread(w, t);
		last = t;
	}
	jsonw_end(w);
	return record_commit(r->records);
}

static bool
write_limits(const struct lens_run *r)
{
	struct jsonw *w = set(r, "limits");

	jsonw_object(w);
	jsonw_key(w, "recursion_limit");
	jsonw_int(w, Py_GetRecursionLimit());
	jsonw_key(w, "c_recursion");
	calltree_cstack_write_limit(w);
	jsonw_end(w);
	return record_commit(r->records);
}

static bool
write_dropped(const struct lens_run *r)
{
	struct jsonw *w = set(r, "dropped");

	jsonw_object(w);
	jsonw_member_uint(w, "no_function", calltree_functions.dropped);
	jsonw_member_uint(w, "no_node", calltree_tree.dropped);
	jsonw_member_uint(w, "threads",
		calltree_stack.dropped_threads +
			(calltree_stack.n > CALLTREE_THREADS
					? calltree_stack.n - CALLTREE_THREADS
					: 0));
	jsonw_end(w);
	return record_commit(r->records);
}

void
calltree_write(const struct lens_run *r, bool rest)
{
	bool whole = write_functions(r) & write_tree(r) & write_threads(r) &
		     write_limits(r) & write_dropped(r);
	bool cut = rest || !whole || calltree_functions.dropped ||
		   calltree_tree.dropped || calltree_stack.dropped_threads ||
		   calltree_stack.lost || calltree_stack.n > CALLTREE_THREADS;

	jsonw_uint(set(r, "events"), calltree_stack.events);
	record_commit(r->records);
	jsonw_bool(set(r, "truncated"), cut);
	record_commit(r->records);
}

size_t
calltree_write_bytes(void)
{
	unsigned threads = calltree_stack.n < CALLTREE_THREADS
				   ? calltree_stack.n
				   : CALLTREE_THREADS;

	return (size_t)calltree_functions.n * FUNCTION_BYTES +
	       (size_t)calltree_tree.n * NODE_BYTES +
	       (size_t)threads * THREAD_BYTES + 1000;
}

void
calltree_write_mark(
	const struct lens_run *r, struct calltree_thread *t, unsigned percent)
{
	struct jsonw *w =
		record_begin(r->records, RECORD_ITEM, LENS_FRAMES, "marks");

	jsonw_object(w);
	jsonw_member_uint(w, "percent", percent);
	jsonw_member_uint(w, "thread", t->number);
	jsonw_member_uint(w, "c_used", t->c_most);
	jsonw_member_uint(w, "c_stack", t->c.bytes);
	jsonw_key(w, "stack");
	calltree_write_picture(w, t->of, t->n, t->depth, calltree_stack.events);
	jsonw_end(w);
	record_commit(r->records);
	/* What its numbers stand for. */
	write_functions(r);
}
