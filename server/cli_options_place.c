/* Options that several lenses have: those that were asked for get them. */
#include "server/cli_options.h"

#include "api/text.h"

/* Variables are for the lenses that take names, of those asked for; when none
 * of these was, refcounts is. */
static void
place_names(struct cli_options *o)
{
	const json_t *lenses = json_object_get(o->request, "lenses");
	bool objects = json_object_get(lenses, "objects");
	bool refcounts = json_object_get(lenses, "refcounts") || !objects;

	if (!json_array_size(o->names))
		return;
	if (objects)
		text_set(cli_options_lens(o, "objects"), "names",
			json_incref(o->names));
	if (refcounts)
		text_set(cli_options_lens(o, "refcounts"), "names",
			json_incref(o->names));
}

/* Lines are for objects, unless refcounts is to tell holders: then for that,
 * and for objects only when it is asked for. */
static void
place_lines(struct cli_options *o)
{
	const json_t *lenses = json_object_get(o->request, "lenses");
	bool holders = json_object_get(
		json_object_get(lenses, "refcounts"), "holders");
	bool objects = json_object_get(lenses, "objects") || !holders;

	if (!json_array_size(o->at))
		return;
	if (objects)
		text_set(cli_options_lens(o, "objects"), "at",
			json_incref(o->at));
	if (holders)
		text_set(cli_options_lens(o, "refcounts"), "at",
			json_incref(o->at));
}

void
cli_options_place(struct cli_options *o)
{
	place_lines(o);
	place_names(o);
}
