// The two sides of the page: beside each other when there is room, two tabs
// when there is not.
import { signal } from '@preact/signals';

export const sides = [
	['code', 'Code'],
	['result', 'Result'],
] as const;

export type Side = (typeof sides)[number][0];

const query = matchMedia('(max-width: 799.98px)');
export const narrow = signal(query.matches);
query.addEventListener('change', () => {
	narrow.value = query.matches;
});

/** What a side is: a tab's panel on a narrow page, else a region. */
export function sideRole(side: Side): Record<string, string> {
	if (narrow.value) return { role: 'tabpanel', 'aria-labelledby': `side-tab-${side}` };
	return { 'aria-label': side === 'code' ? 'Code' : 'Result' };
}
