// Changes of counts, and who holds references, in words.
import type { Count, HeldObject, RefCapture, RefChange, RefHolder } from '../api-refcounts';

/** Objects that CPython 3.11 has from the start begin with this count
 * (Include/internal/pycore_object.h, _PyObject_IMMORTAL_REFCNT). */
const STATIC = 999_999_999;
export const isCounted = (count: Count | undefined): count is number =>
	typeof count === 'number' && count < STATIC;
export const inWords = (count: Count): string =>
	typeof count === 'number' && !isCounted(count) ? 'static' : String(count);

const NONE = '–';
const part = (count: Count | null): string => (count === null ? NONE : inWords(count));

/** "1 → 2". */
export const changeWords = (c: RefChange): string => `${part(c.from)} → ${part(c.to)}`;

/** Which instruction, and what part of a call it was. */
export function causeWords(c: RefChange): string {
	const op = c.instruction?.op ?? 'unknown';
	const call =
		c.call === undefined ? '' : c.call === 'begins' ? ', as the call begins' : ', as the call ends';
	return `${op}${call}${c.switched === true ? ', while another thread ran' : ''}`;
}

/** The part of its line that the instruction is of: columns are bytes of UTF-8. */
export function pieceOf(c: RefChange, lines: string[]): string {
	const { column = null, end_column: end = null } = c.instruction ?? {};
	const line = c.line === null ? undefined : lines[c.line - 1];
	if (line === undefined || column === null || end === null) return '';
	return new TextDecoder().decode(new TextEncoder().encode(line).slice(column, end));
}

/** "['x'] of dict, module __main__.__dict__"; "q of the frame of f"; "cell z of f". */
export function holderWords(h: RefHolder): string {
	if (h.of?.as === 'cell') return `cell ${h.of.variable} of ${h.of.name}`;
	const places = h.places.length > 0 ? `${h.places.join(', ')} of ` : '';
	if (h.of?.as === 'frame')
		return `${places}the ${h.kind === 'generator' ? 'generator' : 'frame'} of ${h.of.name}`;
	const of =
		h.of === null ? '' : `, ${h.of.type}${h.of.name === '' ? '' : ` ${h.of.name}`}${h.of.as}`;
	return `${places}${h.type}${of}`;
}

export const namesOfObject = (capture: RefCapture, o: HeldObject): string =>
	capture.names
		.filter((n) => n.object === o.object)
		.map((n) => n.name)
		.join(', ');
