// Lists and tuples slot by slot; text and bytes byte by byte.
import type { Inspected, Items } from '../../api-objects';
import { count, plural } from '../../words';
import { Pairs, Ref, Section, type Sight } from './refs';

/** Free slots that are drawn; more of them look the same. */
const FREE = 64;

export function Sequence({ o, items, sight }: { o: Inspected; items: Items; sight: Sight }) {
	const { length, capacity } = items;
	const free = capacity === undefined ? 0 : Math.max(0, capacity - length);
	const drawn = Math.min(free, FREE);
	const left = length - items.items.length;
	return (
		<Section title={capacity === undefined ? 'Items' : 'Items, and room for more'}>
			<p class="obj-say">
				{capacity === undefined ? (
					<>
						{plural(length, 'item')}, in the object itself. A {o.type} never grows, so it has no
						room left over.
					</>
				) : (
					<>
						<strong>
							{plural(length, 'item')} in room for {count(capacity)}
						</strong>
						{free > 0
							? `: the next ${plural(free, 'append')} will not have to ask for memory.`
							: ': the next append has to ask for more memory, and may copy all of them.'}
					</>
				)}
			</p>
			<ol class="spots" start={0} aria-label="Items">
				{items.items.map((item, n) => (
					<li key={n} class="spot">
						<span class="spot-at">{n}</span>
						<Ref sight={sight} to={item} by={`[${n}]`} />
					</li>
				))}
				{left > 0 && <li class="spot more">{plural(left, 'item')} more, not shown</li>}
				{Array.from({ length: drawn }, (_, n) => (
					<li key={`free-${n}`} class="spot free">
						<span class="spot-at">{length + n}</span>
						<span>free</span>
					</li>
				))}
				{free > drawn && <li class="spot more">{count(free - drawn)} more free</li>}
			</ol>
			{items.hash != null && (
				<p class="quiet small obj-note">Its hash was asked for and is kept: {String(items.hash)}</p>
			)}
		</Section>
	);
}

const pairsOf = (hex: string): string[] => hex.match(/../g) ?? [];

/** A character that can be seen for every one. */
function visible(code: number): string {
	if (code < 32) return String.fromCharCode(0x2400 + code);
	if (code === 127) return '␡';
	if ((code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return '�';
	return code === 32 ? '␠' : String.fromCodePoint(code);
}

function Characters({ hex, wide }: { hex: string; wide: number }) {
	const bytes = pairsOf(hex);
	const chars = [];
	for (let at = 0; at + wide <= bytes.length; at += wide) {
		const own = bytes.slice(at, at + wide);
		chars.push({ own, code: Number.parseInt([...own].reverse().join(''), 16) });
	}
	return (
		<ol class="spots chars" start={0} aria-label="Characters and their bytes">
			{chars.map(({ own, code }, n) => (
				<li key={n} class="spot">
					<span class="spot-char">{visible(code)}</span>
					<span class="spot-hex">{own.join(' ')}</span>
				</li>
			))}
		</ol>
	);
}

const widths: Record<number, string> = {
	0: 'none yet',
	1: '1 byte each: no character is above U+00FF',
	2: '2 bytes each: the widest is above U+00FF',
	4: '4 bytes each: the widest is above U+FFFF',
};

const internedWords: Record<string, string> = {
	no: 'no',
	mortal: 'yes: equal literals and names are this object, so `is` may hold',
	immortal: 'yes, for ever',
};

export function Text({ text }: { text: NonNullable<Inspected['str']> }) {
	const wide = text.char_bytes;
	const data = text.data ?? '';
	const shown = wide > 0 ? Math.floor(data.length / 2 / wide) : 0;
	return (
		<Section title="Text">
			<Pairs
				pairs={[
					['Characters', `${count(text.length)}, ${widths[wide] ?? `${wide} bytes each`}`],
					['ASCII alone', text.ascii ? 'yes: its bytes are its UTF-8 too' : 'no'],
					['Where', text.compact ? 'behind the header, in one block' : 'in a block of their own'],
					['Interned', internedWords[text.interned] ?? text.interned],
					['Hash', text.hash === null ? 'nobody asked yet' : String(text.hash)],
					['UTF-8 kept beside it', text.utf8_kept ? 'yes' : 'no'],
				]}
			/>
			{wide > 0 && shown > 0 && <Characters hex={data} wide={wide} />}
			{text.length > shown && wide > 0 && (
				<p class="quiet small obj-note">
					{plural(text.length - shown, 'character')} more, not shown.
				</p>
			)}
		</Section>
	);
}

export function Bytes({ o }: { o: Inspected }) {
	const inside = o.bytes ?? o.bytearray;
	if (inside === undefined) return null;
	const shown = inside.data.length / 2;
	const room = o.bytearray;
	return (
		<Section title="Bytes">
			<Pairs
				pairs={
					room === undefined
						? [
								['Length', count(inside.length)],
								['Hash', o.bytes?.hash == null ? 'nobody asked yet' : String(o.bytes.hash)],
							]
						: [
								['Length', count(room.length)],
								['Room', `${count(room.capacity)} bytes, one of them for the zero at the end`],
								['Begins at', `byte ${count(room.start)} of its block`],
								['Exported', plural(room.exports, 'time')],
							]
				}
			/>
			{shown > 0 && <Characters hex={inside.data} wide={1} />}
			{inside.length > shown && (
				<p class="quiet small obj-note">{plural(inside.length - shown, 'byte')} more, not shown.</p>
			)}
		</Section>
	);
}
