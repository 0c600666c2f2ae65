/* What was timed of calls, as records. */
#include "sandbox/lenses/profile.h"

#include "sandbox/lenses/calltree.h"

/* About what a row takes at most. */
#define FUNCTION_BYTES 400
#define NODE_BYTES     200

static struct jsonw *
set(const struct lens_run *r, const char *member)
{
	return record_begin(r->records, RECORD_SET, LENS_PROFILE, member);
}

static void
put_uint(struct jsonw *w, const char *key, uint64_t n)
{
	jsonw_key(w, key);
	jsonw_uint(w, n);
}

/* A number, or null in place of none. */
static void
put_maybe(struct jsonw *w, const char *key, uint64_t n, uint64_t none)
{
	jsonw_key(w, key);
	if (n == none)
		jsonw_null(w);
	else
		jsonw_uint(w, n);
}

static void
put_line(struct jsonw *w, int line)
{
	put_maybe(w, "line", line > 0 ? (uint64_t)line : 0, 0);
}

/* With calls that are resumed, as cProfile counts them. */
static void
put_times(struct jsonw *w, uint64_t calls, uint64_t own, uint64_t all)
{
	put_uint(w, "calls", calls);
	put_uint(w, "own_ns", own);
	put_uint(w, "all_ns", all);
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
	put_line(w, f->line);
	put_uint(w, "nested", f->nested);
	put_times(w, f->calls + f->resumes, f->own_ns, f->all_ns);
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
		put_maybe(w, "parent", n->parent, CALLTREE_NONE);
		put_uint(w, "function", n->function);
		put_line(w, n->line);
		put_times(w, n->calls + n->resumes, n->own_ns, n->all_ns);
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
	put_uint(w, "calls", calls);
	put_uint(w, "ns", ns);
	put_uint(w, "threads", calltree_stack.n);
	put_uint(w, "no_function", calltree_functions.dropped);
	put_uint(w, "no_node", calltree_tree.dropped);
	jsonw_end(w);
	record_commit(r->records);
}

void
profile_write(const struct lens_run *r, bool rest)
{
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
