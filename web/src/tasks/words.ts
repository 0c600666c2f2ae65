// Tasks of asyncio in words: what they are called, what they waited for, how they ended, what held the loop up.
import type { Blocked, Task, TasksLens, TasksTotals, Wait } from '../api-tasks';
import { duration, plural } from '../words';

/** A sentence's words, and lines of the source among them. */
export type Part = string | { line: number; text: string };

/** What each task is called; those that share a name have their numbers too. */
export function taskNames(lens: TasksLens): (task: number) => string {
	const times = new Map<string, number>();
	const tasks = lens.tasks ?? [];
	for (const { name } of tasks) if (name !== null) times.set(name, (times.get(name) ?? 0) + 1);
	const names = new Map(
		tasks.flatMap(({ task, name }): [number, string][] =>
			name === null ? [] : [[task, times.get(name) === 1 ? name : `${name} (${task})`]],
		),
	);
	return (task) => names.get(task) ?? `task ${task}`;
}

export const functionName = (lens: TasksLens, n: number | null | undefined): string | null =>
	n == null ? null : (lens.functions?.[n]?.name ?? null);

export function endWords(task: Task): string {
	if (task.state === 'raised') return task.exception ?? 'raised';
	return task.ended_ns === null ? `still ${task.state}` : task.state;
}

const KINDS: Record<Wait['kind'], string> = {
	yield: 'gave way',
	sleep: 'sleep',
	task: 'a task',
	tasks: 'tasks',
	lock: 'lock',
	queue: 'queue',
	io: 'input or output',
	thread: 'a thread',
	future: 'a future',
};

/** "sleep for 100 ms", "lock, Lock.acquire", "tasks, gather". */
export function waitWords(lens: TasksLens, wait: Wait): string {
	const kind = KINDS[wait.kind] ?? wait.kind;
	if (wait.delay_ns !== null) return `${kind} for ${duration(wait.delay_ns)}`;
	const by =
		functionName(lens, wait.function) ??
		(wait.type?.endsWith('_GatheringFuture') ? 'gather' : wait.kind === 'task' ? null : wait.type);
	return by === null ? kind : `${kind}, ${by}`;
}

/** What a step spent its time in, and the line of that: the call's, or where the step ended. */
export function blame(lens: TasksLens, b: Blocked): { name: string | null; line: number | null } {
	const name = functionName(lens, b.call?.function);
	return { name, line: name === null ? b.to_line : (b.call?.line ?? null) };
}

function ends(t: TasksTotals): string {
	const how: [number, string][] = [
		[t.returned, 'returned'],
		[t.raised, 'ended by an exception'],
		[t.cancelled, 'cancelled'],
		[t.never_done, 'never done'],
	];
	const of = how.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
	return of.length === 0 ? '' : `: ${of.join(', ')}`;
}

function heldUp(lens: TasksLens, t: TasksTotals): Part[] {
	const rows = lens.blocked ?? [];
	const most = rows.reduce<Blocked | null>((m, b) => (m === null || b.ns > m.ns ? b : m), null);
	const least = `for ${t.blocked_ms} ms or more`;
	if (t.blocked === 0 || most === null) return [`Nothing held it up ${least}.`];
	const all = rows.reduce((sum, b) => sum + b.ns, 0);
	const { name, line } = blame(lens, most);
	const parts: Part[] = [
		`It was held up ${plural(t.blocked, 'time')} ${least}, ${duration(all)} in all`,
		`${t.blocked > 1 ? `; longest for ${duration(most.ns)}` : ''}${name === null ? '' : `, in ${name}`}`,
	];
	if (line !== null)
		parts.push(name === null ? ', up to ' : ', called at ', { line, text: `line ${line}` });
	return [...parts, '.'];
}

/** How many tasks, how they ended, and what held the loop up. */
export function summary(lens: TasksLens): Part[] {
	const t = lens.totals ?? null;
	if (t === null) return ['The program was ended before anything of its tasks was known.'];
	if (t.python_tasks > 0 && t.tasks === 0)
		return [
			`${plural(t.python_tasks, 'task')} of the class that is written in Python, of which no more is known.`,
		];
	if (t.loops === 0 && t.tasks === 0) return ['No event loop of asyncio ran: there are no tasks.'];
	const loops = lens.loops ?? [];
	const sum = (of: 'busy_ns' | 'idle_ns') => duration(loops.reduce((ns, l) => ns + l[of], 0));
	const who = loops.length === 1 ? 'The loop' : plural(loops.length, 'loop');
	return [
		`${plural(t.tasks, 'task')}${ends(t)}. ${who} ran for ${sum('busy_ns')} and had nothing to run for ${sum('idle_ns')}. `,
		...heldUp(lens, t),
	];
}

/** What of its time took none. */
export function clock({ totals }: TasksLens): string[] {
	const skipped = totals?.skipped_ns ?? null;
	return skipped === null
		? []
		: [`The clock is virtual: ${duration(skipped)} of waiting took no time.`];
}

/** Why nothing could go on: a sentence for each circle, and one when nothing of the loop's own can end it. */
export function deadlock(lens: TasksLens): string[] {
	const name = taskNames(lens);
	const circles = (lens.cycles ?? []).map(({ tasks }) => {
		const all = [...tasks, ...tasks.slice(0, 1)].map(name);
		return tasks.length === 1
			? `${all[0]} waits for itself.`
			: `In a circle, each waits for the next: ${all.join(' → ')}.`;
	});
	if (lens.stuck === true)
		circles.push(
			'Nothing was left that could go on: every task waits for another, or for what only another could do.',
		);
	return circles;
}

/** What is not here, in words. */
export function missing(lens: TasksLens): string[] {
	const { spans = 0, tasks = 0, waits = 0, blocked = 0 } = lens.dropped ?? {};
	const said = (n: number, text: string) => (n > 0 ? [text] : []);
	const python = lens.totals?.python_tasks ?? 0;
	return [
		...said(tasks, `${plural(tasks, 'further task')} had no room.`),
		...said(
			spans,
			`Of what tasks did, the first and last thousand stretches are drawn; ${plural(spans, 'stretch', 'stretches')} between are not.`,
		),
		...said(waits, `${plural(waits, 'wait')} for further things had no room.`),
		...said(blocked, `${plural(blocked, 'shorter hold-up')} had no room.`),
		...said(
			(lens.totals?.tasks ?? 0) > 0 ? python : 0,
			`${plural(python, 'task')} more of the class that is written in Python, of which no more is known.`,
		),
	];
}
