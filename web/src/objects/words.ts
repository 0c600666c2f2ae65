// What the lens `objects` says, in plain words.
import type { Capture, Inspected, LayoutField, MergeStep, Tried, Whole } from '../api-objects';
import { count, plural } from '../words';

/** All digits, in groups of three. */
export const whole = (n: Whole): string =>
	typeof n === 'number' ? count(n) : n.replace(/\B(?=(\d{3})+$)/g, ',');

export const address = (n: Whole): string =>
	BigInt(n) === 0n ? 'NULL' : `0x${BigInt(n).toString(16)}`;

/** Objects that CPython 3.11 has from the start begin with a count of
 * 999,999,999 (pycore_object.h, _PyObject_IMMORTAL_REFCNT). */
const STATIC = 900_000_000;

export const references = (o: Inspected): string =>
	o.refcount === 'immortal'
		? 'immortal'
		: Number(o.refcount) >= STATIC
			? 'static: CPython has it from the start'
			: whole(o.refcount);

export const tracked = (o: Inspected): string =>
	o.gc_tracked === null ? 'never' : o.gc_tracked ? 'yes' : 'not now';

const ordinals = ['th', 'st', 'nd', 'rd'];
const ordinal = (n: number): string =>
	`${count(n)}${(n % 100 > 10 && n % 100 < 14 ? 'th' : ordinals[n % 10]) ?? 'th'}`;

export function whenWords(c: Capture): string {
	if (c.when === 'end') return 'At the end';
	const where = c.function === null || c.function === '<module>' ? '' : ` in ${c.function}`;
	if (c.when === 'running') return `While it ran: line ${c.line ?? '?'}${where}`;
	return `Before line ${c.line ?? '?'}${where}, ${ordinal(c.hit ?? 1)} time`;
}

export function droppedWords(c: Capture): string {
	const parts = [
		c.dropped.names > 0 ? plural(c.dropped.names, 'name') : '',
		c.dropped.objects > 0 ? plural(c.dropped.objects, 'object') : '',
		c.dropped.items > 0 ? plural(c.dropped.items, 'item') : '',
	].filter((p) => p !== '');
	return parts.length === 0 ? '' : `Not shown: ${parts.join(', ')}.`;
}

const digits = (n: number): string => (n < 0 ? `−${-n}` : `+${n}`);
export const offsetWords = (offset: number): string => (offset === 0 ? '0' : digits(offset));

/** What stands in a field, where it can be said in a word. */
export function fieldValue(f: LayoutField): string {
	if (f.value !== undefined) return typeof f.value === 'number' ? String(f.value) : f.value;
	if (f.address !== undefined) return address(f.address);
	return f.hex === undefined ? '' : (f.hex.match(/../g) ?? []).join(' ');
}

/** Which colour a field has; each says its name as well. */
export function fieldHue(f: LayoutField): number {
	if (/^_gc_|^ob_(tid|mutex|gc_bits|flags)/.test(f.field)) return 7;
	if (/refcnt|ref_local|ref_shared/.test(f.field)) return 0;
	if (f.field === 'ob_type') return 2;
	if (f.hex !== undefined || /digit|characters|smalltable/.test(f.field)) return 5;
	if (/hash/.test(f.field)) return 1;
	if (/size|length|used|allocated|fill|mask|lv_tag|alloc/.test(f.field)) return 3;
	return f.address !== undefined ? 6 : 4;
}

export const tableWords: Record<string, string> = {
	general: 'general: hash, key and value in each entry',
	unicode: 'unicode: all keys are str, so an entry needs no hash of its own',
	split: 'split: the keys are shared with other instances, the values are its own',
};

const probes: Record<string, string> = {
	empty: 'empty, so the key is not in the table',
	dummy: 'a deleted entry; go on',
	'other hash': 'another hash; go on',
	'same hash, other key': 'the same hash, but the keys are not equal; go on',
	'same key': 'the key: found',
	'same hash, not asked': 'the same hash; whether the keys are equal, only their class could say',
};
export const probeWords = (there: string): string => probes[there] ?? there;

export function placeWords(t: Tried): string {
	switch (t.place) {
		case 'class':
			return `class ${t.name ?? ''}`;
		case 'metaclass':
			return `metaclass ${t.name ?? ''}`;
		case 'instance values':
			return 'the object’s own values';
		case 'instance dict':
			return 'the object’s own __dict__';
		default:
			return `the ${t.place}`;
	}
}

export function triedWords(t: Tried): string {
	if (!t.found) return 'not there';
	if (t.place !== 'class' && t.place !== 'metaclass') return 'there';
	if (t.descriptor === 'data') return 'there, a data descriptor: it goes before the object’s own';
	if (t.descriptor === 'non-data')
		return 'there, a descriptor without __set__: the object’s own goes before it';
	return 'there, a plain value: the object’s own goes before it';
}

const results: Record<string, string> = {
	instance: 'What the object has of its own.',
	slot: 'What is in the object’s slot.',
	class: 'The value that the class has, as it is.',
	'data descriptor': 'The data descriptor decides: its __get__ is called.',
	descriptor: 'The descriptor’s __get__ is called.',
	method: 'A function of the class: it becomes a method bound to the object.',
	'class method': 'A class method: bound to the class.',
	'static method': 'A static method: the function as it is.',
	__getattr__: 'Nothing was found, so the class’s __getattr__ is called.',
	__getattribute__: 'The class has a __getattribute__ of its own, which is asked for everything.',
	AttributeError: 'AttributeError.',
	C: 'The type was made in C and looks for it in a way of its own.',
};
export const resultWords = (result: string): string => results[result] ?? result;

/** Why a step of the merge took what it took. */
export function mergeWords(step: MergeStep): string {
	const over = step.passed_over.map(
		(head) => `${head} must wait: it stands further back in another list`,
	);
	const all = step.lists.every((list) => list[0] === step.taken);
	const why = all ? 'the head of all' : 'a head that stands nowhere further back';
	return [...over, `${step.taken} is ${why}`].join('; ');
}

export const storageWords: Record<string, string> = {
	slots: 'slots: the values are in the object itself, there is no __dict__',
	empty: 'nothing yet: a __dict__ is made when it is first needed',
	values: 'inline values: the keys are the class’s, shared by all its instances',
	dict: 'a dict of its own',
};
