// A tree of which each node names its parent, which stands before it: what is below what, and what is on screen.

/** So many rows are unfolded before anybody asked. */
const FIRST_ROWS = 400;

export class Levels<Node extends { parent: number | null }> {
	/** The number behind the last node below each. */
	private readonly end: number[] = [];
	readonly level: number[] = [];
	/** Which of its parent's nodes each is, and of how many, from 1 on. */
	readonly place: number[] = [];
	readonly siblings: number[] = [];
	/** Those directly below each. */
	private readonly below: number[][] = [];
	readonly roots: number[] = [];
	/** All of them, each before those below it, and these before the next. */
	readonly order: number[] = [];

	constructor(readonly nodes: Node[]) {
		nodes.forEach((_, n) => {
			this.below[n] = [];
			const parent = this.parent(n);
			const among = parent === null ? this.roots : (this.below[parent] ?? []);
			this.level[n] = parent === null ? 1 : (this.level[parent] ?? 0) + 1;
			this.place[n] = among.push(n);
		});
		const left = [...this.roots].reverse();
		for (let n = left.pop(); n !== undefined; n = left.pop()) {
			this.end[n] = this.order.push(n);
			for (const c of [...this.children(n)].reverse()) left.push(c);
		}
		for (const n of [...this.order].reverse()) {
			const parent = this.parent(n);
			if (parent !== null) this.end[parent] = Math.max(this.end[parent] ?? 0, this.end[n] ?? 0);
			this.siblings[n] = (parent === null ? this.roots : this.children(parent)).length;
		}
	}

	/** Each stands before those below it; a claim may say anything. */
	parent(n: number): number | null {
		const parent = this.nodes[n]?.parent ?? null;
		return parent !== null && parent < n && parent >= 0 ? parent : null;
	}

	children(n: number): number[] {
		return this.below[n] ?? [];
	}

	hasChildren(n: number): boolean {
		return this.children(n).length > 0;
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
		const levels: number[][] = Array.from({ length: deepest }, () => []);
		this.level.forEach((level, n) => {
			levels[level - 1]?.push(n);
		});
		let rows = 0;
		for (const [i, here] of levels.entries()) {
			rows += here.length;
			if (rows > FIRST_ROWS && i > 1) break;
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
		for (let at = 0; at < this.order.length; ) {
			const n = this.order[at] ?? 0;
			rows.push(n);
			at = open.has(n) ? at + 1 : (this.end[n] ?? at + 1);
		}
		return rows;
	}
}
