// The whole trace at a glance, for the timeline: how deep the calls were, where
// steps were left out, where something was raised, where a line ran.
import type { Trace } from './trace';

export interface Profile {
	/** The deepest frame in each column, outermost 0. */
	depth: number[];
	deepest: number;
	/** Columns in which steps were left out, or something was raised. */
	gaps: number[];
	raised: number[];
}

const columnOf = (i: number, length: number, columns: number): number =>
	Math.min(columns - 1, Math.floor((i / Math.max(1, length)) * columns));

/** Each column once. */
export function columnsOf(steps: number[], length: number, columns: number): number[] {
	const all: number[] = [];
	for (const i of steps) {
		const c = columnOf(i, length, columns);
		if (all[all.length - 1] !== c) all.push(c);
	}
	return all;
}

export function profileOf(trace: Trace, columns: number): Profile {
	const n = Math.min(columns, Math.max(1, trace.length));
	const depth = new Array<number>(n).fill(0);
	for (let i = 0; i < trace.length; i++) {
		const c = columnOf(i, trace.length, n);
		depth[c] = Math.max(depth[c] as number, trace.depth[i] as number);
	}
	return {
		depth,
		deepest: depth.reduce((a, b) => Math.max(a, b), 0),
		gaps: columnsOf(trace.gaps, trace.length, n),
		raised: columnsOf(trace.exceptions, trace.length, n),
	};
}
