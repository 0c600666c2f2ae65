// Which function a row of a table is about.
import { isOurs, type PathFunction } from '../calls';
import { adopt } from '../sheet';
import css from './functions.css' with { type: 'text' };
import type { Column } from './grid';

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
