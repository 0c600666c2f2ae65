// What is drawn of the threads: a lane for each, and when it had the GIL, waited for it, or lived.
import type { Hold, Thread, ThreadsLens } from '../api-threads';

export interface Bar {
	kind: 'held' | 'waited';
	/** Of the time shown, from 0 to 1. */
	from: number;
	to: number;
	hold: Hold;
}

export interface Lane {
	thread: Thread;
	/** From when to when it lived, from 0 to 1. */
	from: number;
	to: number;
	bars: Bar[];
}

/** Of these times are shown: all there is, when none is chosen. */
export interface Span {
	from: number;
	to: number;
}

export const whole = (lens: ThreadsLens): Span => ({
	from: 0,
	to: Math.max(
		lens.totals?.ns ?? 0,
		...(lens.holds ?? []).map((h) => h.to_ns ?? h.from_ns),
		...(lens.threads ?? []).map((t) => t.ended_ns ?? 0),
		1,
	),
});

const clip = (v: number): number => Math.min(1, Math.max(0, v));

/** The lanes of a span, in the order in which the threads were started; bars that are not in it are left out. */
export function lanes(lens: ThreadsLens, span: Span): Lane[] {
	const at = (ns: number): number => clip((ns - span.from) / (span.to - span.from));
	const of = new Map<number, Bar[]>();
	const add = (hold: Hold, kind: Bar['kind'], from: number, to: number): void => {
		if (hold.thread === null || to <= span.from || from >= span.to) return;
		const bars = of.get(hold.thread) ?? [];
		bars.push({ kind, from: at(from), to: at(to), hold });
		of.set(hold.thread, bars);
	};
	for (const hold of lens.holds ?? []) {
		if (hold.wanted_ns !== null) add(hold, 'waited', hold.wanted_ns, hold.from_ns);
		add(hold, 'held', hold.from_ns, hold.to_ns ?? span.to);
	}
	return (lens.threads ?? []).map((thread) => ({
		thread,
		from: at(thread.began_ns ?? thread.started_ns ?? 0),
		to: at(thread.ended_ns ?? span.to),
		bars: of.get(thread.thread) ?? [],
	}));
}

/** A part of a span around its middle, or with its end or beginning where the whole ends or begins. */
export function zoom(span: Span, all: Span, factor: number): Span {
	const size = Math.min((span.to - span.from) / factor, all.to - all.from);
	return move({ from: 0, to: size }, all, (span.from + span.to - size) / 2);
}

/** The same size, from there on, but not beyond the whole. */
export function move(span: Span, all: Span, from: number): Span {
	const size = span.to - span.from;
	const begin = Math.min(Math.max(from, all.from), all.to - size);
	return { from: begin, to: begin + size };
}

export const threadName = (t: Thread): string => t.name ?? `thread ${t.thread}`;
