// What was allocated: over time, by line, what stayed of it, and the allocator's pools.
import { useMemo } from 'preact/hooks';
import type { MemoryLens, MemoryPeak, MemoryTimeline } from '../../api-memory';
import { roof } from '../../band';
import {
	byMeasure,
	linesOf,
	type Measure,
	type MemoryLine,
	peakAt,
	wasEnded,
} from '../../memory/view';
import { missing, summary, typesWords } from '../../memory/words';
import { adopt } from '../../sheet';
import { memoryBy } from '../../state';
import { bytes, count, plural } from '../../words';
import { AsTable } from '../as-table';
import { Band } from '../band';
import { type Column, Grid, lineColumn } from '../grid';
import { LineLink, Linked, sourceLine } from '../parts';
import type { PanelProps } from '../props';
import { Share } from '../share';
import css from './memory.css' with { type: 'text' };
import { PoolMap } from './pools';
import { StayedTypes } from './types';

adopt(css);

const SHOWN = 100;

function Peak({ peak }: { peak: MemoryPeak }) {
	return (
		<>
			At most <strong>{bytes(peak.bytes)}</strong> in {plural(peak.blocks, 'block')} were there at
			one time
			{peak.via === null ? (
				', by no line of main.py.'
			) : (
				<>
					, reached by <LineLink alone place={{ line: peak.via }} />.
				</>
			)}
		</>
	);
}

function OverTime({ lens, time }: { lens: MemoryLens; time: MemoryTimeline }) {
	const { peak = null, totals = null } = lens;
	const n = time.bytes.length;
	const events = totals?.events ?? n * time.every;
	const most = time.most.reduce((a, b) => Math.max(a, b), 0);
	const end = (i: number) => Math.min((i + 1) * time.every, events);
	const at = peakAt(lens);
	const last = time.bytes[n - 1] ?? 0;
	const say = (i: number) =>
		`after ${count(end(i))}: ${bytes(time.bytes[i] ?? 0)}, until then at most ${bytes(time.most[i] ?? 0)}`;
	return (
		<>
			<h3 class="part-head">Over time</h3>
			<figure class="drawn">
				<Band
					low={time.bytes}
					high={time.most}
					top={roof(most, true)}
					axis={[bytes(roof(most, true)), `${count(events)} allocations and frees`]}
					label={`Memory over ${count(events)} allocations and frees: at most ${bytes(peak?.bytes ?? most)}, ${bytes(last)} at the end`}
					slider="Allocations and frees"
					say={say}
					mark={
						at === null || peak === null
							? null
							: {
									at,
									text: `peak ${bytes(peak.bytes)}${peak.via === null ? '' : `, line ${peak.via}`}`,
								}
					}
				/>
			</figure>
			<AsTable
				title="Over time, as a table"
				make={() => (
					<Grid
						caption="Bytes that were allocated"
						quiet
						columns={[
							{ head: 'After', of: 'num', cell: (_, i) => count(end(i)) },
							{ head: 'Bytes', of: 'num', cell: (b) => bytes(b) },
							{ head: 'At most until then', of: 'num', cell: (_, i) => bytes(time.most[i] ?? 0) },
							{
								head: 'Peak',
								cell: (_, i) =>
									peak !== null && peak.event <= end(i) && peak.event > i * time.every
										? '◂ peak'
										: '',
							},
						]}
						rows={time.bytes}
						atMost={SHOWN}
					/>
				)}
			/>
		</>
	);
}

const measures: [Measure, string][] = [
	['bytes', 'Allocated'],
	['peak', 'At the peak'],
	['stayed', 'Stayed'],
];

const columnsOf = (
	by: Measure,
	all: number,
	lines: string[],
	typed: boolean,
): Column<MemoryLine>[] => {
	const source: Column<MemoryLine> = {
		head: 'Source',
		of: 'src',
		cell: (l) =>
			l.line === null ? <span class="quiet">by no line of it</span> : sourceLine(lines, l.line),
		td: (l) => ({ title: sourceLine(lines, l.line) }),
	};
	const size: Column<MemoryLine> = {
		head: 'Bytes',
		of: 'num',
		cell: (l) => bytes(l[by]),
		by: (l) => l[by],
	};
	const share: Column<MemoryLine> = {
		head: 'Share',
		of: 'share',
		wide: true,
		cell: (l) => <Share of={all > 0 ? l[by] / all : 0} />,
	};
	const blocks = (of: (l: MemoryLine) => number, wide = false): Column<MemoryLine> => ({
		wide,
		head: 'Blocks',
		of: 'num',
		cell: (l) => count(of(l)),
		by: of,
	});
	const line: Column<MemoryLine> = { ...lineColumn((l: MemoryLine) => l.line), by: (l) => l.line };
	if (by === 'peak') return [line, source, size, share];
	if (by === 'bytes') return [line, source, blocks((l) => l.blocks), size, share];
	const what: Column<MemoryLine> = {
		head: 'What stayed',
		of: 'what',
		cell: (l) =>
			l.types.length === 0 ? <span class="quiet">parts of objects</span> : typesWords(l.types),
	};
	return [line, source, blocks((l) => l.stayedBlocks, typed), size, ...(typed ? [what] : [share])];
};

function ByLine({ lens, lines }: { lens: MemoryLens; lines: string[] }) {
	const by = memoryBy.value;
	const rows = useMemo(() => byMeasure(linesOf(lens), by), [lens, by]);
	const all = rows.reduce((sum, l) => sum + l[by], 0);
	const first = rows[0];
	return (
		<>
			<h3 class="part-head">By line</h3>
			<p class="small pad quiet">The bars beside the lines of the editor show the same.</p>
			<fieldset class="segments">
				<legend class="sr">What is shown of each line</legend>
				{measures.map(([id, title]) => (
					<button
						type="button"
						class="segment"
						key={id}
						aria-pressed={by === id}
						onClick={() => {
							memoryBy.value = id;
						}}
					>
						{title}
					</button>
				))}
			</fieldset>
			{first === undefined ? (
				<p class="absent">{by === 'stayed' ? 'Nothing stayed.' : 'Nothing was allocated.'}</p>
			) : (
				<Grid
					key={by}
					class="memory-lines"
					caption={measures.find(([id]) => id === by)?.[1]}
					quiet
					columns={columnsOf(by, all, lines, !wasEnded(lens))}
					rows={rows}
					line={(l) => l.line}
					id={(l) => l.line ?? 0}
					atMost={SHOWN}
				/>
			)}
		</>
	);
}

export function MemoryBody({ result, lines }: PanelProps) {
	const lens = result.lenses.memory;
	if (lens === undefined) return null;
	const { peak = null, timeline = null, allocator = null } = lens;
	const odd = missing(lens);
	return (
		<Linked id="memory">
			<div class="prose">
				<p>
					{peak !== null && <Peak peak={peak} />} {summary(lens)}
				</p>
				{odd !== '' && <p class="quiet">{odd}</p>}
			</div>
			{timeline !== null && timeline.bytes.length > 0 && (
				<OverTime key={result.id} lens={lens} time={timeline} />
			)}
			<ByLine lens={lens} lines={lines} />
			{!wasEnded(lens) && <StayedTypes lens={lens} />}
			{allocator === null ? (
				<p class="quiet small pad">
					Nothing is known of the allocator’s pools: this CPython has none, or the run was ended.
				</p>
			) : (
				<PoolMap allocator={allocator} />
			)}
			<p class="quiet small pad">
				These are bytes that were asked of CPython’s allocators, in a run of its own. What a library
				takes from the system itself, as numpy its arrays, is not in them.
			</p>
		</Linked>
	);
}
