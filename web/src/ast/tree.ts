// The tree of a source: which node a place in it belongs to.
import type { AstNode, Place } from '../api-ast';
import { utf16Column } from '../editor/columns';
import { Levels } from '../tree';

export class Tree extends Levels<AstNode> {
	/** The smallest node that has the place in it; without a column, the first
	 * that begins on the line, else the smallest that goes over it. */
	nodeAt(line: number, col: number | undefined): number | null {
		let best: number | null = null;
		for (let n = 0; n < this.nodes.length; n++) {
			const at = whole(this.nodes[n]?.positions ?? null);
			if (at === null) continue;
			if (col === undefined && at[0] === line) return n;
			if (!covers(at, line, col)) continue;
			// What is below is never larger, and stands later.
			if (best === null || smaller(at, whole(this.nodes[best]?.positions ?? null))) best = n;
		}
		return best;
	}
}

type Whole = [number, number, number, number];

export const whole = (p: Place | null): Whole | null =>
	p === null || p.some((n) => n === null) ? null : (p as Whole);

function covers([from, to, col, endCol]: Whole, line: number, at: number | undefined): boolean {
	if (line < from || line > to) return false;
	if (at === undefined) return true;
	return !(line === from && at < col) && !(line === to && at > endCol);
}

function smaller(a: Whole, b: Whole | null): boolean {
	if (b === null) return true;
	const lines = a[1] - a[0] - (b[1] - b[0]);
	return lines < 0 || (lines === 0 && (a[1] > a[0] || a[3] - a[2] <= b[3] - b[2]));
}

/** The text of a place, of its first line alone when it has several. */
export function excerpt(lines: string[], place: Place | null): string {
	const at = whole(place);
	const text = at === null ? undefined : lines[at[0] - 1];
	if (at === null || text === undefined) return '';
	const from = utf16Column(text, at[2]);
	return at[1] > at[0] ? `${text.slice(from)} …` : text.slice(from, utf16Column(text, at[3]));
}

/** Fields that are no nodes, as `name=value`. */
export const fieldsOf = (node: AstNode): [string, string][] =>
	Object.entries(node.values).map(([name, value]) => [
		name,
		Array.isArray(value) ? `[${value.map((v) => v ?? 'None').join(', ')}]` : String(value),
	]);
