/* What was timed of calls, as records. */
#include "sandbox/lenses/profile.h"

#include <string.h>

#include "sandbox/lenses/calltree.h"

/* About what a row takes at most. */
#define FUNCTION_BYTES 400
#define NODE_BYTES     200

static struct jsonw *
set(const struct lens_run *r, const char *member)
{
	return record_begin(r->records, RECORD_SET, LENS_PROFILE, member);
}

/* With calls that are resumed, as cProfile counts them. */
static void
put_times(struct jsonw *w, uint64_t calls, uint64_t own, uint64_t all)
{
	jsonw_member_uint(w, "calls", calls);
	jsonw_member_uint(w, "own_ns", own);
	jsonw_member_uint(w, "all_ns", all);
}

/* What calls have taken that are still running. */
static struct {
	uint64_t functions[CALLTREE_FUNCTIONS], nodes[CALLTREE_NODES];
} running;

static void
put_function(struct jsonw *w, const struct calltree_function *f, uint64_t more)
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
	jsonw_member_uint(w, "nested", f->nested);
	put_times(w, f->calls + f->resumes, f->own_ns, f->all_ns + more);
	jsonw_end(w);
}

static bool
write_functions(const struct lens_run *r)
{
	struct jsonw *w = set(r, "functions");

	jsonw_array(w);
	for (uint32_t i = 0; i < calltree_functions.n; i++)
		put_function(
			w, &calltree_functions.of[i], running.functions[i]);
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
		put_times(w, n->calls + n->resumes, n->own_ns,
			n->all_ns + running.nodes[i]);
		jsonw_end(w);
	}
	jsonw_end(w);
	return record_commit(r->records);
}

static void
write_totals(const struct lens_run *r)
{
	struct jsonw *w = set(r, "totals");
	uint64_t calls = 0, ns = 0;

	for (uint32_t i = 0; i < calltree_functions.n; i++) {
		const struct calltree_function *f = &calltree_functions.of[i];
		calls += f->calls + f->resumes;
		ns += f->own_ns;
	}
	jsonw_object(w);
	jsonw_member_uint(w, "calls", calls);
	jsonw_member_uint(w, "ns", ns);
	jsonw_member_uint(w, "threads", calltree_stack.n);
	jsonw_member_uint(w, "no_function", calltree_functions.dropped);
	jsonw_member_uint(w, "no_node", calltree_tree.dropped);
	jsonw_end(w);
	record_commit(r->records);
}

void
profile_write(const struct lens_run *r, bool rest)
{
	memset(&running, 0, sizeof(running));
	calltree_stack_running(running.functions, running.nodes);
	bool whole = write_functions(r) & write_tree(r);
	bool cut = rest || !whole || calltree_functions.dropped ||
		   calltree_tree.dropped || calltree_stack.dropped_threads ||
		   calltree_stack.lost;

	write_totals(r);
	jsonw_bool(set(r, "truncated"), cut);
	record_commit(r->records);
}

size_t
profile_write_bytes(void)
{
	return (size_t)calltree_functions.n * FUNCTION_BYTES +
	       (size_t)calltree_tree.n * NODE_BYTES + 1000;
}
