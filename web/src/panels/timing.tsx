import { useMemo, useState } from 'preact/hooks';
import type { TimedLine } from '../api';
import { count, duration } from '../words';
import { type Column, Grid, lineColumn } from './grid';
import { Facts, Linked, sourceLine } from './parts';
import type { PanelProps } from './props';
import { Share } from './share';

type Order = 'line' | 'time';

export function TimingBody({ result, lines }: PanelProps) {
	const timing = result.lenses.timing;
	const [order, setOrder] = useState<Order>('line');
	const timed = timing?.lines ?? [];
	const sorted = useMemo(
		() => [...timed].sort((a, b) => (order === 'line' ? a.line - b.line : b.self_ns - a.self_ns)),
		[timing, order],
	);
	if (timing === undefined) return null;
	const total = timed.reduce((sum, l) => sum + l.self_ns, 0);
	const facts: [string, string][] = [];
	if (timing.compile_ns !== undefined) facts.push(['Compiling', duration(timing.compile_ns)]);
	if (timing.exec_wall_ns !== undefined)
		facts.push(['Running, wall time', duration(timing.exec_wall_ns)]);
	if (timing.exec_cpu_ns !== undefined)
		facts.push(['Running, processor time', duration(timing.exec_cpu_ns)]);
	const columns: Column<TimedLine>[] = [
		lineColumn((l: TimedLine) => l.line),
		{ head: 'Hits', of: 'num', cell: (l) => count(l.hits) },
		{ head: 'Self time', of: 'num', cell: (l) => duration(l.self_ns) },
		{
			head: 'Share',
			of: 'share',
			cell: (l) => <Share of={total > 0 ? l.self_ns / total : 0} />,
		},
		{ head: 'Source', of: 'src', cell: (l) => sourceLine(lines, l.line) },
	];
	const button = (to: Order, label: string) => (
		<button type="button" class="segment" aria-pressed={order === to} onClick={() => setOrder(to)}>
			{label}
		</button>
	);
	return (
		<Linked id="timing">
			<Facts facts={facts} />
			<p class="quiet small pad">
				Those come from the undisturbed pass. The lines come from a traced one, which is slower:
				their shares hold, their sum does not.
			</p>
			{timed.length === 0 ? (
				<p class="absent">No line was timed.</p>
			) : (
				<>
					<fieldset class="segments">
						<legend class="sr">Order of the lines</legend>
						{button('line', 'By line')}
						{button('time', 'Slowest first')}
					</fieldset>
					<Grid
						class="timing"
						caption="Time by line"
						quiet
						columns={columns}
						rows={sorted}
						line={(l) => l.line}
						id={(l) => l.line}
					/>
				</>
			)}
		</Linked>
	);
}
