// The tree that the parser made, and what is chosen of it.
import { useMemo } from 'preact/hooks';
import type { AstNode } from '../../api-ast';
import { excerpt, fieldsOf, Tree, whole } from '../../ast/tree';
import { placeWords } from '../../ast/words';
import type { Link } from '../../state';
import { TreeBox, TreeTools, useOutline } from '../tree';

function placeOf(node: AstNode | undefined): Omit<Link, 'by'> | null {
	const at = whole(node?.positions ?? null);
	return at === null ? null : { line: at[0], endLine: at[1], col: at[2], endCol: at[3] };
}

const fieldWords = (node: AstNode): string =>
	node.field === null ? '' : node.index === null ? node.field : `${node.field}[${node.index}]`;

function NodeWords({ node }: { node: AstNode | undefined }) {
	if (node === undefined) return null;
	return (
		<>
			{node.field !== null && <span class="node-field">{fieldWords(node)}</span>}
			<strong>{node.type ?? 'None'}</strong>
			{fieldsOf(node).map(([name, value]) => (
				<span key={name} class="node-value">
					<span class="quiet">{name}=</span>
					{value}
				</span>
			))}
		</>
	);
}

function Chosen({ node, lines }: { node: AstNode | undefined; lines: string[] }) {
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

export function TreeView({ nodes, lines }: { nodes: AstNode[]; lines: string[] }) {
	const tree = useMemo(() => new Tree(nodes), [nodes]);
	const found = (at: Link): number[] => {
		const n = tree.nodeAt(at.line, at.by === 'caret' ? at.col : undefined);
		return n === null ? [] : [n];
	};
	const outline = useOutline('ast', tree, found, (n) => placeOf(nodes[n]));
	if (nodes.length === 0) return <div class="panel-body" />;
	return (
		<>
			<TreeTools outline={outline} of="node" />
			<TreeBox outline={outline} label="Syntax tree" row={(n) => <NodeWords node={nodes[n]} />} />
			<Chosen node={nodes[outline.now]} lines={lines} />
		</>
	);
}
