// Who called whom and how often.
import { useMemo } from 'preact/hooks';
import type { FramesLens } from '../../api-frames';
import { Calls } from '../../calls';
import { callsWords } from '../../frames/words';
import { bytes, count, plural } from '../../words';
import { CallTree, type Said } from '../call-tree';

export function CallsByPath({ lens }: { lens: FramesLens }) {
	const calls = useMemo(
		() => new Calls(lens.tree ?? [], lens.functions ?? [], (n) => n.calls + n.resumes),
		[lens],
	);
	const say: Said = useMemo(() => {
		const { nodes } = calls;
		return {
			words: (n) => {
				const node = nodes[n];
				return node === undefined ? '' : callsWords(node);
			},
			all: (n) => count(calls.all[n] ?? 0),
			more: (n) => {
				const c = nodes[n]?.c_bytes ?? 0;
				return c > 0 ? `${bytes(c)} of the C stack` : '';
			},
		};
	}, [calls]);
	if (calls.nodes.length === 0) return <p class="absent">No call is known.</p>;
	const deepest = calls.level.reduce((a, b) => Math.max(a, b), 0);
	return (
		<>
			<h3 class="part-head">Who called whom</h3>
			<p class="small pad">
				{plural(calls.total, 'call')} by {plural(calls.nodes.length, 'path')}, which{' '}
				{calls.nodes.length === 1 ? 'is' : 'are'} at most {plural(deepest, 'call')} long.
			</p>
			<CallTree
				id="frames"
				calls={calls}
				say={say}
				wide="A box is as wide as the calls in it: its own and all below."
			/>
		</>
	);
}
