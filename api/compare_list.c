/* A value of which one list is aligned, text by text, and the rest compared
 * member by member. */
#include "api/compare_parts.h"

#include "api/text.h"

bool
compare_list_same(
	const struct compare_list *l, const json_t *a, const json_t *b)
{
	json_auto_t *x = l->rest(a), *y = l->rest(b);

	if (!compare_members_alike(x, y))
		return false;
	scope_seq struct compare_seq s = l->texts(a), t = l->texts(b);
	return compare_seq_same(&s, &t);
}

void
compare_list_differ(const struct compare_list *l, const json_t *a,
	const json_t *b, struct compare_room *room, json_t *ret)
{
	json_auto_t *x = l->rest(a), *y = l->rest(b);
	scope_seq struct compare_seq s = l->texts(a), t = l->texts(b);
	const struct diff_text *was = compare_seq_items(&s);
	const struct diff_text *is = compare_seq_items(&t);
	scope_diff struct diff d = diff_texts(was, s.n, is, t.n, room->work);
	json_t *list = text_need(json_array());

	compare_members_changes("", x, y, room, list);
	text_set(ret, "changes", list);
	text_set(ret, l->name, compare_text_edits(&d, was, is, room));
}
