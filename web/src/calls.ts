// Calls by their path, as they are drawn: a box for each, as wide as what the calls in it are worth.
import { Levels } from './tree';

/** A function that was called, as far as each lens that hears of calls tells it. */
export interface PathFunction {
	name: string;
	kind: 'python' | 'c';
	/** null: main.py, or C. */
	file: string | null;
	line: number | null;
}

/** Calls of a function by one path. */
export interface PathNode {
	parent: number | null;
	function: number;
	/** Of the caller; null when that is C. */
	line: number | null;
}

export const isOurs = (f: PathFunction): boolean => f.kind === 'python' && f.file === null;

/** `own`: what a node without those below it is worth. */
export class Calls<N extends PathNode, F extends PathFunction> extends Levels<N> {
	/** What each is worth, with all below it. */
	readonly all: number[];
	readonly total: number;
	private readonly byLine = new Map<number, number[]>();

	constructor(
		nodes: N[],
		readonly functions: F[],
		own: (node: N) => number,
	) {
		super(nodes);
		this.all = nodes.map(own);
		for (let n = nodes.length - 1; n >= 0; n--) {
			const parent = this.parent(n);
			if (parent !== null) this.all[parent] = (this.all[parent] ?? 0) + (this.all[n] ?? 0);
		}
		this.total = this.roots.reduce((sum, n) => sum + (this.all[n] ?? 0), 0);
		for (const n of this.order) {
			const line = this.lineOf(n);
			if (line === null) continue;
			const those = this.byLine.get(line);
			if (those === undefined) this.byLine.set(line, [n]);
			else those.push(n);
		}
	}

	of(n: number): F | null {
		return this.functions[this.nodes[n]?.function ?? -1] ?? null;
	}

	name(n: number): string {
		return this.of(n)?.name ?? '?';
	}

	/** The line of main.py that called it; null: another file's, or C did. */
	calledAt(n: number): number | null {
		const parent = this.parent(n);
		const caller = parent === null ? null : this.of(parent);
		return caller !== null && isOurs(caller) ? (this.nodes[n]?.line ?? null) : null;
	}

	/** The line of main.py to go to: where it was called, else where it begins. */
	lineOf(n: number): number | null {
		const f = this.of(n);
		const own = f !== null && isOurs(f) ? f.line : null;
		return this.calledAt(n) ?? own;
	}

	/** Those of a line, in the order of the tree. */
	at(line: number): number[] {
		return this.byLine.get(line) ?? [];
	}

	/** Whether it was running already when it was called there. */
	again(n: number): boolean {
		const f = this.nodes[n]?.function;
		return this.above(n).some((p) => this.nodes[p]?.function === f);
	}
}

export type AnyCalls = Calls<PathNode, PathFunction>;

export interface Box {
	node: number;
	/** From 0 on. */
	level: number;
	/** Of the width, from 0 to 1. */
	from: number;
	to: number;
	/** Levels of a recursion that it stands for; 0: it is one call's. */
	folded: number;
}

/** A recursion of more levels than that is drawn as its first two, its last, and one box between. */
const RUN = 8;
/** What is deeper is not drawn. */
const LEVELS = 40;
/** What is narrower is not drawn: a box has a pixel at least. */
const NARROW = 1 / 600;
const MOST_BOXES = 3000;

/** The nodes of a recursion by one line that nothing branches off from, itself the first. */
function runFrom(calls: AnyCalls, n: number): number[] {
	const run = [n];
	const f = calls.nodes[n]?.function;
	let line: number | null | undefined;
	for (let at = n; ; ) {
		const below = calls.children(at);
		const next = below[0];
		const node = next === undefined ? undefined : calls.nodes[next];
		if (below.length !== 1 || next === undefined || node?.function !== f) return run;
		if (line !== undefined && node?.line !== line) return run;
		line = node?.line;
		run.push(next);
		at = next;
	}
}

export interface Icicle {
	boxes: Box[];
	levels: number;
	/** Whether there is more than is drawn. */
	more: boolean;
	/** The box that has a node, or the nearest above it; null: what is drawn has none. */
	boxOf(n: number): Box | null;
}

/** `root`: what is drawn is below it; null: all. */
export function icicle(calls: AnyCalls, root: number | null): Icicle {
	const boxes: Box[] = [];
	const of = new Map<number, Box>();
	let more = false;
	let levels = 0;
	const left: [n: number, level: number, from: number, to: number][] = [];
	const under = (some: number[], all: number, level: number, from: number, to: number) => {
		let at = from;
		const parts: typeof left = [];
		for (const n of some) {
			const end = at + ((to - from) * (calls.all[n] ?? 0)) / Math.max(1, all);
			parts.push([n, level, at, end]);
			at = end;
		}
		left.push(...parts.reverse());
	};
	const put = (box: Box, nodes: number[]) => {
		boxes.push(box);
		levels = Math.max(levels, box.level + 1);
		for (const n of nodes) of.set(n, box);
	};
	if (root === null) under(calls.roots, calls.total, 0, 0, 1);
	else left.push([root, 0, 0, 1]);
	for (let next = left.pop(); next !== undefined; next = left.pop()) {
		const [n, level, from, to] = next;
		if (level >= LEVELS || to - from < NARROW || boxes.length >= MOST_BOXES) {
			more = true;
			continue;
		}
		const own = calls.all[n] ?? 0;
		const width = (m: number) => ((to - from) * (calls.all[m] ?? 0)) / Math.max(1, own);
		const run = runFrom(calls, n);
		const [, second, third] = run;
		const last = run[run.length - 1];
		put({ node: n, level, from, to, folded: 0 }, [n]);
		// A box with levels in it takes one.
		if (run.length <= RUN || second === undefined || third === undefined || last === undefined) {
			under(calls.children(n), own, level + 1, from, to);
			continue;
		}
		put({ node: second, level: level + 1, from, to: from + width(second), folded: 0 }, [second]);
		const between = run.slice(2, -1);
		put(
			{ node: third, level: level + 2, from, to: from + width(third), folded: between.length },
			between,
		);
		left.push([last, level + 3, from, from + width(last)]);
	}
	return {
		boxes,
		levels,
		more,
		boxOf(n) {
			for (const p of [n, ...calls.above(n)]) {
				const box = of.get(p);
				if (box !== undefined) return box;
			}
			return null;
		},
	};
}
