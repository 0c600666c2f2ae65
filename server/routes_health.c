/* How it goes: alive, ready, numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/scope.h"
#include "server/routes.h"

void
routes_get_livez(struct exchange *x, struct site *s)
{
	(void)s;
	http_json(x, 200, json_pack("{s:s}", "status", "alive"));
}

void
routes_get_readyz(struct exchange *x, struct site *s)
{
	bool serves = engine_ready(s->engine, NULL) == 1;
	bool over = s->probes && probes_over(s->probes);
	bool ready = serves && over && probes_fine(s->probes) && !s->stopping;

	http_json(x, ready ? 200 : 503,
		json_pack("{s:s, s:o}", "status",
			ready		 ? "ready"
			: s->stopping	 ? "stopping"
			: serves && over ? "a probe was not contained"
					 : "starting",
			"probes",
			s->probes ? probes_json(s->probes, false)
				  : json_array()));
}

/* Bytes of memory that the server itself holds. */
static unsigned long long
resident_bytes(void)
{
	scope_file FILE *f = fopen("/proc/self/statm", "re");
	unsigned long long total, resident;

	if (!f || fscanf(f, "%llu %llu", &total, &resident) != 2)
		return 0;
	return resident * (unsigned long long)sysconf(_SC_PAGESIZE);
}

static void
put(struct buf *b, const char *name, const char *type, const char *help,
	unsigned long long value)
{
	buf_printf(b,
		"# HELP vitrine_%s %s\n# TYPE vitrine_%s %s\nvitrine_%s %llu\n",
		name, help, name, type, name, value);
}

static void
put_http(struct buf *b, const struct http_stats *h)
{
	put(b, "http_requests_total", "counter", "Requests begun.",
		h->requests);
	buf_printf(b, "# HELP vitrine_http_replies_total Replies by the "
		      "hundreds of their status.\n"
		      "# TYPE vitrine_http_replies_total counter\n");
	for (int i = 2; i < 6; i++)
		buf_printf(b,
			"vitrine_http_replies_total{class=\"%dxx\"} %llu\n", i,
			h->replies[i]);
	put(b, "http_requests_busy", "gauge", "Requests under way.", h->busy);
}

static void
put_refused(struct buf *b, const struct engine_stats *e)
{
	static const char *const reasons[ADMIT_VERDICTS] = {
		[ADMIT_QUEUE] = "queue",
		[ADMIT_CLIENT] = "client",
		[ADMIT_WAIT] = "wait",
	};

	buf_printf(b,
		"# HELP vitrine_runs_refused_total Runs not taken in: the "
		"queue was full, the client had its share, or the wait would "
		"have been too long.\n"
		"# TYPE vitrine_runs_refused_total counter\n");
	for (int i = ADMIT_YES + 1; i < ADMIT_VERDICTS; i++)
		buf_printf(b,
			"vitrine_runs_refused_total{reason=\"%s\"} %llu\n",
			reasons[i], (unsigned long long)e->refused_total[i]);
}

static void
put_queue(struct buf *b, const struct engine_stats *e)
{
	put(b, "runs_running", "gauge", "Runs that have begun.", e->running);
	put(b, "runs_queued", "gauge", "Runs that wait for a slot.", e->queued);
	put(b, "slots", "gauge", "Passes that may run at a time.", e->slots);
	put(b, "clients", "gauge", "Clients that have a run here.", e->clients);
	put(b, "client_runs_most", "gauge",
		"Runs of the client that has the most.", e->client_most);
	buf_printf(b,
		"# HELP vitrine_queue_oldest_seconds How long the oldest run "
		"has waited that waits.\n"
		"# TYPE vitrine_queue_oldest_seconds gauge\n"
		"vitrine_queue_oldest_seconds %.3f\n",
		(double)e->oldest_ns / 1e9);
}

static void
put_engine(struct buf *b, const struct engine_stats *e)
{
	put(b, "runs_total", "counter", "Runs taken in.", e->runs_total);
	put(b, "runs_unavailable_total", "counter",
		"Runs that could not be made, by our fault.",
		e->runs_unavailable_total);
	put(b, "runs_retried_total", "counter",
		"Runs made again after a runner was lost.",
		e->runs_retried_total);
	put(b, "runs_waited_out_total", "counter",
		"Runs that waited as long as runs may, and were not begun.",
		e->runs_waited_out_total);
	put(b, "runs_late_total", "counter",
		"Runs whose deadline was over before they were made.",
		e->runs_late_total);
	put(b, "passes_total", "counter", "Passes ordered from runners.",
		e->passes_total);
	put(b, "runner_starts_total", "counter",
		"Runners started, the first included.", e->runner_starts_total);
	put(b, "runner_renewals_total", "counter",
		"Runners replaced, by age or count, while they served.",
		e->runner_renewals_total);
}

static void
put_links(struct buf *b, const struct links *l)
{
	unsigned long long bytes;
	unsigned n = links_count(l, &bytes);

	put(b, "links", "gauge", "Links that are stored.", n);
	put(b, "links_bytes", "gauge", "Bytes of their files.", bytes);
}

void
routes_get_metrics(struct exchange *x, struct site *s)
{
	const struct engine_stats e = engine_stats(s->engine);
	const struct http_stats h = http_stats(s->http);
	scope_buf struct buf b = BUF_INIT(16 * KIB);

	put_engine(&b, &e);
	put_refused(&b, &e);
	put_queue(&b, &e);
	put_http(&b, &h);
	if (s->links)
		put_links(&b, s->links);
	put(&b, "resident_memory_bytes", "gauge",
		"Memory of the server itself.", resident_bytes());
	http_reply(x, 200, "text/plain; version=0.0.4; charset=utf-8", b.data,
		b.len, HTTP_COPY, NULL);
}
