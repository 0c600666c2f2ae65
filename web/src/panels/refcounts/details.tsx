// Which instructions changed the counts of a step, and who holds the references.
import type { HeldObject, RefCapture, RefChange, RefHolder, RefStep } from '../../api-refcounts';
import {
	causeWords,
	changeWords,
	holderWords,
	inWords,
	namesOfObject,
	pieceOf,
} from '../../refcounts/words';
import { plural } from '../../words';
import { type Column, Grid, lineColumn } from '../grid';

export function Changes({ step, lines }: { step: RefStep; lines: string[] }) {
	const changes = step.changes ?? [];
	const columns: Column<RefChange>[] = [
		{
			head: 'Name',
			heads: true,
			cell: (c) => (
				<>
					{c.name}
					{c.of != null && <span class="quiet"> of {c.of}</span>}
				</>
			),
		},
		{ head: 'References', of: 'num', cell: changeWords },
		{ head: 'By', cell: causeWords },
		lineColumn((c) => c.line),
		{ head: 'Which is', of: 'src', cell: (c) => pieceOf(c, lines) },
	];
	if (changes.length === 0) return <p class="pad quiet">No count changed in this step.</p>;
	return (
		<>
			<Grid
				caption={`What changed counts in step ${step.step}`}
				columns={columns}
				rows={changes}
				line={(c) => c.line}
				atMost={50}
			/>
			{(step.dropped_changes ?? 0) > 0 && (
				<p class="pad quiet">{plural(step.dropped_changes ?? 0, 'change')} more had no room.</p>
			)}
		</>
	);
}

type Row = { of: HeldObject; holder: RefHolder | null; words: string; n: string };

function rowsOf(o: HeldObject): Row[] {
	const rows: Row[] = o.holders.map((holder) => ({
		of: o,
		holder,
		words: holderWords(holder),
		n: String(holder.references),
	}));
	if (o.immortal != null) rows.push({ of: o, holder: null, words: o.immortal, n: '' });
	if (o.dropped > 0)
		rows.push({ of: o, holder: null, words: `${plural(o.dropped, 'holder')} more`, n: '…' });
	if ((o.unknown ?? 0) !== 0)
		rows.push({ of: o, holder: null, words: 'not found: C code', n: String(o.unknown) });
	return rows.length > 0 ? rows : [{ of: o, holder: null, words: 'nobody', n: '' }];
}

export function Holders({ capture }: { capture: RefCapture }) {
	const rows = capture.objects.flatMap(rowsOf);
	const isFirst = (n: number) => rows[n - 1]?.of !== rows[n]?.of;
	const columns: Column<Row>[] = [
		{
			head: 'Names',
			heads: true,
			cell: (r, n) => (isFirst(n) ? namesOfObject(capture, r.of) : ''),
		},
		{ head: 'Type', cell: (r, n) => (isFirst(n) ? r.of.type : '') },
		{
			head: 'References',
			of: 'num',
			cell: (r, n) => (isFirst(n) && r.of.count !== null ? inWords(r.of.count) : ''),
		},
		{ head: 'Of them', of: 'num', cell: (r) => r.n },
		{ head: 'Held by', of: 'src', cell: (r) => r.words },
	];
	return (
		<Grid
			caption={
				capture.line === null
					? 'Who holds the references at the end'
					: `Who holds the references before line ${capture.line}`
			}
			columns={columns}
			rows={rows}
			atMost={100}
		/>
	);
}
