// What the bars beside the editor's lines stand for: time, and in the panels for memory and for counts what was
// allocated and how many instructions ran.
import type { Lenses } from './api';
import type { CountsLens } from './api-counts';
import type { MemoryLens } from './api-memory';
import { linesOf, type Measure } from './memory/view';
import { bytes, count, duration, plural } from './words';

export interface HeatLine {
	line: number;
	/** Its bar is its share of all. */
	amount: number;
	title: string;
}

const ofMemory = (lens: MemoryLens, by: Measure): HeatLine[] =>
	linesOf(lens).flatMap((l) =>
		l.line === null || l[by] === 0
			? []
			: [
					{
						line: l.line,
						amount: l[by],
						title: {
							bytes: `${bytes(l.bytes)} allocated, in ${plural(l.blocks, 'block')}`,
							peak: `${bytes(l.peak)} at the peak`,
							stayed: `${bytes(l.stayed)} stayed, in ${plural(l.stayedBlocks, 'block')}`,
						}[by],
					},
				],
	);

const ofCounts = (lens: CountsLens): HeatLine[] =>
	(lens.lines ?? []).map((l) => ({
		line: l.line,
		amount: l.instructions + l.inside,
		title:
			plural(l.instructions, 'instruction') +
			(l.inside > 0 ? `, ${count(l.inside)} in other files` : ''),
	}));

/** `tab`: the panel that is open; `by`: what of the memory is shown. */
export function heatOf(lenses: Lenses, tab: string, by: Measure): HeatLine[] {
	if (tab === 'memory' && lenses.memory !== undefined) return ofMemory(lenses.memory, by);
	if (tab === 'counts' && lenses.counts !== undefined) return ofCounts(lenses.counts);
	return (lenses.timing?.lines ?? []).map((l) => ({
		line: l.line,
		amount: l.self_ns,
		title: `${count(l.hits)} × · ${duration(l.self_ns)} self time`,
	}));
}
