// What the program had the interpreter do: in all, by line and by function.
import type { Counted, CountsLens } from '../../api-counts';
import { bytes, count } from '../../words';
import { type Column, Grid, lineColumn } from '../grid';
import { Facts, Linked, sourceLine } from '../parts';
import type { PanelProps } from '../props';
import { Share } from '../share';

const SHOWN = 200;

const all = (c: Counted): number => c.instructions + c.inside;

const shares = (rows: Counted[]): Column<Counted>[] => {
	const total = rows.reduce((sum, c) => sum + all(c), 0);
	return [
		{
			head: 'Instructions',
			of: 'num',
			cell: (c) => count(c.instructions),
			by: (c) => c.instructions,
		},
		{
			head: 'Elsewhere',
			of: 'num',
			cell: (c) => (c.inside === 0 ? '' : count(c.inside)),
			by: (c) => c.inside,
		},
		{
			head: 'Share',
			of: 'share',
			cell: (c) => <Share of={total > 0 ? all(c) / total : 0} />,
			by: all,
		},
	];
};

const facts = ({ totals, instructions }: CountsLens): [string, string][] => {
	if (totals == null) return [];
	const elsewhere = instructions?.elsewhere ?? 0;
	return [
		['Instructions', count(totals.instructions)],
		...(elsewhere > 0 ? [['In other files', count(elsewhere)] as [string, string]] : []),
		['Comparisons', count(totals.comparisons)],
		['Hashes', count(totals.hashes)],
		['Moved', bytes(totals.moved_bytes)],
	];
};

export function CountsBody({ result, lines }: PanelProps) {
	const lens = result.lenses.counts;
	if (lens === undefined) return null;
	const { lines: rows = [], functions = [] } = lens;
	return (
		<Linked id="counts">
			<Facts facts={facts(lens)} />
			<p class="quiet small pad">
				Numbers that are the same each time, whatever else the machine does. Comparisons and hashes
				are those that built-in types were asked for; what a line called in other files is counted
				beside its own.
				{lens.truncated && ' The run was ended before its end, or something is missing.'}
			</p>
			{rows.length === 0 ? (
				<p class="absent">No instruction was counted.</p>
			) : (
				<Grid
					caption="Instructions by line"
					columns={[
						lineColumn((c: Counted) => c.line),
						...shares(rows),
						{ head: 'Source', of: 'src', cell: (c) => sourceLine(lines, c.line) },
					]}
					rows={rows}
					line={(c) => c.line}
					id={(c) => c.line}
					atMost={SHOWN}
				/>
			)}
			{functions.length > 1 && (
				<Grid
					caption="By function"
					columns={[
						{
							head: 'Function',
							heads: true,
							cell: (c) => <code>{functions.find((f) => f === c)?.name ?? '?'}</code>,
						},
						lineColumn((c: Counted) => c.line),
						...shares(functions),
					]}
					rows={functions as Counted[]}
					line={(c) => c.line}
					atMost={SHOWN}
				/>
			)}
		</Linked>
	);
}
