// Calls by their path: drawn, and as a tree that can be gone through by keyboard; what is chosen in the one is in the other.
import { useMemo, useState } from 'preact/hooks';
import { type AnyCalls, type Box, icicle } from '../calls';
import { adopt } from '../sheet';
import type { Link } from '../state';
import { count, plural } from '../words';
import css from './call-tree.css' with { type: 'text' };
import { type Outline, TreeBox, TreeTools, useOutline } from './tree';

adopt(css);

/** What is said of calls by one path. */
export interface Said {
	/** Of the node. */
	words(n: number): string;
	/** What its width is, with those below. */
	all(n: number): string;
	/** What else of it is worth a word; ''. */
	more(n: number): string;
}

const HIGH = 24;
const HUES = 8;
/** Of the width: a name has no room in less. */
const NAMED = 0.035;

interface View {
	calls: AnyCalls;
	say: Said;
	outline: Outline;
}

function BoxView({ calls, say, box, outline: o }: View & { box: Box }) {
	const f = calls.of(box.node);
	const name = calls.name(box.node);
	const words =
		box.folded > 0
			? `${name}: ${plural(box.folded, 'level')} of recursion`
			: `${name}: ${say.words(box.node)}, ${say.all(box.node)} with those below`;
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

function Picture({ calls, say, outline: o, wide }: View & { wide: string }) {
	const [root, setRoot] = useState<number | null>(null);
	const drawn = useMemo(() => icicle(calls, root), [calls, root]);
	const boxes = useMemo(
		() =>
			drawn.boxes.map((box) => (
				<BoxView key={box.node} calls={calls} say={say} box={box} outline={o} />
			)),
		[drawn, o.linked],
	);
	const chosen = drawn.boxOf(o.now);
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
					<strong>{calls.name(o.now)}</strong>
					{line !== null && ` by line ${line}`}: {say.words(o.now)}
					{say.more(o.now) !== '' && `, ${say.more(o.now)}`}
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
				{wide} What it called is under it. <span class="icicle-box of-c">dashed</span> is C, ↻ was
				running already.
				{drawn.more && ' What is too narrow or too deep is in the tree, or nearer.'}
			</p>
		</figure>
	);
}

function NodeWords({ calls, say, n }: { calls: AnyCalls; say: Said; n: number }) {
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
			<span>{say.words(n)}</span> {line !== null && <span class="quiet">by line {line}</span>}{' '}
			{f?.file != null && <span class="quiet">{f.file.replace(/^.*\//, '')}</span>}{' '}
			<span class="quiet">{say.more(n)}</span>
		</>
	);
}

/** `id`: of the panel; `wide`: what a box is as wide as. */
export function CallTree({
	id,
	calls,
	say,
	wide,
}: {
	id: string;
	calls: AnyCalls;
	say: Said;
	wide: string;
}) {
	const place = (n: number) => {
		const line = calls.lineOf(n);
		return line === null ? null : { line };
	};
	const outline = useOutline(id, calls, (at: Link) => calls.at(at.line), place);
	return (
		<>
			<Picture key={calls.total} calls={calls} say={say} outline={outline} wide={wide} />
			<TreeTools outline={outline} of="path" />
			<TreeBox
				outline={outline}
				label="Calls, by what made them"
				class="call-tree"
				row={(n) => <NodeWords calls={calls} say={say} n={n} />}
			/>
		</>
	);
}
