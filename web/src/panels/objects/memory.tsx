// An object's own bytes, in rows of eight: a picture, and the same as a table.
import { useMemo } from 'preact/hooks';
import type { Inspected, LayoutField } from '../../api-objects';
import { type MemoryRow, memoryRows, type Piece } from '../../objects/view';
import * as words from '../../objects/words';
import { count, plural } from '../../words';
import { Ref, Rows, Section, type Sight } from './refs';

function Stretch({ piece }: { piece: Piece }) {
	const { field } = piece;
	const column = `${piece.at + 1} / span ${piece.bytes}`;
	if (field === null)
		return (
			<span class="byte-field untold" style={{ gridColumn: column }}>
				{piece.bytes > 3 ? 'not told' : ''}
			</span>
		);
	const value = piece.hex.length > 0 ? '' : piece.first ? words.fieldValue(field) : '';
	return (
		<span
			class={`byte-field tint hue-${words.fieldHue(field)}${piece.first ? '' : ' goes-on'}${piece.bytes < 2 ? ' tight' : ''}`}
			style={{ gridColumn: column }}
			title={`${field.field}: ${words.fieldValue(field)}`}
		>
			<span class="byte-name">{piece.first ? field.field : ''}</span>
			{value !== '' && <span class="byte-value">{value}</span>}
			{piece.hex.length > 0 && (
				<span class="byte-hex">
					{piece.hex.map((h, n) => (
						<span key={n}>{h}</span>
					))}
				</span>
			)}
		</span>
	);
}

function MemoryRowView({ row }: { row: MemoryRow }) {
	const offset = <span class="byte-offset">{words.offsetWords(row.offset)}</span>;
	if ('skipped' in row)
		return (
			<div class="byte-row">
				{offset}
				<span class="byte-skipped">
					⋮ {plural(row.skipped, 'byte')} {row.of === null ? 'not told' : `more of ${row.of}`}
				</span>
			</div>
		);
	return (
		<div class={row.offset === 0 ? 'byte-row begins' : 'byte-row'}>
			{offset}
			<span class="byte-cells">
				{row.pieces.map((piece) => (
					<Stretch key={piece.at} piece={piece} />
				))}
			</span>
		</div>
	);
}

const inTable = (f: LayoutField): string => {
	const text = words.fieldValue(f);
	return f.hex !== undefined && f.hex.length / 2 < f.bytes ? `${text} …` : text;
};

export function Memory({ o, sight }: { o: Inspected; sight: Sight }) {
	const rows = useMemo(() => memoryRows(o), [o]);
	return (
		<Section title="Bytes of the object">
			<p class="quiet small obj-note">
				Eight bytes a row, offsets from the address.
				{o.head_bytes > 0 && ` ${plural(o.head_bytes, 'byte')} lie before it.`}
			</p>
			<div class="bytes" aria-hidden="true">
				{rows.map((row) => (
					<MemoryRowView key={row.offset} row={row} />
				))}
			</div>
			<details class="twin">
				<summary>Fields as a table</summary>
				<Rows
					name="Fields"
					heads={['Offset', 'Bytes', 'Field', 'Value']}
					rows={o.layout.map((f) => [
						words.offsetWords(f.offset),
						count(f.bytes),
						<code key="field">{f.field}</code>,
						f.object !== undefined && sight.look.at(f.object) !== null ? (
							<Ref key="to" sight={sight} to={f.object} by={`.${f.field}`} />
						) : (
							<code key="value">{inTable(f)}</code>
						),
					])}
				/>
			</details>
		</Section>
	);
}
