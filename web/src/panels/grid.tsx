// A table whose rows may speak of source lines: all there is to see, or the twin of a picture.
import type { ComponentChildren, HTMLAttributes, TdHTMLAttributes } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { next, type Order, ordered } from '../order';
import { adopt } from '../sheet';
import { count } from '../words';
import css from './grid.css' with { type: 'text' };

adopt(css);

export interface Column<Row> {
	/** Unlike those of other columns that rows can be put in order by. */
	head: string;
	/** The head is for who cannot see. */
	quiet?: boolean;
	/** Where there is little room it is left out. */
	wide?: boolean;
	/** The classes of its cells: num, line, src… */
	of?: string;
	/** Its cells head their rows. */
	heads?: boolean;
	cell(row: Row, n: number): ComponentChildren;
	/** What rows can be put in order by. */
	by?(row: Row): number | string | null;
	/** What else the cell of a row has. */
	td?(row: Row, n: number): TdHTMLAttributes<HTMLTableCellElement>;
}

interface Props<Row> {
	caption?: ComponentChildren;
	/** The caption is for who cannot see what stands around the table. */
	quiet?: boolean;
	class?: string;
	columns: Column<Row>[];
	rows: Row[];
	/** The line of the source that a row is linked with. */
	line?(row: Row): number | null;
	/** What a row is known by when others come or go; else its number. */
	id?(row: Row, n: number): number | string;
	/** What else a row has. */
	tr?(row: Row, n: number): HTMLAttributes<HTMLTableRowElement>;
	/** The number of the first row. */
	first?: number;
	/** So many are shown at first, and so many more each time. */
	atMost?: number;
}

const classes = (of: string | undefined, wide: boolean | undefined): string | undefined =>
	wide === true ? `${of ?? ''} wide`.trim() : of;

function Head<Row>({
	column: c,
	order,
	setOrder,
}: {
	column: Column<Row>;
	order: Order | null;
	setOrder: ((order: Order | null) => void) | null;
}) {
	const num = c.of?.includes('num') === true;
	const by = order?.head === c.head ? order : null;
	const sort = by === null ? undefined : by.down ? 'descending' : 'ascending';
	return (
		<th scope="col" class={classes(num ? 'num' : undefined, c.wide)} aria-sort={sort}>
			{c.quiet === true ? (
				<span class="sr">{c.head}</span>
			) : setOrder === null || c.by === undefined ? (
				c.head
			) : (
				<button
					type="button"
					class="sort"
					onClick={() => setOrder(next(order, c.head, num))}
					title={`In order of ${c.head.toLowerCase()}`}
				>
					{c.head}
					<span aria-hidden="true">{by === null ? ' ↕' : by.down ? ' ▾' : ' ▴'}</span>
				</button>
			)}
		</th>
	);
}

export function Grid<Row>(props: Props<Row>) {
	const { columns, rows, first = 0, atMost = rows.length } = props;
	const [order, setOrder] = useState<Order | null>(null);
	const [shown, setShown] = useState(atMost);
	const all = useMemo(() => {
		const by = columns.find((c) => c.head === order?.head)?.by;
		const numbered = rows.map((row, i) => ({ row, n: first + i }));
		return by === undefined ? numbered : ordered(numbered, ({ row }) => by(row), order?.down);
	}, [rows, first, order]);
	return (
		<>
			<table class={props.class === undefined ? 'grid' : `grid ${props.class}`}>
				{props.caption !== undefined && (
					<caption class={props.quiet === true ? 'sr' : undefined}>{props.caption}</caption>
				)}
				<thead>
					<tr>
						{columns.map((c, i) => (
							<Head key={i} column={c} order={order} setOrder={rows.length > 1 ? setOrder : null} />
						))}
					</tr>
				</thead>
				<tbody>
					{all.slice(0, Math.max(shown, atMost)).map(({ row, n }) => {
						const line = props.line?.(row) ?? null;
						return (
							<tr
								key={props.id?.(row, n) ?? n}
								{...(line === null ? {} : { tabIndex: -1, 'data-line': line })}
								{...props.tr?.(row, n)}
							>
								{columns.map((c, i) =>
									c.heads === true ? (
										<th scope="row" key={i} class={classes(c.of, c.wide)} {...c.td?.(row, n)}>
											{c.cell(row, n)}
										</th>
									) : (
										<td key={i} class={classes(c.of, c.wide)} {...c.td?.(row, n)}>
											{c.cell(row, n)}
										</td>
									),
								)}
							</tr>
						);
					})}
				</tbody>
			</table>
			{rows.length > shown && (
				<p class="pad">
					<button type="button" class="plain-button" onClick={() => setShown(shown + atMost)}>
						{count(Math.min(atMost, rows.length - shown))} more of {count(rows.length)}
					</button>
				</p>
			)}
		</>
	);
}

/** The columns of a line: its number, and its text. */
export const lineColumn = <Row,>(line: (row: Row) => number | null): Column<Row> => ({
	head: 'Line',
	of: 'num line',
	cell: (row) => line(row) ?? '',
});
