/* refcounts with holders: who holds the references on what names are bound to.
 */
#include "server/cli_lens.h"

void
cli_refcounts_holders(const json_t *value, const struct cli_out *o)
{
	(void)value;
	(void)o;
}
