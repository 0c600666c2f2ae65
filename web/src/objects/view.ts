// A capture of objects, laid out for showing: who has which name, what lies
// where, how room grew.
import type { Capture, Growth, Inspected, LayoutField, ObjectsLens, Whole } from '../api-objects';

export class Look {
	private readonly byNumber = new Map<number, Inspected>();
	private readonly namesOf = new Map<number, string[]>();

	constructor(readonly capture: Capture) {
		for (const o of capture.objects) this.byNumber.set(o.object, o);
		for (const { name, object } of capture.names) {
			if (object === null) continue;
			const names = this.namesOf.get(object) ?? [];
			names.push(name);
			this.namesOf.set(object, names);
		}
	}

	at(number: number | null | undefined): Inspected | null {
		return number == null ? null : (this.byNumber.get(number) ?? null);
	}

	/** The names that it has, which is what `is` would say of them. */
	names(number: number): string[] {
		return this.namesOf.get(number) ?? [];
	}
}

/** All that were made, the one of a run that was ended last. */
export const capturesOf = (lens: ObjectsLens): Capture[] => [
	...(lens.captures ?? []),
	...(lens.running == null ? [] : [lens.running]),
];

/** A stretch of a field, or of what is not told, within one row of eight bytes. */
export interface Piece {
	/** From the row's first byte on. */
	at: number;
	bytes: number;
	field: LayoutField | null;
	/** It is where the field begins. */
	first: boolean;
	/** Its bytes in hexadecimal, where they are known. */
	hex: string[];
}

export type MemoryRow =
	| { offset: number; pieces: Piece[] }
	/** Bytes that are left out, of the field or between fields. */
	| { offset: number; skipped: number; of: string | null };

export const WORD = 8;
/** Of one field without known bytes; more of it looks the same. */
const WORDS_OF_A_FIELD = 2;

const hexOf = (field: LayoutField): string[] => field.hex?.match(/../g) ?? [];

/** The stretches of an object, in order, without overlaps. */
function stretches(o: Inspected): { from: number; bytes: number; field: LayoutField | null }[] {
	const all = [];
	let at = -o.head_bytes;
	for (const field of [...o.layout].sort((a, b) => a.offset - b.offset)) {
		if (field.offset < at || field.bytes <= 0) continue;
		if (field.offset > at) all.push({ from: at, bytes: field.offset - at, field: null });
		all.push({ from: field.offset, bytes: field.bytes, field });
		at = field.offset + field.bytes;
	}
	if (at < o.object_bytes) all.push({ from: at, bytes: o.object_bytes - at, field: null });
	return all;
}

/** An object's bytes in rows of eight, from its head on. */
export function memoryRows(o: Inspected): MemoryRow[] {
	const rows: MemoryRow[] = [];
	const add = (offset: number, piece: Piece) => {
		const row = Math.floor(offset / WORD) * WORD;
		const last = rows[rows.length - 1];
		if (last !== undefined && 'pieces' in last && last.offset === row) last.pieces.push(piece);
		else rows.push({ offset: row, pieces: [piece] });
	};
	for (const { from, bytes, field } of stretches(o)) {
		const hex = field === null ? [] : hexOf(field);
		const known = hex.length > 0 ? hex.length : field === null ? 0 : WORDS_OF_A_FIELD * WORD;
		const end = from + bytes;
		let at = from;
		while (at < end) {
			const next = Math.min(end, (Math.floor(at / WORD) + 1) * WORD);
			// What is not known is shown where it shares a row, else left out.
			const whole = Math.floor(end / WORD) * WORD;
			if (at - from >= known && at % WORD === 0 && whole - at >= 2 * WORD) {
				rows.push({ offset: at, skipped: whole - at, of: field?.field ?? null });
				at = whole;
				continue;
			}
			add(at, {
				at: at - Math.floor(at / WORD) * WORD,
				bytes: next - at,
				field,
				first: at === from,
				hex: hex.slice(at - from, next - from),
			});
			at = next;
		}
	}
	return rows;
}

/** What a container's room was from when it was first seen. */
export interface Series {
	name: string;
	kind: Growth['kind'];
	address: Whole;
	function: string;
	events: Growth[];
}

export function seriesOf(growth: Growth[]): Series[] {
	const all: Series[] = [];
	const open = new Map<Whole, Series>();
	for (const event of growth) {
		let series = open.get(event.address);
		if (series === undefined || event.from === null || series.kind !== event.kind) {
			const { name, kind, address } = event;
			series = { name, kind, address, function: event.function, events: [] };
			open.set(address, series);
			all.push(series);
		}
		series.events.push(event);
	}
	return all;
}

export const roomOf = (o: Inspected): number | null =>
	o.list?.capacity ?? o.dict?.slots ?? o.set?.slots ?? o.bytearray?.capacity ?? null;

/** The series of an object.  An address may have been another's before: then
 * the room that it has now was never told of. */
export function growthOf(series: Series[], o: Inspected): Series | null {
	const room = roomOf(o);
	if (room === null) return null;
	const last = series.filter((s) => s.address === o.address && s.kind === o.kind).pop();
	return last?.events.some((e) => e.to === room) === true ? last : null;
}

/** Slots in the order in which they are looked at: which one is the how manyth. */
export function ordersOf(path: number[]): Map<number, number[]> {
	const orders = new Map<number, number[]>();
	path.forEach((slot, i) => {
		const seen = orders.get(slot) ?? [];
		seen.push(i + 1);
		orders.set(slot, seen);
	});
	return orders;
}
