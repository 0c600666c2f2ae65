// Who had the GIL, who waited for it, and where it was let go.
import { useMemo } from 'preact/hooks';
import type { Hold, Place, Thread, ThreadsLens, ThreadsTotals } from '../../api-threads';
import { adopt } from '../../sheet';
import { type Kind, rows, stretches, threadName, whole } from '../../threads/lanes';
import { count, duration, plural } from '../../words';
import { type Column, Grid, lineColumn } from '../grid';
import { type Look, Timeline } from '../lanes';
import { Linked, sourceLine } from '../parts';
import type { PanelProps } from '../props';
import { Races } from './races';
import css from './threads.css' with { type: 'text' };

adopt(css);

const SHOWN = 200;

const time = (ns: number | null): string => (ns === null ? '' : duration(ns));
const number = (n: number | null): string => (n === null ? '' : count(n));

function summary(t: ThreadsTotals, lens: ThreadsLens): string {
	const threads = lens.threads ?? [];
	if (!t.gil)
		return `This CPython has no GIL: ${plural(threads.length, 'thread')} could run at the same time, and none waited for another to let go of it.`;
	const interval = lens.switch_intervals?.[0];
	const every =
		interval === undefined
			? ''
			: ` A thread that waits asks for it after ${duration(interval.us * 1000)} (sys.getswitchinterval).`;
	return (
		`The GIL was let go ${plural(t.releases ?? 0, 'time')}: ${count(t.forced ?? 0)} forced, ` +
		`${count(t.voluntary ?? 0)} by the thread itself, ${count(t.ended ?? 0)} as a thread ended. ` +
		`It went to another thread ${plural(t.switches ?? 0, 'time')}. ` +
		`In ${duration(t.ns)} nobody had it for ${duration(t.free_ns ?? 0)}.${every}`
	);
}

const how = (hold: Hold): string =>
	hold.how === null
		? 'has it'
		: { forced: 'forced', voluntary: 'itself', ended: 'ended' }[hold.how];

/** "sleep in 3" of a call into a library, else nothing. */
const within = (place: Place | undefined): string =>
	place?.library?.function ?? (place?.function === '<module>' ? '' : (place?.function ?? ''));

const LOOKS: Record<Kind, Look> = {
	held: { y: 1, height: 18, words: 'high: it has the GIL' },
	waited: { y: 7, height: 6, words: 'low: it waits for it' },
};

function Over({ lens }: { lens: ThreadsLens }) {
	const of = useMemo(() => {
		const all = whole(lens);
		return { all, rows: rows(lens, all), stretches: stretches(lens, all) };
	}, [lens]);
	return (
		<Timeline
			{...of}
			looks={LOOKS}
			life="line: it sleeps, waits for something else, or runs C code"
			what="thread"
		/>
	);
}

type At = Map<number, Place>;
const lineAt = (places: At, place: number | null): number | null =>
	place === null ? null : (places.get(place)?.line ?? null);

function Threads({ lens, places }: { lens: ThreadsLens; places: At }) {
	const line = (t: Thread) => lineAt(places, t.at);
	const times: [string, (t: Thread) => number | null][] = [
		['Began', (t) => t.began_ns],
		['Ended', (t) => t.ended_ns],
		['Had it', (t) => t.held_ns],
		['Waited', (t) => t.waited_ns],
		['Away', (t) => t.away_ns],
		['Longest', (t) => t.longest_hold_ns],
		['Longest wait', (t) => t.longest_wait_ns],
	];
	const columns: Column<Thread>[] = [
		{
			head: 'Thread',
			heads: true,
			cell: (t) => (
				<>
					{threadName(t)}
					{t.daemon === true && <span class="quiet"> daemon</span>}
				</>
			),
		},
		lineColumn(line),
		...times.map(([head, of]): Column<Thread> => ({ head, of: 'num', cell: (t) => time(of(t)) })),
		{ head: 'Forced', of: 'num', cell: (t) => number(t.forced) },
		{ head: 'Itself', of: 'num', cell: (t) => number(t.voluntary) },
	];
	return (
		<Grid
			caption="Threads, in the order in which they were started"
			columns={columns}
			rows={lens.threads ?? []}
			line={line}
		/>
	);
}

function Places({ lens, lines }: { lens: ThreadsLens; lines: string[] }) {
	const rows = useMemo(
		() =>
			(lens.places ?? [])
				.filter((p) => p.forced + p.voluntary > 0)
				.sort((a, b) => b.waited_ns + b.away_ns - (a.waited_ns + a.away_ns)),
		[lens],
	);
	if (rows.length === 0) return null;
	const columns: Column<Place>[] = [
		{ ...lineColumn((p: Place) => p.line), by: (p) => p.line },
		{ head: 'Source', of: 'src', cell: (p) => sourceLine(lines, p.line) },
		{ head: 'In', cell: within },
		{ head: 'Forced', of: 'num', cell: (p) => count(p.forced), by: (p) => p.forced },
		{ head: 'Itself', of: 'num', cell: (p) => count(p.voluntary), by: (p) => p.voluntary },
		{ head: 'Then away', of: 'num', cell: (p) => duration(p.away_ns), by: (p) => p.away_ns },
		{ head: 'Then waited', of: 'num', cell: (p) => duration(p.waited_ns), by: (p) => p.waited_ns },
	];
	return (
		<Grid
			caption="Where it was let go"
			columns={columns}
			rows={rows}
			line={(p) => p.line}
			id={(p) => p.place}
		/>
	);
}

function Holds({ lens, lines, places }: { lens: ThreadsLens; lines: string[]; places: At }) {
	const holds = lens.holds ?? [];
	const names = new Map((lens.threads ?? []).map((t) => [t.thread, threadName(t)]));
	if (holds.length === 0) return null;
	const line = (h: Hold) => lineAt(places, h.left);
	const columns: Column<Hold>[] = [
		{ head: 'From', of: 'num', cell: (h) => duration(h.from_ns) },
		{ head: 'Thread', cell: (h) => (h.thread === null ? 'another' : names.get(h.thread)) },
		{
			head: 'Waited',
			of: 'num',
			cell: (h) => (h.wanted_ns === null ? '' : duration(h.from_ns - h.wanted_ns)),
		},
		{
			head: 'Had it',
			of: 'num',
			cell: (h) => (h.to_ns === null ? '' : duration(h.to_ns - h.from_ns)),
		},
		{ head: 'Let go', cell: how },
		lineColumn(line),
		{ head: 'Source', of: 'src', cell: (h) => sourceLine(lines, line(h)) },
	];
	return (
		<Grid
			caption="Who had it, one after the other"
			columns={columns}
			rows={holds}
			line={line}
			atMost={SHOWN}
		/>
	);
}

export function ThreadsBody(props: PanelProps) {
	const { result, lines } = props;
	const lens = result.lenses.threads;
	const places = useMemo(() => new Map((lens?.places ?? []).map((p) => [p.place, p])), [lens]);
	if (lens === undefined) return null;
	const totals = lens.totals ?? null;
	const dropped = lens.dropped?.holds ?? 0;
	return (
		<Linked id="threads">
			<div class="prose">
				<p>
					{totals === null
						? 'The program was ended before anything of its threads was known.'
						: summary(totals, lens)}
				</p>
				{dropped > 0 && (
					<p class="quiet">
						Of {plural(dropped + (lens.holds ?? []).length, 'hold')} the first and last thousand are
						here, and the longest between.
					</p>
				)}
			</div>
			{totals !== null && <Over key={result.id} lens={lens} />}
			<Threads lens={lens} places={places} />
			<Places lens={lens} lines={lines} />
			<Holds lens={lens} lines={lines} places={places} />
			{(lens.threads ?? []).length > 1 && <Races key={result.id} {...props} />}
		</Linked>
	);
}
