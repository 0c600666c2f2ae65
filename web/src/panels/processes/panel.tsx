// Who started whom, how and where, what they sent each other, and what became of them.
import { useMemo } from 'preact/hooks';
import type { Process, ProcessesLens, ProcessFailure } from '../../api-processes';
import { type Kind, processName, rows, stretches, tree, whole } from '../../processes/lanes';
import { adopt } from '../../sheet';
import { bytes, count, duration, plural } from '../../words';
import { type Column, Grid, lineColumn } from '../grid';
import { type Look, Timeline } from '../lanes';
import { Linked, sourceLine } from '../parts';
import type { PanelProps } from '../props';
import css from './processes.css' with { type: 'text' };

adopt(css);

const LOOKS: Record<Kind, Look> = {
	starts: { y: 4, height: 12, words: 'empty: it is being started' },
	runs: { y: 4, height: 12, words: 'full: it is there' },
	blocked: { y: 7, height: 6, words: 'narrow: it waits for the end of another' },
};

const time = (ns: number | null): string => (ns === null ? '' : duration(ns));

function summary(lens: ProcessesLens): string {
	const { processes, pickled, page_bytes } = lens.totals ?? {
		processes: 0,
		pickled: { messages: 0, bytes: 0 },
		page_bytes: 0,
	};
	if (processes < 2) return 'The program started no process.';
	const sent =
		pickled.messages === 0
			? 'Nothing was pickled between them.'
			: `${plural(pickled.messages, 'message')} between them, ${bytes(pickled.bytes)} pickled.`;
	return `${plural(processes, 'process', 'processes')}, with the program itself. ${sent} A fork copies no memory: a page, ${bytes(page_bytes)}, is copied when one of the two writes to it.`;
}

function ending(p: Process): string {
	if (p.signal !== null) return `signal ${p.signal}`;
	if (p.exit_code !== null) return `exit ${p.exit_code}`;
	return p.replaced ? 'another program' : '';
}

const kind = (p: Process): string => [p.how, p.by].filter((s) => s !== null).join(', by ');

function Processes({ of, lines }: { of: ReturnType<typeof tree>; lines: string[] }) {
	const columns: Column<{ process: Process; depth: number }>[] = [
		{
			head: 'Process',
			heads: true,
			cell: ({ process, depth }) => `${'· '.repeat(depth)}${processName(process)}`,
		},
		{ head: 'pid', of: 'num', cell: ({ process: p }) => p.pid ?? '' },
		lineColumn(({ process: p }) => p.line),
		{ head: 'Source', of: 'src', wide: true, cell: ({ process: p }) => sourceLine(lines, p.line) },
		{ head: 'How', cell: ({ process: p }) => kind(p) },
		{ head: 'Started', of: 'num', cell: ({ process: p }) => time(p.started_ns) },
		{
			head: 'Until it ran',
			of: 'num',
			cell: ({ process: p }) =>
				p.began_ns === null || p.started_ns === null ? '' : duration(p.began_ns - p.started_ns),
		},
		{ head: 'Ended', of: 'num', cell: ({ process: p }) => time(p.ended_ns) },
		{ head: 'By', cell: ({ process: p }) => ending(p) },
		{ head: 'Waited for', of: 'num', cell: ({ process: p }) => time(p.blocked_ns) },
		{ head: 'CPU', of: 'num', cell: ({ process: p }) => time(p.cpu_ns) },
		{
			head: 'Page faults',
			of: 'num',
			cell: ({ process: p }) => (p.minor_faults === null ? '' : count(p.minor_faults)),
		},
		{ head: 'Sent', of: 'num', cell: ({ process: p }) => bytes(p.pickled.bytes) },
		{ head: 'Received', of: 'num', cell: ({ process: p }) => bytes(p.unpickled.bytes) },
	];
	return (
		<Grid
			caption="Processes, each below the one that started it"
			columns={columns}
			rows={of}
			line={({ process: p }) => p.line}
			id={({ process: p }) => p.process}
		/>
	);
}

function Places({ of, lines }: { of: Process[]; lines: string[] }) {
	const rows = of.flatMap((process) => process.places.map((place) => ({ process, ...place })));
	if (rows.length === 0) return null;
	const columns: Column<(typeof rows)[number]>[] = [
		{ head: 'Process', cell: (r) => processName(r.process) },
		lineColumn((r) => r.line),
		{
			head: 'Source',
			of: 'src',
			cell: (r) => (r.line === null ? 'in a thread of the library' : sourceLine(lines, r.line)),
		},
		{
			head: 'Pickled',
			of: 'num',
			cell: (r) => count(r.pickled.messages),
			by: (r) => r.pickled.messages,
		},
		{ head: 'Bytes', of: 'num', cell: (r) => bytes(r.pickled.bytes), by: (r) => r.pickled.bytes },
		{
			head: 'Unpickled',
			of: 'num',
			cell: (r) => count(r.unpickled.messages),
			by: (r) => r.unpickled.messages,
		},
		{
			head: 'Their bytes',
			of: 'num',
			cell: (r) => bytes(r.unpickled.bytes),
			by: (r) => r.unpickled.bytes,
		},
	];
	return (
		<Grid
			caption="Where messages were pickled and unpickled"
			columns={columns}
			rows={rows}
			line={(r) => r.line}
		/>
	);
}

function Failures({ of, lines }: { of: ProcessFailure[]; lines: string[] }) {
	if (of.length === 0) return null;
	const columns: Column<ProcessFailure>[] = [
		{ head: 'At', of: 'num', cell: (f) => duration(f.at_ns) },
		{ head: 'How', cell: (f) => f.how ?? '' },
		{ head: 'Why', cell: (f) => f.error },
		lineColumn((f) => f.line),
		{ head: 'Source', of: 'src', cell: (f) => sourceLine(lines, f.line) },
	];
	return (
		<Grid
			caption="Processes that could not be started"
			columns={columns}
			rows={of}
			line={(f) => f.line}
		/>
	);
}

export function ProcessesBody({ result, lines }: PanelProps) {
	const lens = result.lenses.processes;
	const of = useMemo(() => {
		const processes = lens?.processes ?? [];
		const shown = tree(lens ?? {});
		const all = whole(processes);
		return { shown, all, rows: rows(shown, all), stretches: stretches(processes, all) };
	}, [lens]);
	if (lens === undefined) return null;
	const dropped = lens.dropped?.processes ?? 0;
	return (
		<Linked id="processes">
			<div class="prose">
				<p>{summary(lens)}</p>
				{dropped > 0 && (
					<p class="quiet">
						{plural(dropped, 'process', 'processes')} more could not be told apart.
					</p>
				)}
			</div>
			{of.shown.length > 1 && (
				<Timeline
					key={result.id}
					all={of.all}
					rows={of.rows}
					stretches={of.stretches}
					looks={LOOKS}
					what="process"
					many="processes"
				/>
			)}
			<Processes of={of.shown} lines={lines} />
			<Places of={lens.processes ?? []} lines={lines} />
			<Failures of={lens.failures ?? []} lines={lines} />
		</Linked>
	);
}
