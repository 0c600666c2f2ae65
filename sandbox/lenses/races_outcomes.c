/* Runs that came to the same: all that was printed on standard output, how it
 * ended, and by which exceptions threads did. */
#include "sandbox/lenses/races.h"

#include <stdlib.h>
#include <string.h>

static bool
same_exception(const struct races_raised *a, const struct races_raised *b)
{
	return a->line == b->line &&
	       strncmp(a->type, b->type, sizeof(a->type)) == 0 &&
	       strncmp(a->message, b->message, sizeof(a->message)) == 0;
}

static bool
same(const struct races_end *a, const struct races_end *b)
{
	return a->how == b->how && a->code == b->code &&
	       a->out.bytes == b->out.bytes && a->out.hash == b->out.hash &&
	       a->said.raised == b->said.raised &&
	       a->said.raised_hash == b->said.raised_hash &&
	       !a->said.ended == !b->said.ended &&
	       (!a->said.ended || same_exception(&a->said.end, &b->said.end));
}

/* One that was ended by us is so at any moment: how far it was is its own
 * matter. */
static bool
is_same(const struct races_end *a, const struct races_end *b)
{
	if (a->how == b->how &&
		(a->how == RACES_UNFINISHED || a->how == RACES_FLOODED))
		return true;
	return same(a, b);
}

static struct races_outcome *
find(struct races_result *t, const struct races_schedule *s,
	const struct races_end *e)
{
	unsigned i = 0;

	while (i < t->n && !is_same(&t->of[i]->end, e))
		i++;
	if (i < t->n)
		return t->of[i];
	struct races_outcome *o =
		i < RACES_OUTCOMES ? calloc(1, sizeof(*o)) : NULL;
	if (!o)
		return NULL;
	o->first = o->shown = *s;
	o->end = *e;
	o->said = e->said;
	t->of[t->n++] = o;
	return o;
}

static void
add_totals(struct races_result *t, const struct races_schedule *s,
	const struct races_end *e)
{
	t->run++;
	t->by[s->kind]++;
	t->switches[s->kind] += e->said.switches;
	memcpy(t->chances[s->kind], e->said.chances, sizeof(e->said.chances));
	for (unsigned i = 0; i < RACES_WINDOWS; i++)
		t->within[i] += e->said.within[i];
	/* No more than there may be processes, whatever it says. */
	unsigned threads =
		e->said.started < UINT16_MAX ? e->said.started + 1 : UINT16_MAX;
	if (threads > t->threads)
		t->threads = threads;
	t->wall_ns += e->wall_ns;
	t->cpu_ns += e->cpu_ns;
}

void
races_outcomes_add(struct races_result *t, const struct races_schedule *s,
	const struct races_end *e)
{
	struct races_outcome *o = find(t, s, e);

	add_totals(t, s, e);
	if (!o) {
		t->dropped++;
		return;
	}
	o->by[s->kind]++;
	/* Of one that came by itself no switch has to be shown. */
	if (o->shown.kind != RACES_AS_IS &&
		(s->kind == RACES_AS_IS ||
			e->said.switches < o->said.switches)) {
		o->shown = *s;
		o->said = e->said;
	}
}
