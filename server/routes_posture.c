/* The jail in force, and proof of it, by anybody who asks. */
#include <string.h>

#include "base/scope.h"
#include "server/routes.h"

static json_t *
limits_json(void)
{
	json_t *j = json_object();

#define X(member, usual, low, high)                                            \
	json_object_set_new(j, #member,                                        \
		json_pack("{s:I, s:I, s:I}", "default", (json_int_t)(usual),   \
			"minimum", (json_int_t)(low), "maximum",               \
			(json_int_t)(high)));
	LIMITS_TABLE(X)
#undef X
	json_object_set_new(j, "deadline_ms",
		json_pack("{s:n, s:i, s:i}", "default", "minimum",
			MIN_DEADLINE_MS, "maximum", MAX_DEADLINE_MS));
	return j;
}

static json_t *
layers_json(const struct msg_hello *h)
{
	json_t *layers = json_array();

	for (enum layer l = 0; l < LAYER_COUNT; l++)
		json_array_append_new(layers,
			json_pack("{s:s, s:b, s:s, s:s}", "name", layer_name(l),
				"holds", (h->layers & BIT(l)) != 0, "how",
				h->layer_note[l], "without", layer_purpose(l)));
	return json_pack("{s:s, s:s, s:s, s:o, s:o}", "runtime", h->id,
		"posture", posture_name(h->layers), "workdir", h->workdir,
		"disk_bytes",
		h->disk_bytes ? json_integer((json_int_t)h->disk_bytes)
			      : json_null(),
		"layers", layers);
}

void
routes_get_posture(struct exchange *x, struct site *s)
{
	json_t *list = json_array();
	const struct msg_hello *h;

	for (size_t i = 0; (h = engine_runtime(s->engine, i)); i++)
		json_array_append_new(list, layers_json(h));
	http_json(x, 200,
		json_pack("{s:o, s:o, s:o}", "runtimes", list, "limits",
			limits_json(), "probes",
			s->probes ? probes_json(s->probes, true)
				  : json_array()));
}

static json_t *
judged(const struct run_request *q, const struct run_result *r, size_t probe)
{
	json_t *j = probe_judge(probe, r, NULL);

	(void)q;
	json_object_set_new(
		j, "posture", json_string(posture_name(r->runtime->layers)));
	json_object_set_new(j, "wall_ns",
		json_integer((json_int_t)r->pass[PASS_CLEAN].exit.wall_ns));
	return j;
}

/* The query may name a runtime: *ret_id, NULL when it does not. */
static struct problem *
read_query(struct exchange *x, const struct site *s, const char **ret_id)
{
	size_t n = 0, i = 0;
	scope_free struct query_item *query = http_query(x, &n);

	*ret_id = NULL;
	for (; query && i < n && !*ret_id; i++)
		if (strcmp(query[i].name, "runtime") == 0)
			*ret_id = query[i].value;
		else
			break;
	if (query && i == n && engine_has_runtime(s->engine, *ret_id))
		return NULL;
	return problem_new(422, "invalid-request",
		"The request has members that cannot be taken",
		"The query can be empty, or name one runtime that serves "
		"here, as in ?runtime=3.11; GET /v1/runtimes lists them.");
}

void
routes_post_probe(struct exchange *x, struct site *s)
{
	const char *name = routes_name(x);
	size_t probe = probe_find(name, strlen(name));
	struct problem *p = routes_runs_refusal(x, s);
	const char *runtime = NULL;

	if (!p)
		p = read_query(x, s, &runtime);
	if (!p && probe == probe_count())
		p = problem_new(404, "not-found", "Nothing here",
			"No probe is called %.60s; GET /v1/posture lists them.",
			name);
	if (p) {
		http_problem(x, p, NULL);
		return;
	}
	struct run_request q = probe_request(probe, runtime);
	routes_run(x, s, &q, judged, probe);
}
