// A value in its place: a literal, or an object's number that leads to its box.
import type { StepObject, StepValue } from '../../api';
import { shortName, typeName } from '../../steps/words';

/** What a value needs to know of the step that it is shown at. */
export interface Look {
	object(number: number): StepObject | null;
	/** It is named in place and has no box. */
	inline(number: number): boolean;
}

const HUES = 8;
export const hue = (number: number): string => `hue-${number % HUES}`;

function literalClass(text: string): string {
	if (/^[rbRB]*['"]/.test(text) || text.startsWith('bytearray')) return 'lit str';
	if (/^(None|True|False|Ellipsis|NotImplemented)$/.test(text)) return 'lit word';
	if (/^[-\d(]|^(inf|nan)/.test(text)) return 'lit number';
	return 'lit other';
}

/** `<module sys>` and `<class 'int'>` without the brackets. */
const readable = (text: string): string =>
	/^<(?:module|class) '?[\w.]+'?>$/.test(text) ? text.slice(1, -1).replace(/'/g, '') : text;

export function nameOf(o: StepObject): string {
	return o.kind === 'function' || o.kind === 'class'
		? `${o.kind} ${shortName(o.name ?? '?')}`
		: typeName(o);
}

export function Chip({ number }: { number: number }) {
	return <span class={`chip-number ${hue(number)}`}>#{number}</span>;
}

export function Value({ value, look }: { value: StepValue; look: Look }) {
	if (value === null)
		return (
			<span class="lit other" title="Not shown: there are too many objects">
				…
			</span>
		);
	if (typeof value === 'string')
		return (
			<span class={literalClass(value)} title={value.length > 24 ? value : undefined}>
				{readable(value)}
			</span>
		);
	const o = look.object(value);
	if (o !== null && look.inline(value))
		return (
			<span class="plain-object" title={`${nameOf(o)}, #${value}, line ${o.line ?? '?'}`}>
				<span class="kind">{o.kind === 'function' ? 'ƒ' : o.kind}</span> {shortName(o.name ?? '?')}
			</span>
		);
	return (
		<button
			type="button"
			class={`link ref ${hue(value)}`}
			data-to={value}
			tabIndex={-1}
			title={o === null ? undefined : `${nameOf(o)} #${value}`}
		>
			<span class="ref-type">{o === null ? '' : `${nameOf(o)} `}</span>#{value}
		</button>
	);
}
