// What a key does in the tree, as in the trees of other programs.
import type { Levels } from './tree';

export interface Sight {
	tree: Levels<{ parent: number | null }>;
	/** The nodes that can be seen, and which of these has the focus. */
	rows: number[];
	at: number;
	open: ReadonlySet<number>;
	/** Rows on a screen. */
	page: number;
}

export type Move =
	| { to: number }
	| { fold: number }
	/** Those are to be unfolded. */
	| { unfold: number[] }
	| 'visit'
	| 'stay';

/** null: the key means nothing here. */
export function moveOf(key: string, { tree, rows, at, open, page }: Sight): Move | null {
	const now = rows[at];
	if (now === undefined) return null;
	const row = (to: number): Move => ({
		to: rows[Math.max(0, Math.min(rows.length - 1, to))] ?? now,
	});
	const folds = tree.hasChildren(now);
	const parent = tree.parent(now);
	switch (key) {
		case 'ArrowDown':
			return row(at + 1);
		case 'ArrowUp':
			return row(at - 1);
		case 'PageDown':
			return row(at + page);
		case 'PageUp':
			return row(at - page);
		case 'Home':
			return row(0);
		case 'End':
			return row(rows.length - 1);
		case 'ArrowRight':
			if (!folds) return 'stay';
			return open.has(now) ? row(at + 1) : { unfold: [now] };
		case 'ArrowLeft':
			if (folds && open.has(now)) return { fold: now };
			return parent === null ? 'stay' : { to: parent };
		case '*':
			return {
				unfold: [...tree.nodes.keys()].filter(
					(n) => tree.parent(n) === parent && tree.hasChildren(n),
				),
			};
		case 'Enter':
			return 'visit';
		default:
			return null;
	}
}
