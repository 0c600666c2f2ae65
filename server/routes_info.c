/* What there is: runtimes, lenses, the contract. */
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
		json_pack("{s:o, s:o, s:b}", "runtimes", list, "broken", broken,
			"links", s->links != NULL));
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
