// A tree, unfolded where one wants to look; only the rows on screen are
// rendered.  A node marks its place in the editor, the caret there its node.
import { effect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { adopt } from '../sheet';
import { editor, type Link, link, pointed, tab, visit } from '../state';
import type { Levels } from '../tree';
import { moveOf } from '../tree-moves';
import { plural } from '../words';
import css from './tree.css' with { type: 'text' };

adopt(css);

const coarse = matchMedia('(pointer: coarse)');
const EXTRA = 10;
/** Deeper nodes stay where these are, or nothing of them would be on screen. */
const DEEPEST = 16;

type Place = Omit<Link, 'by'>;
type AnyTree = Levels<{ parent: number | null }>;

/** What is unfolded of a tree, what is chosen, and what the rest of the page points at. */
export interface Outline {
	/** The id of the panel. */
	id: string;
	tree: AnyTree;
	open: ReadonlySet<number>;
	setOpen(next: ReadonlySet<number> | ((before: ReadonlySet<number>) => ReadonlySet<number>)): void;
	/** The nodes that can be seen. */
	rows: number[];
	/** Which of these is chosen: of what was folded away, the nearest above that can be seen. */
	at: number;
	now: number;
	setNow(n: number): void;
	linked: readonly number[];
	/** Where a node is in the source. */
	place(n: number): Place | null;
	/** Has the editor show where that is; null: nothing any more. */
	point(n: number | null): void;
	/** Chooses a node, unfolds what is above it, and has the editor show it. */
	choose(n: number): void;
}

/** `found`: the nodes of a place in the source; the first of the caret's is chosen. */
export function useOutline(
	id: string,
	tree: AnyTree,
	found: (at: Link) => number[],
	place: (n: number) => Place | null,
): Outline {
	// Not the panel's own name: what else of it points at lines takes back only what is its own.
	const by = `${id}-tree`;
	const [open, setOpen] = useState<ReadonlySet<number>>(() => tree.first());
	const [chosen, setChosen] = useState(0);
	// What it will be at the next rendering.
	const next = useRef(0);
	const setNow = (n: number) => {
		next.current = n;
		setChosen(n);
	};
	const [linked, setLinked] = useState<readonly number[]>([]);
	const [of, setOf] = useState(tree);
	if (of !== tree) {
		setOf(tree);
		setOpen(tree.first());
		setNow(0);
		setLinked([]);
	}
	const unfold = (n: number) =>
		setOpen((before) => {
			const above = tree.above(n).filter((p) => !before.has(p));
			return above.length === 0 ? before : new Set([...before, ...above]);
		});
	useEffect(() => {
		let followed: Link | null = null;
		return effect(() => {
			const at = link.value;
			if (tab.value !== id || at === null || at.by === by) {
				if (at === null) setLinked([]);
				return;
			}
			const all = found(at);
			const n = all[0];
			setLinked(all);
			// When the caret has moved its node is unfolded and chosen; a pointer only marks, and so does its end.
			if (n === undefined || at.by !== 'caret' || at === followed) return;
			followed = at;
			// Where the chosen node begins: it was chosen here, which has moved the caret.
			const own = place(next.current);
			if (own?.line === at.line && (own.col === undefined || own.col === at.col)) return;
			unfold(n);
			setNow(n);
		});
	}, [tree]);
	const point = (n: number | null) => {
		const at = n === null ? null : place(n);
		if (at !== null) pointed.value = { ...at, by };
		else if (pointed.peek()?.by === by) pointed.value = null;
	};
	const choose = (n: number) => {
		unfold(n);
		setNow(n);
		const at = place(n);
		if (at !== null) editor.current?.goTo(at, false);
		point(n);
	};
	const rows = useMemo(() => tree.visible(open), [tree, open]);
	const at = useMemo(() => {
		const seen = [chosen, ...tree.above(chosen)].map((n) => rows.indexOf(n)).find((i) => i >= 0);
		return seen ?? 0;
	}, [tree, rows, chosen]);
	const now = rows[at] ?? 0;
	return { id, tree, open, setOpen, rows, at, now, setNow, linked, place, point, choose };
}

/** How much of it is shown, and a button for all. */
export function TreeTools({ outline: o, of }: { outline: Outline; of: string }) {
	const { rows, tree } = o;
	const { nodes } = tree;
	const all = o.open.size > 0 && rows.length === nodes.length;
	return (
		<div class="toolbar tree-tools">
			<button
				type="button"
				class="plain-button"
				onClick={() => o.setOpen(all ? new Set([0]) : new Set(nodes.keys()))}
			>
				{all ? 'Fold all' : 'Unfold all'}
			</button>
			<span class="quiet small">
				{plural(rows.length, of)} of {nodes.length.toLocaleString('en')} shown
			</span>
		</div>
	);
}

function NodeRow({
	outline: o,
	n,
	top,
	high,
	now,
	children,
}: {
	outline: Outline;
	n: number;
	top: number;
	high: number;
	now: boolean;
	children: ComponentChildren;
}) {
	const level = o.tree.level[n] ?? 1;
	const folds = o.tree.hasChildren(n);
	const open = o.open.has(n);
	return (
		<div
			class="node"
			role="treeitem"
			id={`${o.id}-${n}`}
			data-node={n}
			aria-level={level}
			aria-posinset={o.tree.place[n]}
			aria-setsize={o.tree.siblings[n]}
			aria-expanded={folds ? open : undefined}
			aria-selected={now}
			aria-current={o.linked.includes(n) ? 'true' : undefined}
			tabIndex={now ? 0 : -1}
			style={{
				top: `${top}px`,
				height: `${high}px`,
				paddingLeft: `${10 + Math.min(level - 1, DEEPEST) * 14}px`,
			}}
		>
			<span class="node-fold" aria-hidden="true">
				{folds ? (open ? '▾' : '▸') : ''}
			</span>
			{children}
		</div>
	);
}

/** `row`: what a node's row says. */
export function TreeBox({
	outline: o,
	label,
	row,
	class: more = 'panel-body',
}: {
	outline: Outline;
	label: string;
	row: (n: number) => ComponentChildren;
	class?: string;
}) {
	const { tree, open, setOpen, rows, at, now, setNow, point } = o;
	const box = useRef<HTMLDivElement>(null);
	const [top, setTop] = useState(0);
	const [height, setHeight] = useState(600);
	const high = coarse.matches ? 44 : 28;
	useEffect(() => {
		if (box.current === null) return undefined;
		const watcher = new ResizeObserver(() => setHeight(box.current?.clientHeight ?? 600));
		watcher.observe(box.current);
		return () => watcher.disconnect();
	}, []);
	useLayoutEffect(() => {
		const b = box.current;
		if (b === null || b.clientHeight === 0) return;
		const y = at * high;
		if (y < b.scrollTop || y + high > b.scrollTop + b.clientHeight)
			b.scrollTop = Math.max(0, y - b.clientHeight / 3);
	}, [now, at, high]);
	const first = Math.max(0, Math.floor(top / high) - EXTRA);
	const end = Math.min(rows.length, Math.ceil((top + height) / high) + EXTRA);
	// The row that can have the focus is there even when it is not on screen.
	const made = [];
	for (let i = first; i < end; i++) made.push(i);
	if (at < first) made.unshift(at);
	else if (at >= end && at < rows.length) made.push(at);
	useLayoutEffect(() => {
		const b = box.current;
		if (b === null || !b.contains(document.activeElement)) return;
		b.querySelector<HTMLElement>(`[data-node="${now}"]`)?.focus({ preventScroll: true });
	}, [now]);
	const fold = (some: number[], unfold: boolean) =>
		setOpen((before) => {
			const next = new Set(before);
			for (const n of some) {
				if (unfold) next.add(n);
				else next.delete(n);
			}
			return next;
		});
	const onKey = (e: KeyboardEvent) => {
		if (e.ctrlKey || e.altKey || e.metaKey) return;
		const page = Math.max(1, Math.floor(height / high) - 1);
		const move = moveOf(e.key, { tree, rows, at, open, page });
		if (move === null) return;
		e.preventDefault();
		if (move === 'visit') {
			const place = o.place(now);
			if (place !== null) visit(place);
		} else if (move !== 'stay') {
			if ('to' in move) {
				setNow(move.to);
				point(move.to);
			} else if ('fold' in move) fold([move.fold], false);
			else fold(move.unfold, true);
		}
	};
	const nodeOf = (target: EventTarget | null): number | null => {
		const element = target instanceof Element ? target.closest<HTMLElement>('[data-node]') : null;
		return element === null ? null : Number(element.dataset.node);
	};
	return (
		<div
			class={`${more} tree`}
			role="tree"
			aria-label={label}
			ref={box}
			onScroll={(e) => setTop(e.currentTarget.scrollTop)}
			onKeyDown={onKey}
			onFocusIn={(e) => point(nodeOf(e.target))}
			onFocusOut={(e) => {
				if (!(e.relatedTarget instanceof Node && box.current?.contains(e.relatedTarget)))
					point(null);
			}}
			onPointerOver={(e) => {
				if (e.pointerType === 'mouse' && e.buttons === 0) point(nodeOf(e.target));
			}}
			onPointerLeave={() => point(box.current?.contains(document.activeElement) ? now : null)}
			onClick={(e) => {
				const n = nodeOf(e.target);
				if (n === null) return;
				const onFold = e.target instanceof Element && e.target.closest('.node-fold') !== null;
				if (onFold && tree.hasChildren(n)) fold([n], !open.has(n));
				o.choose(n);
				document.getElementById(`${o.id}-${n}`)?.focus({ preventScroll: true });
				point(n);
			}}
			onDblClick={(e) => {
				const n = nodeOf(e.target);
				if (n !== null && tree.hasChildren(n)) fold([n], !open.has(n));
			}}
		>
			<div role="presentation" style={{ height: `${rows.length * high}px` }}>
				{made.map((i) => {
					const n = rows[i] ?? 0;
					return (
						<NodeRow key={n} outline={o} n={n} top={i * high} high={high} now={i === at}>
							{row(n)}
						</NodeRow>
					);
				})}
			</div>
		</div>
	);
}
