// What is drawn of processes: a lane for each, below the one that started it; when it was made, ran, and stood waiting for another.
import type { Process, ProcessesLens } from '../api-processes';
import type { Row, Span, Stretch } from '../lanes';

const known = (...times: (number | null)[]): number[] => times.filter((t) => t !== null);

export const whole = (of: Process[]): Span => ({
	from: 0,
	to: Math.max(1, ...of.flatMap((p) => known(p.started_ns, p.began_ns, p.ended_ns, p.waited_ns))),
});

export const processName = (p: Process): string =>
	p.name ?? (p.parent === null ? 'the program' : `process ${p.process}`);

/** Those that each one started, below it and further in: with how deep. */
export function tree(lens: ProcessesLens): { process: Process; depth: number }[] {
	const all = lens.processes ?? [];
	const below = (parent: number | null, depth: number): { process: Process; depth: number }[] =>
		all
			.filter((p) => p.parent === parent)
			.flatMap((process) => [{ process, depth }, ...below(process.process, depth + 1)]);
	return below(null, 0);
}

/** Its last moment: what it said itself, else when its parent got to know; else it goes on. */
const end = (p: Process, all: Span): number => p.ended_ns ?? p.waited_ns ?? all.to;

export const rows = (of: { process: Process; depth: number }[], all: Span): Row[] =>
	of.map(({ process: p, depth }) => ({
		id: p.process,
		name: `${'· '.repeat(depth)}${processName(p)}`,
		from: p.started_ns ?? 0,
		to: end(p, all),
	}));

export type Kind = 'starts' | 'runs' | 'blocked';

export const stretches = (of: Process[], all: Span): Stretch<Kind>[] =>
	of.flatMap((p) => {
		const began = p.began_ns ?? end(p, all);
		const bars: Stretch<Kind>[] = [
			{ row: p.process, kind: 'starts', from: p.started_ns ?? began, to: began },
			{ row: p.process, kind: 'runs', from: began, to: end(p, all) },
		];
		if (p.parent !== null && p.waited_ns !== null && p.blocked_ns !== null)
			bars.push({
				row: p.parent,
				kind: 'blocked',
				from: p.waited_ns - p.blocked_ns,
				to: p.waited_ns,
			});
		return bars.filter((b) => b.to > b.from);
	});
