// From one step to another: each answers with a step, or null when there is
// none that way.
import { lastUpTo } from './history';
import type { Trace } from './trace';

type Move = (trace: Trace, at: number) => number | null;

/** The next, or last, step of the same thread that is no deeper than `depth`. */
function search(trace: Trace, at: number, by: 1 | -1, depth: number): number | null {
	const thread = trace.thread[at];
	for (let i = at + by; i >= 0 && i < trace.length; i += by)
		if (trace.thread[i] === thread && (trace.depth[i] as number) <= depth) return i;
	return null;
}

const depthAt = (trace: Trace, at: number): number => trace.depth[at] ?? 0;

/** The next one in the same frame or one further out: calls are run through. */
export const over: Move = (trace, at) => search(trace, at, 1, depthAt(trace, at));
export const overBack: Move = (trace, at) => search(trace, at, -1, depthAt(trace, at));
/** The next one after this frame is left. */
export const out: Move = (trace, at) => search(trace, at, 1, depthAt(trace, at) - 1);
export interface Visits {
	/** How many times the line was about to run, in all. */
	total: number;
	/** How many of these were up to this step. */
	sofar: number;
	here: boolean;
	next: number | null;
	last: number | null;
}

export function visitsOf(trace: Trace, line: number, at: number): Visits {
	const all = trace.visits.get(line) ?? [];
	const k = lastUpTo(all, at);
	const here = all[k] === at;
	return {
		total: all.length,
		sofar: k + 1,
		here,
		next: all[k + 1] ?? null,
		last: (here ? all[k - 1] : all[k]) ?? null,
	};
}

/** The next visit of a line; after the last one the first again. */
export function nextVisit(trace: Trace, line: number, at: number): number | null {
	return visitsOf(trace, line, at).next ?? trace.visits.get(line)?.[0] ?? null;
}
