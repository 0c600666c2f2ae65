/* Which word of the command line a member of the request comes from. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "server/cli_options.h"

/* The rest of `pointer` after `prefix` and a slash, or NULL. */
static const char *
below(const char *pointer, const char *prefix)
{
	size_t n = strlen(prefix);

	if (strncmp(pointer, prefix, n) != 0)
		return NULL;
	return pointer[n] == '/' ? pointer + n + 1 : pointer[n] ? NULL : "";
}

/* "--wall-ms" of "wall_ms". */
static void
put_option(struct buf *b, const char *member)
{
	size_t from = b->len;

	buf_printf(b, "--%s", member);
	for (size_t i = from; i < b->len; i++)
		if (b->data[i] == '_')
			b->data[i] = '-';
}

const char *
cli_options_origin(
	const struct cli_options *o, const char *pointer, struct buf *b)
{
	static const struct {
		const char *pointer, *option;
	} simple[] = {
		{"/stdin", "--stdin"},
		{"/runtimes", "--runtimes"},
		{"/runtime", "--runtime"},
		{"/rounds", "--rounds"},
		{"/budget_ms", "--budget-ms"},
		{"/sizes", "--sizes"},
		{"/counts", "--no-counts"},
		{"/start", "--cold"},
		{"/hash_seed", "--hash-seed"},
		{"/lenses/refcounts/names", "--names"},
		{"/lenses/objects/names", "--names"},
		{"/lenses/objects/at", "--at"},
		{"/lenses/refcounts/at", "--at"},
		{"/lenses/objects/keys", "--keys"},
		{"/lenses/objects/attributes", "--attributes"},
		{"/lenses/ast/parts", "--parts"},
		{"/lenses/tasks/blocked_ms", "--blocked-ms"},
		{"/lenses", "--lens"},
		{"/code", NULL},
	};
	const char *rest;

	if ((rest = below(pointer, "/limits")) && *rest) {
		put_option(b, rest);
	} else if ((rest = below(pointer, "/args")) && *rest) {
		buf_printf(b, "argument %lu", strtoul(rest, NULL, 10) + 1);
	} else if ((rest = below(pointer, "/snippets")) && *rest) {
		size_t i = strtoul(rest, NULL, 10);
		buf_printf(b, "%s",
			i > 0 && i <= o->nothers ? o->others[i - 1] : o->file);
	} else if ((rest = below(pointer, "/files")) && *rest) {
		size_t i = strtoul(rest, NULL, 10);
		buf_printf(b, "--file %s", i < o->npaths ? o->paths[i] : "");
	}
	for (size_t i = 0; !b->len && i < sizeof(simple) / sizeof(*simple); i++)
		if (below(pointer, simple[i].pointer))
			buf_printf(b, "%s",
				simple[i].option ? simple[i].option : o->file);
	if (!b->len)
		buf_printf(b, "%s", *pointer ? pointer : o->file);
	return b->data;
}
