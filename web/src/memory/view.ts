// What was allocated, put together as it is shown: by line of main.py, by type, over time, and the allocator's pools.
import type { Allocator, MemoryLens, SizeClass, Stayed } from '../api-memory';

/** What is shown of each line: all that was allocated, what there was at the peak, what stayed. */
export type Measure = 'bytes' | 'peak' | 'stayed';

export interface MemoryLine {
	/** Of main.py; null: what was done for none of its lines. */
	line: number | null;
	/** That were given out: new, of another size, or out of a free list. */
	blocks: number;
	bytes: number;
	peak: number;
	stayedBlocks: number;
	stayed: number;
	/** What stayed by type, most bytes first. */
	types: Stayed[];
}

function addTypes(all: Stayed[], more: Stayed[]): void {
	for (const one of more) {
		const old = all.find((t) => t.type === one.type);
		if (old === undefined) all.push({ ...one });
		else {
			old.blocks += one.blocks;
			old.bytes += one.bytes;
		}
	}
}

const mostFirst = (types: Stayed[]): Stayed[] =>
	types.sort((a, b) => b.bytes - a.bytes || b.blocks - a.blocks);

const kept = new WeakMap<MemoryLens, MemoryLine[]>();

/** In the order of the source, what was done for no line of it last. */
export function linesOf(lens: MemoryLens): MemoryLine[] {
	const known = kept.get(lens);
	if (known !== undefined) return known;
	const of = new Map<number | null, MemoryLine>();
	for (const row of lens.by_line ?? []) {
		const empty = { blocks: 0, bytes: 0, peak: 0, stayedBlocks: 0, stayed: 0, types: [] };
		const l = of.get(row.via) ?? { line: row.via, ...empty };
		l.blocks += row.allocations + row.reallocations + (row.reused ?? 0);
		l.bytes += row.bytes;
		l.peak += row.peak_bytes;
		l.stayedBlocks += row.live_blocks;
		l.stayed += row.live_bytes;
		addTypes(l.types, row.types);
		of.set(row.via, l);
	}
	const all = [...of.values()].sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity));
	for (const l of all) mostFirst(l.types);
	kept.set(lens, all);
	return all;
}

/** Those that have any of it, most first. */
export const byMeasure = (lines: MemoryLine[], by: Measure): MemoryLine[] =>
	lines.filter((l) => l[by] > 0).sort((a, b) => b[by] - a[by]);

export interface StayedType {
	/** null: parts of objects, and what only C reaches. */
	type: string | null;
	blocks: number;
	bytes: number;
	/** Of main.py, most bytes first. */
	lines: number[];
}

/** What stayed, by type, most bytes first; last what has none. */
export function typesOf(lines: MemoryLine[]): StayedType[] {
	const of = new Map<string, StayedType & { by: [number, number][] }>();
	const rest: StayedType & { by: [number, number][] } = {
		...{ type: null, blocks: 0, bytes: 0, lines: [], by: [] },
	};
	for (const l of lines) {
		let { stayed, stayedBlocks } = l;
		for (const t of l.types) {
			const one = of.get(t.type) ?? { type: t.type, blocks: 0, bytes: 0, lines: [], by: [] };
			one.blocks += t.blocks;
			one.bytes += t.bytes;
			if (l.line !== null) one.by.push([l.line, t.bytes]);
			of.set(t.type, one);
			stayed -= t.bytes;
			stayedBlocks -= t.blocks;
		}
		rest.blocks += Math.max(0, stayedBlocks);
		rest.bytes += Math.max(0, stayed);
		if (l.line !== null && stayedBlocks > 0) rest.by.push([l.line, stayed]);
	}
	const all = [...of.values()].sort((a, b) => b.bytes - a.bytes || b.blocks - a.blocks);
	if (rest.blocks > 0) all.push(rest as (typeof all)[number]);
	return all.map(({ by, ...one }) => ({
		...one,
		lines: by.sort((a, b) => b[1] - a[1]).map(([line]) => line),
	}));
}

/** The run was ended: it is what there was shortly before, and of no type. */
export const wasEnded = (lens: MemoryLens): boolean =>
	lens.truncated === true &&
	!lens.allocator &&
	(lens.by_line ?? []).every((row) => row.types.length === 0);

/** Where the peak is in the time that is drawn, from 0 to 1; null: not in it. */
export function peakAt(lens: MemoryLens): number | null {
	const t = lens.timeline;
	if (!t || !lens.peak || t.bytes.length === 0) return null;
	const at = (lens.peak.event - 0.5) / (t.every * t.bytes.length);
	return at >= 0 && at <= 1 ? at : null;
}

/** So many squares a size has at most. */
const SQUARES = 48;

export interface Pools extends SizeClass {
	/** Squares of pools that were there before, that came, and that went. */
	squares: { kept: number; came: number; went: number };
}

/** The map of the pools; `each`: the pools that a square stands for. */
export function poolsOf(allocator: Allocator): { each: number; classes: Pools[] } {
	const most = allocator.classes.reduce((a, c) => Math.max(a, c.pools, c.pools_before), 1);
	const each = Math.ceil(most / SQUARES);
	const squares = (pools: number): number => Math.ceil(pools / each);
	return {
		each,
		classes: allocator.classes.map((c) => {
			const kept = squares(Math.min(c.pools, c.pools_before));
			const more = squares(Math.max(c.pools, c.pools_before)) - kept;
			const came = c.pools > c.pools_before ? more : 0;
			return { ...c, squares: { kept, came, went: more - came } };
		}),
	};
}
