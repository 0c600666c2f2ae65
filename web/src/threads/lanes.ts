// What is drawn of the threads: a lane for each, and when it had the GIL, waited for it, or lived.
import type { Thread, ThreadsLens } from '../api-threads';
import type { Row, Span, Stretch } from '../lanes';

export const whole = (lens: ThreadsLens): Span => ({
	from: 0,
	to: Math.max(
		lens.totals?.ns ?? 0,
		...(lens.holds ?? []).map((h) => h.to_ns ?? h.from_ns),
		...(lens.threads ?? []).map((t) => t.ended_ns ?? 0),
		1,
	),
});

export const threadName = (t: Thread): string => t.name ?? `thread ${t.thread}`;

/** In the order in which they were started. */
export const rows = (lens: ThreadsLens, all: Span): Row[] =>
	(lens.threads ?? []).map((t) => ({
		id: t.thread,
		name: threadName(t),
		from: t.began_ns ?? t.started_ns ?? 0,
		to: t.ended_ns ?? all.to,
	}));

export type Kind = 'held' | 'waited';

export const stretches = (lens: ThreadsLens, all: Span): Stretch<Kind>[] =>
	(lens.holds ?? []).flatMap(({ thread, wanted_ns, from_ns, to_ns }) => {
		if (thread === null) return [];
		const held = { row: thread, kind: 'held' as const, from: from_ns, to: to_ns ?? all.to };
		return wanted_ns === null
			? [held]
			: [{ row: thread, kind: 'waited' as const, from: wanted_ns, to: from_ns }, held];
	});
