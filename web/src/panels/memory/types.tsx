// What stayed to the end, by type.
import { useMemo } from 'preact/hooks';
import type { MemoryLens } from '../../api-memory';
import { linesOf, type StayedType, typesOf } from '../../memory/view';
import { bytes, count } from '../../words';
import { type Column, Grid } from '../grid';
import { Share } from '../share';

const SHOWN = 12;
const LINES = 3;

export function StayedTypes({ lens }: { lens: MemoryLens }) {
	const rows = useMemo(() => typesOf(linesOf(lens)), [lens]);
	const all = rows.reduce((sum, t) => sum + t.bytes, 0);
	if (rows.length === 0) return null;
	const columns: Column<StayedType>[] = [
		{
			head: 'Type',
			heads: true,
			cell: (t) =>
				t.type === null ? (
					<span class="quiet" title="As the items of a list; or what only C reaches">
						parts of objects
					</span>
				) : (
					<code>{t.type}</code>
				),
			by: (t) => t.type,
		},
		{ head: 'Blocks', of: 'num', cell: (t) => count(t.blocks), by: (t) => t.blocks },
		{ head: 'Bytes', of: 'num', cell: (t) => bytes(t.bytes), by: (t) => t.bytes },
		{
			head: 'Share',
			of: 'share',
			wide: true,
			cell: (t) => <Share of={all > 0 ? t.bytes / all : 0} />,
		},
		{
			head: 'From',
			of: 'from',
			cell: (t) =>
				t.lines.length === 0
					? ''
					: `${t.lines.length === 1 ? 'line' : 'lines'} ${t.lines.slice(0, LINES).join(', ')}${t.lines.length > LINES ? ' …' : ''}`,
		},
	];
	return (
		<>
			<h3 class="part-head">What stayed, by type</h3>
			<Grid
				class="stayed-types"
				caption="What stayed, by type"
				quiet
				columns={columns}
				rows={rows}
				line={(t) => t.lines[0] ?? null}
				id={(t) => t.type ?? ''}
				atMost={SHOWN}
			/>
		</>
	);
}
