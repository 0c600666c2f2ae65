/* Threads, places and holds, as records. */
#include "sandbox/lenses/threads.h"

/* For a run that is ended from outside: what there is by then, ever more
 * seldom, as long as there is room for the last word. */
#define FIRST_SNAPSHOT_NS 100000000LL
#define HOLD_BYTES	  300 /* about what a row takes at most */
#define PLACE_BYTES	  700
#define THREAD_BYTES	  700

static void
put_time(struct jsonw *w, const char *key, int64_t t)
{
	jsonw_member_if(w, key, t != THREADS_NEVER, t);
}

static void
put_name(struct jsonw *w, const char *key, uint32_t name)
{
	jsonw_key(w, key);
	if (name)
		jsonw_str(w, threads_places_name(name));
	else
		jsonw_null(w);
}

static struct jsonw *
set(struct record_writer *r, const char *member)
{
	return record_begin(r, RECORD_SET, LENS_THREADS, member);
}

/* Is there one, or was there while a module was imported that needs it? */
static bool
has_gil(void)
{
	return threads_gil_is_on() || threads_holds.n;
}

static void
write_totals(struct record_writer *r)
{
	const struct threads_holds *h = &threads_holds;
	int64_t now = threads_holds_now();
	struct jsonw *w = set(r, "totals");

	jsonw_object(w);
	jsonw_key(w, "gil");
	jsonw_bool(w, threads_gil_is_on());
	put_time(w, "ns", now);
	bool gil = has_gil();
	jsonw_member_if(w, "takes", gil, (int64_t)h->takes);
	jsonw_member_if(w, "releases", gil, (int64_t)h->drops);
	jsonw_member_if(w, "forced", gil, (int64_t)h->forced);
	jsonw_member_if(w, "voluntary", gil, (int64_t)h->voluntary);
	jsonw_member_if(w, "ended", gil, (int64_t)h->ends);
	jsonw_member_if(w, "requests", gil, (int64_t)h->requests);
	jsonw_member_if(w, "switches", gil, (int64_t)h->switches);
	jsonw_member_if(w, "switch_number", gil,
		(int64_t)(threads_gil_switches() - h->switches_before));
	jsonw_member_if(w, "free_ns", gil, h->free_ns);
	jsonw_end(w);
	record_commit(r);
}

static void
write_intervals(struct record_writer *r)
{
	struct jsonw *w = set(r, "switch_intervals");

	jsonw_array(w);
	for (unsigned i = 0; i < threads_holds.nintervals; i++) {
		jsonw_object(w);
		put_time(w, "seen_ns", threads_holds.interval[i].at);
		jsonw_member_uint(w, "us", threads_holds.interval[i].us);
		jsonw_end(w);
	}
	jsonw_end(w);
	record_commit(r);
}

/* What waits, or holds, at this moment counts. */
static void
put_thread(struct jsonw *w, const struct threads_thread *t)
{
	jsonw_object(w);
	jsonw_member_uint(w, "thread", t->number);
	jsonw_member_if(w, "ident", t->ident != 0, (int64_t)t->ident);
	jsonw_key(w, "name");
	if (t->named)
		jsonw_str(w, t->name);
	else
		jsonw_null(w);
	jsonw_key(w, "daemon");
	if (t->named)
		jsonw_bool(w, t->daemon);
	else
		jsonw_null(w);
	jsonw_member_if(w, "by", t->by != 0, t->by);
	jsonw_member_if(w, "at", t->at != 0, t->at);
	put_time(w, "started_ns", t->created);
	put_time(w, "began_ns", t->began);
	put_time(w, "ended_ns", t->ended);
	bool gil = has_gil();
	jsonw_member_if(w, "takes", gil, (int64_t)t->takes);
	jsonw_member_if(w, "releases", gil, (int64_t)t->drops);
	jsonw_member_if(w, "forced", gil, (int64_t)t->forcibly);
	jsonw_member_if(w, "voluntary", gil, (int64_t)t->by_itself);
	jsonw_member_if(w, "waits", gil, (int64_t)t->waits);
	jsonw_member_if(w, "requests", gil, (int64_t)t->requests);
	jsonw_member_if(w, "held_ns", gil, t->held_ns);
	jsonw_member_if(w, "waited_ns", gil, t->waited_ns);
	jsonw_member_if(w, "away_ns", gil, t->away_ns);
	jsonw_member_if(
		w, "longest_hold_ns", t->longest_hold != 0, t->longest_hold_ns);
	jsonw_member_if(w, "longest_hold", t->longest_hold != 0,
		(int64_t)t->longest_hold);
	jsonw_member_if(
		w, "longest_wait_ns", t->longest_wait != 0, t->longest_wait_ns);
	jsonw_member_if(w, "longest_wait", t->longest_wait != 0,
		(int64_t)t->longest_wait);
	put_time(w, "waits_since_ns", t->wants);
	jsonw_member_if(w, "left", t->left != 0, t->left);
	jsonw_end(w);
}

static void
write_threads(struct record_writer *r)
{
	struct jsonw *w = set(r, "threads");

	jsonw_array(w);
	for (unsigned i = 0; i < threads_table.n; i++)
		put_thread(w, &threads_table.of[i]);
	jsonw_end(w);
	record_commit(r);
}

static void
put_place(struct jsonw *w, uint32_t i)
{
	const struct threads_place *p = &threads_places.of[i];
	bool columns = p->line && p->column >= 0;

	jsonw_object(w);
	jsonw_member_uint(w, "place", i);
	jsonw_member_if(w, "line", p->line != 0, p->line);
	jsonw_member_if(w, "column", columns, p->column);
	jsonw_member_if(w, "end_line", columns, p->end_line);
	jsonw_member_if(w, "end_column", columns, p->end_column);
	put_name(w, "function", p->function);
	jsonw_key(w, "library");
	if (p->library_file) {
		jsonw_object(w);
		put_name(w, "file", p->library_file);
		jsonw_member_if(
			w, "line", p->library_line != 0, p->library_line);
		put_name(w, "function", p->library_function);
		jsonw_end(w);
	} else {
		jsonw_null(w);
	}
	jsonw_member_uint(w, "forced", p->forced);
	jsonw_member_uint(w, "voluntary", p->voluntary);
	put_time(w, "away_ns", p->away_ns);
	put_time(w, "waited_ns", p->waited_ns);
	jsonw_end(w);
}

static void
write_places(struct record_writer *r)
{
	struct jsonw *w = set(r, "places");

	jsonw_array(w);
	for (uint32_t i = 1; i < threads_places.n; i++)
		put_place(w, i);
	jsonw_end(w);
	record_commit(r);
}

static const char *const how[] = {
	[THREADS_STILL] = NULL,
	[THREADS_FORCED] = "forced",
	[THREADS_VOLUNTARY] = "voluntary",
	[THREADS_END] = "ended",
};

static void
put_hold(struct jsonw *w, const struct threads_hold *h)
{
	jsonw_object(w);
	jsonw_member_uint(w, "n", h->n);
	jsonw_member_if(w, "thread", h->thread != 0, h->thread);
	put_time(w, "wanted_ns", h->wanted);
	put_time(w, "from_ns", h->from);
	jsonw_member_if(w, "to_ns", h->how != THREADS_STILL, h->to);
	jsonw_member_if(w, "at", h->at != 0, h->at);
	jsonw_member_if(w, "left", h->left != 0, h->left);
	jsonw_key(w, "how");
	if (how[h->how])
		jsonw_str(w, how[h->how]);
	else
		jsonw_null(w);
	jsonw_member_uint(w, "requests", h->requests);
	put_time(w, "request_ns", h->request);
	jsonw_member_if(w, "requester", h->requester != 0, h->requester);
	jsonw_end(w);
}

static void
write_holds(struct record_writer *r)
{
	struct jsonw *w = set(r, "holds");
	size_t n = threads_holds_kept();

	jsonw_array(w);
	for (size_t i = 0; i < n; i++)
		put_hold(w, threads_holds_at(i));
	jsonw_end(w);
	record_commit(r);
}

static void
write_dropped(struct record_writer *r)
{
	struct jsonw *w = set(r, "dropped");

	jsonw_object(w);
	jsonw_member_uint(w, "holds", threads_holds.n - threads_holds_kept());
	jsonw_member_uint(w, "threads", threads_table.dropped);
	jsonw_member_uint(w, "places", threads_places.dropped);
	jsonw_member_uint(
		w, "switch_intervals", threads_holds.dropped_intervals);
	jsonw_end(w);
	record_commit(r);
}

void
threads_write(struct record_writer *r)
{
	write_totals(r);
	write_intervals(r);
	write_threads(r);
	write_places(r);
	write_holds(r);
	write_dropped(r);
}

bool
threads_write_left_out(void)
{
	return threads_holds.n > threads_holds_kept() ||
	       threads_table.dropped || threads_places.dropped ||
	       threads_holds.dropped_intervals;
}

static size_t
bytes(void)
{
	return threads_holds_kept() * HOLD_BYTES +
	       threads_places.n * (size_t)PLACE_BYTES +
	       threads_table.n * (size_t)THREAD_BYTES + 8192;
}

void
threads_write_snapshot(struct record_writer *r)
{
	static int64_t next = FIRST_SNAPSHOT_NS;

	if (threads_holds_now() < next || r->open)
		return;
	if (r->size - r->start > 2 * bytes())
		threads_write(r);
	next = 2 * threads_holds_now();
}
