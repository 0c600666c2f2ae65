/* What every lens needs: its options, and its word on what is left out. */
#include "sandbox/lenses/lens.h"

#include <string.h>

#include "sandbox/py/lock.h"
#include "wire/bundle.h"

const struct lens_ops *const lenses[LENS_COUNT] = {
#define X(id, name, pass, what) [LENS_##id] = &lens_##name,
	LENS_TABLE(X)
#undef X
};

const char *
lens_option(
	const struct lens_run *r, const char *name, size_t *at, size_t *ret_n)
{
	struct bundle_part p;
	size_t n = strlen(name);

	while (bundle_next(r->bundle, r->bundle_len, at, &p))
		if (p.kind == BUNDLE_OPTION && p.name_len == n &&
			memcmp(p.name, name, n) == 0) {
			*ret_n = p.value_len;
			return p.value;
		}
	return NULL;
}

void
lens_truncated(const struct lens_run *r, enum lens lens, bool truncated)
{
	py_lock();
	jsonw_bool(record_begin(r->records, RECORD_SET, lens, "truncated"),
		truncated);
	record_commit(r->records);
	py_unlock();
}
