// Tables of functions: which one a row is about, and what they are in.
import type { ComponentChildren } from 'preact';
import { isOurs, type PathFunction } from '../calls';
import { adopt } from '../sheet';
import css from './functions.css' with { type: 'text' };
import { type Column, Grid } from './grid';

adopt(css);

/** The line of main.py where it begins; null: it is not the program's. */
export const ownLine = (f: PathFunction): number | null => (isOurs(f) ? f.line : null);

export function whichFunction<F extends PathFunction>(): Column<F>[] {
	return [
		{
			head: 'Function',
			heads: true,
			of: 'function',
			cell: (f) => (
				<>
					<code>{f.name}</code>
					{f.kind === 'c' && <span class="tag">C</span>}
					{f.file !== null && <span class="quiet"> {f.file.replace(/^.*\//, '')}</span>}
				</>
			),
			td: (f) => (f.file === null ? {} : { title: f.file }),
			by: (f) => f.name,
		},
		{ head: 'Line', of: 'num line', cell: (f) => f.line ?? '', by: (f) => f.line },
	];
}

const SHOWN = 50;

/** `label`: of what scrolls; children: what the columns mean. */
export function FunctionTable<F extends PathFunction>({
	head,
	label,
	caption,
	columns,
	rows,
	children,
}: {
	head: string;
	label: string;
	caption: string;
	columns: Column<F>[];
	rows: F[];
	children: ComponentChildren;
}) {
	return (
		<>
			<h3 class="part-head">{head}</h3>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
			<section class="scroll" aria-label={label} tabIndex={0}>
				<Grid
					class="functions"
					caption={caption}
					quiet
					columns={columns}
					rows={rows}
					line={ownLine}
					atMost={SHOWN}
				/>
			</section>
			<p class="quiet small pad">{children}</p>
		</>
	);
}
