// How deep it went: frames over time, both stacks of each thread, and the deepest stack there was.
import type { CalledFunction, CallStack, CallThread, FramesLens } from '../../api-frames';
import { roof } from '../../band';
import { type StackRow, stackRows } from '../../frames/view';
import { guardWords } from '../../frames/words';
import { bytes, count, plural } from '../../words';
import { AsTable } from '../as-table';
import { Band } from '../band';
import { type Column, Grid } from '../grid';
import { Share } from '../share';

const SHOWN = 100;
/** Threads whose depth is drawn. */
const DRAWN = 8;

const nameOf = (t: CallThread): string => (t.thread === 1 ? 'main thread' : `thread ${t.thread}`);

function Depth({ thread: t, alone }: { thread: CallThread; alone: boolean }) {
	const low = t.depths.map(([least]) => least);
	const high = t.depths.map(([, most]) => most);
	const n = high.length;
	if (n === 0) return null;
	const most = high.reduce((a, b) => Math.max(a, b), 0);
	const at = high.indexOf(most);
	const top = roof(most, false);
	const end = (i: number) => (i + 1) * t.every;
	const say = (i: number) =>
		`calls and returns ${count(i * t.every + 1)} to ${count(end(i))}: ${count(low[i] ?? 0)} to ${plural(high[i] ?? 0, 'frame')}`;
	const whose = alone ? '' : `${nameOf(t)}: `;
	return (
		<>
			<figure class="drawn">
				{!alone && <figcaption class="small">{nameOf(t)}</figcaption>}
				<Band
					low={low}
					high={high}
					top={top}
					axis={[count(top), `${count(end(n - 1))} calls and returns`]}
					label={`${whose}depth over ${count(end(n - 1))} calls and returns: at most ${plural(most, 'frame')}`}
					slider={`${whose}Calls and returns`}
					say={say}
					mark={{ at: (at + 0.5) / n, text: `${plural(most, 'frame')} deep` }}
				/>
			</figure>
			<AsTable
				title={`Depth${alone ? '' : ` of ${nameOf(t)}`} as a table`}
				make={() => (
					<Grid
						caption={`${whose}depth`}
						quiet
						columns={[
							{ head: 'Calls and returns', of: 'num', cell: (_, i) => count(end(i)) },
							{ head: 'Least frames', of: 'num', cell: ([least]) => count(least) },
							{ head: 'Most', of: 'num', cell: ([, m]) => count(m) },
							{ head: 'Deepest', cell: (_, i) => (i === at ? '◂ deepest' : '') },
						]}
						rows={t.depths}
						atMost={SHOWN}
					/>
				)}
			/>
		</>
	);
}

const stackColumns = (limit: number | null): Column<CallThread>[] => [
	{ head: 'Thread', heads: true, cell: nameOf },
	{
		head: 'Frames at most',
		of: 'num',
		cell: (t) => (limit === null ? count(t.depth) : `${count(t.depth)} of ${count(limit)}`),
		by: (t) => t.depth,
	},
	...(limit === null
		? []
		: [
				{
					head: 'Of the limit',
					of: 'share',
					wide: true,
					cell: (t: CallThread) => <Share of={Math.min(1, t.depth / limit)} bare />,
				},
			]),
	{
		head: 'C stack at most',
		of: 'num',
		cell: (t) =>
			t.c_stack === null ? bytes(t.c_most) : `${bytes(t.c_most)} of ${bytes(t.c_stack)}`,
		by: (t) => t.c_most,
	},
	{
		head: 'Of its size',
		of: 'share',
		wide: true,
		cell: (t) =>
			t.c_stack === null ? (
				<span class="quiet">no end</span>
			) : (
				<Share of={Math.min(1, t.c_most / t.c_stack)} bare />
			),
	},
];

const entryColumns = (functions: CalledFunction[], rows: StackRow[]): Column<StackRow>[] => {
	const used = (row: StackRow | undefined): number | null =>
		row === undefined ? null : 'entry' in row ? row.entry.c_used : null;
	const of = (row: StackRow) => ('entry' in row ? functions[row.entry.function ?? -1] : undefined);
	const more = (row: StackRow, n: number): number => {
		const now = used(row);
		const before = used(rows[n - 1]);
		return now === null || before === null ? 0 : now - before;
	};
	return [
		{
			head: 'Frame',
			heads: true,
			cell: (row) =>
				'between' in row ? (
					<span class="quiet">… {count(row.between)} more between …</span>
				) : (
					<>
						{row.more > 1 && <span class="quiet">… {count(row.more - 1)} like it, then </span>}
						<code>{of(row)?.name ?? '?'}</code>
						{of(row)?.kind === 'c' && <span class="tag">C</span>}
					</>
				),
		},
		{
			head: 'At line',
			of: 'num line',
			cell: (row) => ('entry' in row ? (row.entry.line ?? '') : ''),
		},
		{
			head: 'C stack used',
			of: 'num',
			cell: (row) => {
				const now = used(row);
				return now === null ? '' : bytes(now);
			},
		},
		// Where no call goes through C there is nothing to tell.
		...(rows.some((row, n) => more(row, n) > 0)
			? [
					{
						head: 'More',
						of: 'num',
						cell: (row: StackRow, n: number) => {
							const by = more(row, n);
							return by > 0 ? `+${bytes(by)}` : '';
						},
					},
				]
			: []),
	];
};

/** A row is linked when its frame is of main.py. */
export function Stack({
	stack,
	functions,
	caption,
}: {
	stack: CallStack;
	functions: CalledFunction[];
	caption: string;
}) {
	const rows = stackRows(stack);
	return (
		<Grid
			class="call-stack"
			caption={caption}
			columns={entryColumns(functions, rows)}
			rows={rows}
			line={(row) => {
				if (!('entry' in row)) return null;
				const f = functions[row.entry.function ?? -1];
				return f?.kind === 'python' && f.file === null ? row.entry.line : null;
			}}
		/>
	);
}

export function Depths({ lens }: { lens: FramesLens }) {
	const threads = lens.threads ?? [];
	const functions = lens.functions ?? [];
	const limit = lens.limits?.recursion_limit ?? null;
	const guard = guardWords(lens);
	if (threads.length === 0) return null;
	const drawn = threads.slice(0, DRAWN);
	return (
		<>
			<h3 class="part-head">How deep</h3>
			{drawn.map((t) => (
				<Depth key={t.thread} thread={t} alone={threads.length === 1} />
			))}
			{threads.length > DRAWN && (
				<p class="quiet small pad">
					{plural(threads.length - DRAWN, 'thread')} more, only in the table.
				</p>
			)}
			<h3 class="part-head">Python’s stack and C’s</h3>
			<Grid
				class="two-stacks"
				caption="The two stacks of each thread"
				quiet
				columns={stackColumns(limit)}
				rows={threads}
				id={(t) => t.thread}
				atMost={SHOWN}
			/>
			<p class="small pad quiet">
				{limit !== null &&
					`sys.getrecursionlimit() is ${count(limit)}, and counts frames of Python. `}
				{guard}
			</p>
			{lens.crash == null &&
				drawn.map((t) => (
					<Stack
						key={t.thread}
						stack={t.deepest}
						functions={functions}
						caption={`The deepest stack${threads.length === 1 ? '' : ` of ${nameOf(t)}`}: ${plural(t.deepest.depth, 'frame')} of Python`}
					/>
				))}
		</>
	);
}
