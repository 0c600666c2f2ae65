// The tree of a source: what is below what, what is on screen, and which node
// a place in the source belongs to.
import type { AstNode, Place } from '../api-ast';
import { utf16Column } from '../editor/columns';

/** So many rows are unfolded before anybody asked. */
const FIRST_ROWS = 400;

export class Tree {
	/** The number behind the last node below each. */
	private readonly end: number[] = [];
	readonly level: number[] = [];
	/** Which of its parent's nodes each is, and of how many, from 1 on. */
	readonly place: number[] = [];
	readonly siblings: number[] = [];

	constructor(readonly nodes: AstNode[]) {
		const children = nodes.map(() => 0);
		nodes.forEach((node, n) => {
			// Each stands before those below it; a claim may say anything.
			const parent = node.parent !== null && node.parent < n ? node.parent : null;
			this.level[n] = parent === null ? 1 : (this.level[parent] ?? 0) + 1;
			if (parent !== null) children[parent] = (children[parent] ?? 0) + 1;
			this.place[n] = parent === null ? 1 : (children[parent] ?? 1);
		});
		for (let n = nodes.length - 1; n >= 0; n--) {
			this.end[n] = Math.max(this.end[n] ?? 0, n + 1);
			const parent = this.parent(n);
			if (parent !== null) this.end[parent] = Math.max(this.end[parent] ?? 0, this.end[n] ?? 0);
			this.siblings[n] = parent === null ? 1 : (children[parent] ?? 1);
		}
	}

	parent(n: number): number | null {
		const parent = this.nodes[n]?.parent ?? null;
		return parent !== null && parent < n ? parent : null;
	}

	hasChildren(n: number): boolean {
		return (this.end[n] ?? n + 1) > n + 1;
	}

	/** Those above it, the nearest first. */
	above(n: number): number[] {
		const all = [];
		for (let p = this.parent(n); p !== null; p = this.parent(p)) all.push(p);
		return all;
	}

	/** Unfolded as deep as there is room for it. */
	first(): Set<number> {
		const open = new Set<number>();
		const deepest = this.level.reduce((a, b) => Math.max(a, b), 0);
		let rows = 0;
		for (let level = 1; level <= deepest; level++) {
			const here = this.nodes.map((_, n) => n).filter((n) => this.level[n] === level);
			rows += here.length;
			if (rows > FIRST_ROWS && level > 2) break;
			for (const n of here) {
				const parent = this.parent(n);
				if (parent !== null) open.add(parent);
			}
		}
		return open;
	}

	/** The nodes that can be seen when those are unfolded. */
	visible(open: ReadonlySet<number>): number[] {
		const rows = [];
		for (let n = 0; n < this.nodes.length; n = open.has(n) ? n + 1 : (this.end[n] ?? n + 1))
			rows.push(n);
		return rows;
	}

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
