// The tree, unfolded where one wants to look; only the rows on screen are
// rendered.  A node marks its range in the editor, the caret there its node.
import { effect } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { AstNode } from '../../api-ast';
import { moveOf } from '../../ast/moves';
import { excerpt, fieldsOf, Tree, whole } from '../../ast/tree';
import { placeWords } from '../../ast/words';
import { editor, type Link, link, pointed, tab, visit } from '../../state';
import { plural } from '../../words';

const coarse = matchMedia('(pointer: coarse)');
const EXTRA = 10;
/** Deeper nodes stay where these are, or nothing of them would be on screen. */
const DEEPEST = 16;

function placeOf(node: AstNode | undefined): Omit<Link, 'by'> | null {
	const at = whole(node?.positions ?? null);
	return at === null ? null : { line: at[0], endLine: at[1], col: at[2], endCol: at[3] };
}

const fieldWords = (node: AstNode): string =>
	node.field === null ? '' : node.index === null ? node.field : `${node.field}[${node.index}]`;

function NodeRow({
	tree,
	n,
	top,
	high,
	open,
	now,
	linked,
}: {
	tree: Tree;
	n: number;
	top: number;
	high: number;
	open: boolean;
	now: boolean;
	linked: boolean;
}) {
	const node = tree.nodes[n];
	if (node === undefined) return null;
	const level = tree.level[n] ?? 1;
	const folds = tree.hasChildren(n);
	const fields = fieldsOf(node);
	return (
		<div
			class="node"
			role="treeitem"
			id={`ast-${n}`}
			data-node={n}
			aria-level={level}
			aria-posinset={tree.place[n]}
			aria-setsize={tree.siblings[n]}
			aria-expanded={folds ? open : undefined}
			aria-selected={now}
			aria-current={linked ? 'true' : undefined}
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
			{node.field !== null && <span class="node-field">{fieldWords(node)}</span>}
			<strong>{node.type ?? 'None'}</strong>
			{fields.map(([name, value]) => (
				<span key={name} class="node-value">
					<span class="quiet">{name}=</span>
					{value}
				</span>
			))}
		</div>
	);
}

function Chosen({ tree, n, lines }: { tree: Tree; n: number; lines: string[] }) {
	const node = tree.nodes[n];
	if (node === undefined) return null;
	const text = excerpt(lines, node.positions).trim();
	return (
		<div class="node-now">
			<p class="small">
				<strong>{node.type ?? 'None'}</strong>{' '}
				<span class="quiet">{placeWords(node.positions)}</span>
			</p>
			<pre>{text === '' ? ' ' : text}</pre>
		</div>
	);
}

/** Keeps what is folded, what is chosen, and what the rest of the page points at. */
function useTree(nodes: AstNode[]) {
	const tree = useMemo(() => new Tree(nodes), [nodes]);
	const [open, setOpen] = useState<ReadonlySet<number>>(() => tree.first());
	const [now, setNow] = useState(0);
	const [linked, setLinked] = useState<number | null>(null);
	const [of, setOf] = useState(tree);
	if (of !== tree) {
		setOf(tree);
		setOpen(tree.first());
		setNow(0);
		setLinked(null);
	}
	useEffect(
		() =>
			effect(() => {
				const at = link.value;
				if (tab.value !== 'ast' || at === null || at.by === 'ast') {
					if (at === null) setLinked(null);
					return;
				}
				const n = tree.nodeAt(at.line, at.by === 'caret' ? at.col : undefined);
				setLinked(n);
				if (n === null || at.by !== 'caret') return;
				// The caret's node is unfolded and chosen; a pointer only marks.
				setOpen((before) => {
					const above = tree.above(n).filter((p) => !before.has(p));
					return above.length === 0 ? before : new Set([...before, ...above]);
				});
				setNow(n);
			}),
		[tree],
	);
	return { tree, open, setOpen, now, setNow, linked };
}

export function TreeView({ nodes, lines }: { nodes: AstNode[]; lines: string[] }) {
	const { tree, open, setOpen, now: chosen, setNow, linked } = useTree(nodes);
	const box = useRef<HTMLDivElement>(null);
	const [top, setTop] = useState(0);
	const [height, setHeight] = useState(600);
	const rows = useMemo(() => tree.visible(open), [tree, open]);
	const high = coarse.matches ? 44 : 28;
	// Of what was folded away, the nearest node above that can be seen.
	const at = useMemo(() => {
		const seen = [chosen, ...tree.above(chosen)].map((n) => rows.indexOf(n)).find((i) => i >= 0);
		return seen ?? 0;
	}, [tree, rows, chosen]);
	const now = rows[at] ?? 0;
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
	const point = (n: number | null) => {
		const place = n === null ? null : placeOf(nodes[n]);
		if (place !== null) pointed.value = { ...place, by: 'ast' };
		else if (pointed.peek()?.by === 'ast') pointed.value = null;
	};
	const fold = (some: number[], unfold: boolean) =>
		setOpen((before) => {
			const next = new Set(before);
			for (const n of some) {
				if (unfold) next.add(n);
				else next.delete(n);
			}
			return next;
		});
	const choose = (n: number) => {
		setNow(n);
		point(n);
	};
	const onKey = (e: KeyboardEvent) => {
		if (e.ctrlKey || e.altKey || e.metaKey) return;
		const page = Math.max(1, Math.floor(height / high) - 1);
		const move = moveOf(e.key, { tree, rows, at, open, page });
		if (move === null) return;
		e.preventDefault();
		if (move === 'visit') {
			const place = placeOf(nodes[now]);
			if (place !== null) visit(place);
		} else if (move !== 'stay') {
			if ('to' in move) choose(move.to);
			else if ('fold' in move) fold([move.fold], false);
			else fold(move.unfold, true);
		}
	};
	const nodeOf = (target: EventTarget | null): number | null => {
		const row = target instanceof Element ? target.closest<HTMLElement>('[data-node]') : null;
		return row === null ? null : Number(row.dataset.node);
	};
	if (nodes.length === 0) return <div class="panel-body" />;
	const all = open.size > 0 && rows.length === nodes.length;
	return (
		<>
			<div class="toolbar tree-tools">
				<button
					type="button"
					class="plain-button"
					onClick={() => setOpen(all ? new Set([0]) : new Set(nodes.keys()))}
				>
					{all ? 'Fold all' : 'Unfold all'}
				</button>
				<span class="quiet small">
					{plural(rows.length, 'node')} of {nodes.length.toLocaleString('en')} shown
				</span>
			</div>
			<div
				class="panel-body tree"
				role="tree"
				aria-label="Syntax tree"
				ref={box}
				onScroll={(e) => setTop(e.currentTarget.scrollTop)}
				onKeyDown={onKey}
				onFocusIn={(e) => point(nodeOf(e.target))}
				onFocusOut={() => point(null)}
				onPointerOver={(e) => {
					if (e.pointerType === 'mouse' && e.buttons === 0) point(nodeOf(e.target));
				}}
				onPointerLeave={() => point(box.current?.contains(document.activeElement) ? now : null)}
				onClick={(e) => {
					const n = nodeOf(e.target);
					if (n === null) return;
					const onFold = e.target instanceof Element && e.target.closest('.node-fold') !== null;
					if (onFold && tree.hasChildren(n)) fold([n], !open.has(n));
					setNow(n);
					const place = placeOf(nodes[n]);
					if (place !== null) editor.current?.goTo(place, false);
					document.getElementById(`ast-${n}`)?.focus({ preventScroll: true });
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
							<NodeRow
								key={n}
								tree={tree}
								n={n}
								top={i * high}
								high={high}
								open={open.has(n)}
								now={i === at}
								linked={n === linked}
							/>
						);
					})}
				</div>
			</div>
			<Chosen tree={tree} n={now} lines={lines} />
		</>
	);
}
