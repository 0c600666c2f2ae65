// What is drawn of tasks: a lane for each with what it did when, and where its loop was held up.
import type { Doing, TasksLens } from '../api-tasks';
import type { Row, Span, Stretch } from '../lanes';
import { taskNames } from './words';

/** From the first task on. */
export function whole(lens: TasksLens): Span {
	const begun = (lens.tasks ?? []).flatMap((t) => t.created_ns ?? []);
	const from = begun.reduce((least, ns) => Math.min(least, ns), begun[0] ?? 0);
	const ends = (lens.tasks ?? []).reduce((most, t) => Math.max(most, t.ended_ns ?? 0), 0);
	// The program may go on for long after its last task; what had not ended goes on until then.
	const open = (lens.tasks ?? []).some((t) => t.ended_ns === null);
	return { from, to: Math.max(open ? (lens.totals?.ns ?? 0) : 0, ends, from + 1) };
}

/** The tasks in the order in which they were made, below what held a loop up if anything did. */
export function rows(lens: TasksLens, all: Span): Row[] {
	const name = taskNames(lens);
	const tasks = (lens.tasks ?? []).map((t) => ({
		id: t.task,
		name: name(t.task),
		from: t.created_ns ?? all.from,
		to: t.ended_ns ?? all.to,
	}));
	const loop = { id: LOOP, name: 'loop held up', ...all };
	return (lens.blocked ?? []).length > 0 && tasks.length > 0 ? [loop, ...tasks] : tasks;
}

/** Tasks are counted from 1 on. */
const LOOP = 0;

export type Kind = 'held-up' | 'runs' | 'ready' | 'waits';

const KINDS: Record<Doing, Kind> = { running: 'runs', ready: 'ready', waiting: 'waits' };

/** Hold-ups first, of the loop and of each of its tasks that was there: what tasks did is drawn upon them. */
export function stretches(lens: TasksLens, all: Span): Stretch<Kind>[] {
	const tasks = lens.tasks ?? [];
	const held = (lens.blocked ?? []).flatMap((b) => {
		const [from, to] = [b.from_ns, b.from_ns + b.ns];
		const of = tasks.filter(
			(t) => t.loop === b.loop && (t.created_ns ?? 0) < to && (t.ended_ns ?? all.to) > from,
		);
		return [LOOP, ...of.map((t) => t.task)].map((row) => ({
			row,
			kind: 'held-up' as const,
			from,
			to,
		}));
	});
	const did = (lens.spans ?? []).map((s) => ({
		row: s.task,
		kind: KINDS[s.state],
		from: s.from_ns,
		to: s.to_ns,
	}));
	const goesOn = tasks.flatMap(({ task, state, since_ns }) =>
		since_ns === null || !(state in KINDS)
			? []
			: [{ row: task, kind: KINDS[state as Doing], from: since_ns, to: all.to }],
	);
	return [...held, ...did, ...goesOn];
}
