/* What runs programs, as replies tell of it. */
#include "api/report.h"

#include <string.h>

#include "api/report_parts.h"
#include "api/text.h"

json_t *
report_confinement(const struct msg_hello *h)
{
	json_t *j = text_need(json_array());

	for (enum layer l = 0; l < LAYER_COUNT; l++)
		if (h->layers & BIT(l))
			text_append(j, json_string(layer_name(l)));
	return j;
}

/* Words with a space between, as a list. */
static json_t *
words(const char *text)
{
	json_t *list = text_need(json_array());

	while (*text) {
		size_t n = strcspn(text, " ");
		text_append(list, text_json(text, n));
		text += n + strspn(text + n, " ");
	}
	return list;
}

/* Lenses that do not work there, and why. */
static json_t *
withdrawn(const struct msg_hello *h)
{
	json_t *list = text_need(json_array());

	for (enum lens l = 0; l < LENS_COUNT; l++) {
		if (h->lenses & BIT(l))
			continue;
		json_t *one = text_need(json_object());
		text_set(one, "lens", json_string(lens_name(l)));
		text_set(one, "reason",
			text_json(h->lens_note[l], strlen(h->lens_note[l])));
		text_append(list, one);
	}
	return list;
}

json_t *
report_runtime(const struct msg_hello *h)
{
	json_t *j = text_need(json_object());
	json_t *lenses = text_need(json_array());

	for (enum lens l = 0; l < LENS_COUNT; l++)
		if (h->lenses & BIT(l))
			text_append(lenses, json_string(lens_name(l)));
	text_set(j, "id", text_json(h->id, strlen(h->id)));
	text_set(j, "version", text_json(h->version, strlen(h->version)));
	text_set(j, "implementation", json_string("CPython"));
	text_set(j, "build", text_json(h->build, strlen(h->build)));
	text_set(j, "flags", words(h->flags));
	text_set(j, "gil", json_boolean(h->gil));
	text_set(j, "numpy",
		h->numpy[0] ? text_json(h->numpy, strlen(h->numpy))
			    : json_null());
	text_set(j, "lenses", lenses);
	text_set(j, "withdrawn", withdrawn(h));
	text_set(j, "root_bytes",
		h->root_bytes ? json_integer((json_int_t)h->root_bytes)
			      : json_null());
	text_set(j, "layers", report_confinement(h));
	return j;
}

json_t *
report_runtime_brief(const struct msg_hello *h)
{
	json_t *j = text_need(json_object());

	text_set(j, "id", text_json(h->id, strlen(h->id)));
	text_set(j, "version", text_json(h->version, strlen(h->version)));
	text_set(j, "gil", json_boolean(h->gil));
	return j;
}
