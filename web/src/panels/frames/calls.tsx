// Calls by their path: drawn, and as a tree that can be gone through by keyboard; what is chosen in the one is in the other.
import { useMemo, useState } from 'preact/hooks';
import type { FramesLens } from '../../api-frames';
import { type Box, Calls, icicle } from '../../frames/view';
import { callsWords } from '../../frames/words';
import type { Link } from '../../state';
import { bytes, count, plural } from '../../words';
import { type Outline, TreeBox, TreeTools, useOutline } from '../tree';

const HIGH = 24;
const HUES = 8;
/** Of the width: a name has no room in less. */
const NAMED = 0.035;

function BoxView({ calls, box, outline: o }: { calls: Calls; box: Box; outline: Outline }) {
	const f = calls.of(box.node);
	const name = calls.name(box.node);
	const words =
		box.folded > 0
			? `${name}: ${plural(box.folded, 'level')} of recursion`
			: `${name}: ${callsWords(calls.nodes[box.node] ?? { calls: 0, resumes: 0, unwound: 0, deeper: 0 })}, ${count(calls.all[box.node] ?? 0)} with those below`;
	const kind = box.folded > 0 ? ' folded' : f?.kind === 'c' ? ' of-c' : '';
	const linked = box.folded === 0 && o.linked.includes(box.node);
	return (
		<span
			class={`icicle-box tint hue-${(calls.nodes[box.node]?.function ?? 0) % HUES}${kind}`}
			data-node={box.node}
			title={words}
			{...(linked ? { 'data-linked': '' } : {})}
			style={{
				left: `${box.from * 100}%`,
				width: `${(box.to - box.from) * 100}%`,
				top: `${box.level * HIGH}px`,
			}}
		>
			{box.to - box.from < NAMED
				? ''
				: box.folded > 0
					? `↻ ${name}, ${count(box.folded)} levels more`
					: `${calls.again(box.node) ? '↻ ' : ''}${name}`}
		</span>
	);
}

function Picture({ calls, outline: o }: { calls: Calls; outline: Outline }) {
	const [root, setRoot] = useState<number | null>(null);
	const drawn = useMemo(() => icicle(calls, root), [calls, root]);
	const boxes = useMemo(
		() => drawn.boxes.map((box) => <BoxView key={box.node} calls={calls} box={box} outline={o} />),
		[drawn, o.linked],
	);
	const chosen = drawn.boxOf(o.now);
	const node = calls.nodes[o.now];
	const nodeOf = (target: EventTarget | null): number | null => {
		const box = target instanceof Element ? target.closest<HTMLElement>('[data-node]') : null;
		return box === null ? null : Number(box.dataset.node);
	};
	const line = calls.calledAt(o.now);
	return (
		<figure class="icicle-figure">
			<figcaption>
				<button
					type="button"
					class="plain-button"
					disabled={o.now === root || !calls.hasChildren(o.now)}
					onClick={() => setRoot(o.now)}
				>
					Nearer
				</button>
				<button
					type="button"
					class="plain-button"
					disabled={root === null}
					onClick={() => setRoot(root === null ? null : calls.parent(root))}
				>
					Farther
				</button>
				<span class="icicle-now">
					{node !== undefined && (
						<>
							<strong>{calls.name(o.now)}</strong>
							{line !== null && ` by line ${line}`}: {callsWords(node)}
							{node.c_bytes > 0 && `, ${bytes(node.c_bytes)} of the C stack`}
						</>
					)}
				</span>
			</figcaption>
			<div
				class="icicle"
				aria-hidden="true"
				style={{ height: `${drawn.levels * HIGH}px` }}
				onPointerOver={(e) => {
					if (e.pointerType === 'mouse' && e.buttons === 0) o.point(nodeOf(e.target));
				}}
				onPointerLeave={() => o.point(null)}
				onClick={(e) => {
					const n = nodeOf(e.target);
					if (n !== null) o.choose(n);
				}}
				onDblClick={(e) => {
					const n = nodeOf(e.target);
					if (n !== null && calls.hasChildren(n)) setRoot(n);
				}}
			>
				{boxes}
				{chosen !== null && (
					<span
						class="icicle-chosen"
						style={{
							left: `${chosen.from * 100}%`,
							width: `${(chosen.to - chosen.from) * 100}%`,
							top: `${chosen.level * HIGH}px`,
						}}
					/>
				)}
			</div>
			<p class="quiet small icicle-key">
				A box is as wide as the calls in it: its own and all below. What it called is under it.{' '}
				<span class="icicle-box of-c">dashed</span> is C, ↻ was running already.
				{drawn.more && ' What is too narrow or too deep is in the tree, or nearer.'}
			</p>
		</figure>
	);
}

function NodeWords({ calls, n }: { calls: Calls; n: number }) {
	const node = calls.nodes[n];
	if (node === undefined) return null;
	const f = calls.of(n);
	const line = calls.calledAt(n);
	return (
		<>
			<strong>{calls.name(n)}</strong> {f?.kind === 'c' && <span class="tag">C</span>}{' '}
			{calls.again(n) && (
				<span title="It was running already">
					<span aria-hidden="true">↻</span>
					<span class="sr">again</span>
				</span>
			)}{' '}
			<span>{callsWords(node)}</span> {line !== null && <span class="quiet">by line {line}</span>}{' '}
			{f?.file != null && <span class="quiet">{f.file.replace(/^.*\//, '')}</span>}{' '}
			{node.c_bytes > 0 && <span class="quiet">C stack {bytes(node.c_bytes)}</span>}
		</>
	);
}

export function CallTree({ lens }: { lens: FramesLens }) {
	const calls = useMemo(() => new Calls(lens.tree ?? [], lens.functions ?? []), [lens]);
	const place = (n: number) => {
		const line = calls.lineOf(n);
		return line === null ? null : { line };
	};
	const outline = useOutline('frames', calls, (at: Link) => calls.at(at.line), place);
	if (calls.nodes.length === 0) return <p class="absent">No call is known.</p>;
	const deepest = calls.level.reduce((a, b) => Math.max(a, b), 0);
	return (
		<>
			<h3 class="part-head">Who called whom</h3>
			<p class="small pad">
				{plural(calls.total, 'call')} by {plural(calls.nodes.length, 'path')}, which{' '}
				{calls.nodes.length === 1 ? 'is' : 'are'} at most {plural(deepest, 'call')} long.
			</p>
			<Picture key={calls.total} calls={calls} outline={outline} />
			<TreeTools outline={outline} of="path" />
			<TreeBox
				outline={outline}
				label="Calls, by what made them"
				class="call-tree"
				row={(n) => <NodeWords calls={calls} n={n} />}
			/>
		</>
	);
}
