// Memory in words.
import type { Allocator, MemoryLens, Stayed } from '../api-memory';
import { bytes, count, plural } from '../words';
import { wasEnded } from './view';

/** Types of what stayed that are named. */
const NAMED = 3;

export function summary(lens: MemoryLens): string {
	const t = lens.totals;
	if (!t) return 'The program was ended before anything of its memory was known.';
	const again = t.reallocations > 0 ? ` ${plural(t.reallocations, 'block')} got another size.` : '';
	const reused =
		t.reused !== null && t.reused > 0
			? ` ${plural(t.reused, 'object')} came out of free lists, which takes no memory.`
			: '';
	const stayed =
		t.live_blocks === 0
			? 'Nothing stayed.'
			: `${bytes(t.live_bytes)} in ${plural(t.live_blocks, 'block')} ${wasEnded(lens) ? 'were there when it was last looked at.' : 'stayed to the end.'}`;
	return `${plural(t.allocations, 'allocation')}, ${bytes(t.bytes)} in all.${again}${reused} ${stayed}`;
}

/** What is not in it. */
export function missing(lens: MemoryLens): string {
	const dropped = lens.totals?.dropped ?? 0;
	if (dropped > 0)
		return `${plural(dropped, 'block')} could not be followed, as there were too many at a time.`;
	if (wasEnded(lens)) return 'The run was ended: this is what there was shortly before.';
	return lens.truncated === true ? 'Something is missing, as the record is full.' : '';
}

export const typesWords = (types: Stayed[]): string =>
	types
		.slice(0, NAMED)
		.map((t) => `${count(t.blocks)} ${t.type}`)
		.concat(types.length > NAMED ? ['…'] : [])
		.join(', ');

export function arenaWords(a: Allocator): string {
	const before =
		a.arenas === a.arenas_before ? 'as many as before' : `${count(a.arenas_before)} before`;
	const most = a.most_arenas > a.arenas ? `, ${count(a.most_arenas)} at most` : '';
	return `${plural(a.arenas, 'arena')} of ${bytes(a.arena_bytes)}: ${before}${most}`;
}
