// What of a comparison is looked at.
import { signal } from '@preact/signals';
import type { Differences } from '../../api-compare';
import { groupOf } from '../../compare/view';
import type { Comparing } from '../../state';

/** The aspect whose tab is open; '' is the overview. */
export const aspect = signal('');

/** The two whose texts are beside each other, as far as somebody chose them. */
export const pair = signal<{ a: string; b: string }>({ a: '', b: '' });

/** The ids of those that have a run, in order. */
export const ran = (c: Comparing): string[] =>
	c.asked
		.map((r) => r.id)
		.filter((id) => c.results.some((one) => one.runtime === id && one.run !== null));

/** Those two; of what nobody chose the first, and the first that is not the same. */
export function pairOf(c: Comparing, d: Differences): { a: string; b: string } | null {
	const ids = ran(c);
	const chosen = (id: string) => (ids.includes(id) ? id : undefined);
	const a = chosen(pair.value.a) ?? ids.find((id) => id !== pair.value.b);
	if (a === undefined) return null;
	const group = groupOf(d, a);
	const others = ids.filter((id) => id !== a);
	const b =
		(pair.value.b === a ? undefined : chosen(pair.value.b)) ??
		others.find((id) => groupOf(d, id) !== group) ??
		others[0];
	return b === undefined ? null : { a, b };
}
