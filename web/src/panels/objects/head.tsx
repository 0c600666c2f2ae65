// What every object has: an identity, references, a size.
import type { Inspected } from '../../api-objects';
import * as words from '../../objects/words';
import { count, plural } from '../../words';
import { Facts } from '../parts';
import { Rows, Section } from './refs';

const exact = (n: number): string => `${count(n)} B`;

export function Identity({ o }: { o: Inspected }) {
	return (
		<Facts
			facts={[
				['Address, its id()', words.address(o.address)],
				['References to it', words.references(o)],
				['GC watches it', words.tracked(o)],
				['sys.getsizeof', o.size_bytes === null ? 'would run its code' : exact(o.size_bytes)],
				['Really owns', exact(o.owned_bytes)],
			]}
		/>
	);
}

function difference(o: Inspected): string {
	const more = o.size_bytes === null ? 0 : o.owned_bytes - o.size_bytes;
	const says =
		o.size_bytes === null
			? 'Its class has a __sizeof__ in Python, which is not called here.'
			: more === 0
				? 'sys.getsizeof says the same.'
				: `sys.getsizeof says ${exact(o.size_bytes)}, which is ${exact(Math.abs(more))} ${more > 0 ? 'less' : 'more'}.`;
	return `${exact(o.owned_bytes)} are free when it is gone. ${says} The objects that it refers to are not in either.`;
}

/** What sys.getsizeof counts of the object itself: of a class not its slots. */
function counted(o: Inspected): { head: string; object: string } {
	if (o.size_bytes === null) return { head: '', object: '' };
	const blocks = o.blocks.filter((b) => b.counted).reduce((sum, b) => sum + b.bytes, 0);
	const less = o.size_bytes < o.head_bytes + o.object_bytes + blocks;
	return { head: 'counted', object: less ? 'counted in part' : 'counted' };
}

export function Sizes({ o }: { o: Inspected }) {
	const note = counted(o);
	const parts = [
		{ name: 'head, before the address', bytes: o.head_bytes, hue: 7, note: note.head },
		{ name: 'the object', bytes: o.object_bytes, hue: 2, note: note.object },
		...o.blocks.map((b, n) => ({
			name: b.block,
			bytes: b.bytes,
			hue: [5, 3, 1, 6][n % 4] ?? 5,
			note: `${b.counted ? 'counted' : 'not counted'}${b.shared ? ', shared with others' : ''}`,
		})),
	].filter((p) => p.bytes > 0);
	return (
		<Section title="Size">
			<div class="obj-bar" aria-hidden="true">
				{parts.map((p, n) => (
					<span key={n} class={`tint hue-${p.hue}`} style={{ flexGrow: p.bytes }} />
				))}
			</div>
			<Rows
				name="Size by part"
				heads={['Part', 'Bytes', 'By sys.getsizeof']}
				rows={parts.map((p) => [
					<span key="name">
						<span class={`tint dot hue-${p.hue}`} aria-hidden="true" /> <code>{p.name}</code>
					</span>,
					count(p.bytes),
					p.note,
				])}
			/>
			<p class="quiet small obj-note">{difference(o)}</p>
		</Section>
	);
}

export function AlsoKnownAs({ names }: { names: string[] }) {
	if (names.length < 2) return null;
	return (
		<p class="small obj-note">
			{plural(names.length, 'name')} for one object: <code>{names.join(' is ')}</code>
		</p>
	);
}
