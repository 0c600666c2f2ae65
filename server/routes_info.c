/* What there is: runtimes, lenses, the jail in force, the contract. */
#include <string.h>

#include "api/report.h"
#include "server/routes.h"

void
routes_get_runtimes(struct exchange *x, struct site *s)
{
	json_t *list = json_array(), *broken = json_array();
	const struct msg_hello *h;
	const char *id, *reason;

	for (size_t i = 0; (h = engine_runtime(s->engine, i)); i++) {
		json_t *one = report_runtime(h);
		json_object_set_new(one, "generation",
			json_integer(
				(json_int_t)engine_generation(s->engine, i)));
		json_array_append_new(list, one);
	}
	for (size_t i = 0; (id = engine_broken(s->engine, i, &reason)); i++)
		json_array_append_new(broken,
			json_pack("{s:s, s:s}", "id", id, "reason", reason));
	http_json(x, 200,
		json_pack("{s:o, s:o}", "runtimes", list, "broken", broken));
}

void
routes_get_lenses(struct exchange *x, struct site *s)
{
	json_t *list = json_array();

	(void)s;
	for (enum lens l = 0; l < LENS_COUNT; l++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s}", "name", lens_name(l),
				      "shows", lens_summary(l), "pass",
				      pass_name(lens_pass(l))));
	http_json(x, 200, json_pack("{s:o}", "lenses", list));
}

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
			s->probe ? probe_json(s->probe) : json_array()));
}

/* The contract travels in the program: what it serves is what it was built
 * with. */
#if __has_include("api/openapi.yaml")
__asm__(".section .rodata\n"
	".global routes_openapi, routes_openapi_end\n"
	"routes_openapi: .incbin \"api/openapi.yaml\"\n"
	"routes_openapi_end: .byte 0\n"
	".previous\n");
extern const char routes_openapi[], routes_openapi_end[];
#else
#define routes_openapi	   ""
#define routes_openapi_end routes_openapi
#endif

void
routes_get_openapi(struct exchange *x, struct site *s)
{
	(void)s;
	http_reply(x, 200, "application/yaml", routes_openapi,
		(size_t)(routes_openapi_end - routes_openapi), HTTP_STAY, NULL);
}
