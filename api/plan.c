/* Which passes a request needs, and what they are given. */
#include "api/plan.h"

#include <string.h>

#include "api/imports.h"
#include "wire/bundle.h"

uint32_t
plan_passes(const struct run_request *q)
{
	uint32_t set = BIT(PASS_CLEAN);

	for (int i = 0; i < LENS_COUNT; i++)
		if (q->lenses & BIT(i))
			set |= BIT(lens_pass((enum lens)i));
	if (q->adaptive && q->lenses & BIT(LENS_BYTECODE))
		set |= BIT(PASS_ADAPTIVE);
	return set;
}

uint32_t
plan_lenses(const struct run_request *q, enum pass p)
{
	uint32_t set = 0;

	for (int i = 0; i < LENS_COUNT; i++)
		if (q->lenses & BIT(i) && lens_pass((enum lens)i) == p)
			set |= BIT(i);
	if (p == PASS_ADAPTIVE && q->adaptive)
		set |= q->lenses & BIT(LENS_BYTECODE);
	return set;
}

enum zygote
plan_zygote(const struct run_request *q, enum pass p)
{
	enum zygote wants = imports_zygote(q->code.data, q->code.n);

	for (size_t i = 0; i < q->nfiles; i++) {
		const char *dot = strrchr(q->files[i].path, '.');
		enum zygote more =
			dot && strcmp(dot, ".py") == 0
				? imports_zygote(q->files[i].content.data,
					  q->files[i].content.n)
				: ZYGOTE_LEAN;
		if (more > wants)
			wants = more;
	}
	if (!plan_lenses(q, p))
		return wants;
	/* Times of lines go with those of the undisturbed pass; and importing
	 * numpy takes much longer still when it is looked at. */
	if (p == PASS_LINES && wants > ZYGOTE_LENSES)
		return wants;
	return wants == ZYGOTE_NUMPY ? ZYGOTE_NUMPY : ZYGOTE_LENSES;
}

struct limits
plan_limits(const struct run_request *q, const struct msg_hello *h)
{
	struct limits l = q->limits;

	if (h->disk_bytes && h->disk_bytes < l.disk_bytes)
		l.disk_bytes = h->disk_bytes;
	return l;
}

int
plan_bundle(const struct run_request *q, struct buf *ret_b, struct fail *f)
{
	bundle_begin(ret_b);
	if (bundle_add(ret_b, BUNDLE_CODE, "", 0, q->code.data, q->code.n, f))
		return -1;
	for (size_t i = 0; i < q->nargs; i++)
		if (bundle_add(ret_b, BUNDLE_ARG, "", 0, q->args[i].data,
			    q->args[i].n, f))
			return -1;
	for (size_t i = 0; i < q->nfiles; i++)
		if (bundle_add(ret_b, BUNDLE_FILE, q->files[i].path,
			    strlen(q->files[i].path), q->files[i].content.data,
			    q->files[i].content.n, f))
			return -1;
	for (size_t i = 0; i < q->noptions; i++)
		if (bundle_add(ret_b, BUNDLE_OPTION, q->options[i].name,
			    strlen(q->options[i].name), q->options[i].value,
			    strlen(q->options[i].value), f))
			return -1;
	return 0;
}
