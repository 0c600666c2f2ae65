// The tasks of asyncio: what each did when and waited for, and what held their loop up.
import { Fragment } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Blocked, Task, TasksLens, Wait } from '../../api-tasks';
import { adopt } from '../../sheet';
import { virtualClock } from '../../state';
import { type Kind, rows, stretches, whole } from '../../tasks/lanes';
import {
	blame,
	clock,
	deadlock,
	endWords,
	functionName,
	missing,
	type Part,
	summary,
	taskNames,
	waitWords,
} from '../../tasks/words';
import { count, duration, plural } from '../../words';
import { type Column, Grid, lineColumn } from '../grid';
import { type Look, Timeline } from '../lanes';
import { LineLink, Linked, sourceLine, Toggle } from '../parts';
import type { PanelProps } from '../props';
import css from './tasks.css' with { type: 'text' };

adopt(css);

const SHOWN = 200;
const NAME = 'task-name';

const LOOKS: Record<Kind, Look> = {
	runs: { y: 3, height: 14, words: 'full: it runs' },
	ready: { y: 4, height: 12, words: 'hatched: ready, but another runs' },
	waits: { y: 8, height: 4, words: 'thin and hollow: it waits' },
	'held-up': { y: 1, height: 18, words: 'band behind: the loop was held up' },
};

function Over({ lens }: { lens: TasksLens }) {
	const of = useMemo(() => {
		const all = whole(lens);
		return { all, rows: rows(lens, all), stretches: stretches(lens, all) };
	}, [lens]);
	return (
		<>
			<svg class="lane-hatch" width="0" height="0" aria-hidden="true">
				<pattern
					id="lane-hatch"
					width="5"
					height="5"
					patternUnits="userSpaceOnUse"
					patternTransform="rotate(45)"
				>
					<path d="M1 0V5" />
				</pattern>
			</svg>
			<Timeline {...of} looks={LOOKS} what="task" />
		</>
	);
}

const Sentence = ({ parts }: { parts: Part[] }) => (
	<p>
		{parts.map((part) =>
			typeof part === 'string' ? (
				part
			) : (
				<LineLink key={part.line} place={part} text={part.text} alone />
			),
		)}
	</p>
);

/** A function's, that may go on in the next row after a dot or dash of it. */
const Name = ({ of }: { of: string }) => (
	<code>
		{of.split(/(?<=[._])/).map((part, i) => (
			<Fragment key={i}>
				{part}
				<wbr />
			</Fragment>
		))}
	</code>
);

interface Of {
	lens: TasksLens;
	lines: string[];
	name(task: number): string;
}

const times = <Row,>(head: string, of: (row: Row) => number): Column<Row> => ({
	head,
	of: 'num',
	cell: (row) => duration(of(row)),
	by: of,
});

const source = <Row,>(lines: string[], line: (row: Row) => number | null): Column<Row>[] => [
	{ ...lineColumn(line), by: line },
	{ head: 'Source', of: 'src', cell: (row) => sourceLine(lines, line(row)) },
];

function Tasks({ lens, name }: Of) {
	const of = (t: Task) => functionName(lens, t.function) ?? t.coroutine ?? '';
	const by = (t: Task) => (t.parent === null ? (functionName(lens, t.by) ?? '') : name(t.parent));
	const columns: Column<Task>[] = [
		{ head: 'Task', of: NAME, heads: true, cell: (t) => name(t.task), by: (t) => t.task },
		{ head: 'Of', of: NAME, cell: (t) => <Name of={of(t)} />, by: of },
		{ ...lineColumn((t: Task) => t.line), by: (t) => t.line },
		times('Ran', (t) => t.running_ns),
		times('Ready', (t) => t.ready_ns),
		times('Waited', (t) => t.waiting_ns),
		{ head: 'End', cell: endWords, by: endWords },
		{ head: 'Steps', of: 'num', cell: (t) => count(t.steps), by: (t) => t.steps },
		{ head: 'Created by', of: NAME, cell: by, by },
	];
	return (
		<Grid
			caption="Tasks, in the order in which they were made"
			columns={columns}
			rows={lens.tasks ?? []}
			line={(t) => t.line}
			id={(t) => t.task}
			atMost={SHOWN}
		/>
	);
}

function HeldUp({ lens, lines, name }: Of) {
	const held = lens.blocked ?? [];
	if (held.length === 0) return null;
	const line = (b: Blocked) => blame(lens, b).line;
	const columns: Column<Blocked>[] = [
		times('At', (b) => b.from_ns),
		times('For', (b) => b.ns),
		{
			head: 'Task',
			of: NAME,
			cell: (b) => (b.task === null ? (b.callback ?? 'a callback') : name(b.task)),
		},
		{ head: 'Call', of: NAME, cell: (b) => <Name of={blame(lens, b).name ?? 'its own'} /> },
		...source(lines, line),
	];
	return <Grid caption="What held the loop up" columns={columns} rows={held} line={line} />;
}

function Waits({ lens, lines }: Of) {
	const over = (lens.waits ?? []).filter((w) => w.times > 0);
	if (over.length === 0) return null;
	const columns: Column<Wait>[] = [
		{ head: 'Times', of: 'num', cell: (w) => count(w.times), by: (w) => w.times },
		times('In all', (w) => w.ns),
		times('Longest', (w) => w.longest_ns),
		{ head: 'For', cell: (w) => waitWords(lens, w) },
		...source(lines, (w: Wait) => w.line),
	];
	return (
		<Grid
			caption="What tasks waited for"
			columns={columns}
			rows={over}
			line={(w) => w.line}
			id={(w) => w.wait}
			atMost={SHOWN}
		/>
	);
}

function Left({ lens, lines, name }: Of) {
	const waits = useMemo(() => new Map((lens.waits ?? []).map((w) => [w.wait, w])), [lens]);
	const left = (lens.tasks ?? []).filter((t) => t.state === 'waiting');
	if (left.length === 0) return null;
	const wait = (t: Task) => (t.wait === null ? undefined : waits.get(t.wait));
	const line = (t: Task) => wait(t)?.line ?? null;
	const what = (t: Task) => {
		const of = wait(t);
		return of === undefined ? '' : waitWords(lens, of);
	};
	const on = (t: Task) =>
		[...t.on.map(name), ...(t.on_others > 0 ? [plural(t.on_others, 'other')] : [])].join(', ');
	const columns: Column<Task>[] = [
		{ head: 'Task', of: NAME, heads: true, cell: (t) => name(t.task), by: (t) => t.task },
		{ head: 'For', cell: what },
		{ head: 'Which is or has', cell: on },
		times('Since', (t) => t.since_ns ?? 0),
		...source(lines, line),
	];
	return (
		<Grid
			caption="Who still waited at the end"
			columns={columns}
			rows={left}
			line={line}
			id={(t) => t.task}
			atMost={SHOWN}
		/>
	);
}

export function TasksBody({ result, lines }: PanelProps) {
	const lens = result.lenses.tasks;
	const name = useMemo(() => taskNames(lens ?? { truncated: false }), [lens]);
	if (lens === undefined) return null;
	const of = { lens, lines, name };
	return (
		<Linked id="tasks">
			<div class="toolbar">
				<Toggle on={virtualClock} label="Virtual clock: sleeping takes no time" />
			</div>
			<div class="prose">
				<Sentence parts={summary(lens)} />
				{clock(lens).map((text) => (
					<p key={text}>{text}</p>
				))}
				{deadlock(lens).map((text) => (
					<p key={text}>{text}</p>
				))}
				{missing(lens).map((text) => (
					<p key={text} class="quiet">
						{text}
					</p>
				))}
			</div>
			{(lens.tasks ?? []).length > 0 && (
				<>
					<Over key={result.id} lens={lens} />
					<Left {...of} />
					<Tasks {...of} />
					<HeldUp {...of} />
					<Waits {...of} />
				</>
			)}
		</Linked>
	);
}
