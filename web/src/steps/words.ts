// A step in words: what happens at it, and what it changed.
import type { StepObject, StepValue } from '../api';
import { count, plural } from '../words';
import type { Output } from './output';
import type { Trace } from './trace';

const LONG = 40;

export const cut = (text: string, most = LONG): string =>
	text.length > most ? `${text.slice(0, most - 1)}…` : text;

export const typeName = (o: StepObject): string => o.type ?? o.kind;

/** A function's name without the functions that it is written in. */
export const shortName = (qualname: string): string => {
	const at = qualname.lastIndexOf('<locals>.');
	return at < 0 ? qualname : qualname.slice(at + '<locals>.'.length);
};

const MADE: Record<string, string> = {
	'<module>': 'the program',
	'<listcomp>': 'the list comprehension',
	'<setcomp>': 'the set comprehension',
	'<dictcomp>': 'the dict comprehension',
	'<genexpr>': 'the generator expression',
	'<lambda>': 'the lambda',
};

/** What to call a frame's function in a sentence. */
export const functionWords = (qualname: string): string =>
	MADE[shortName(qualname)] ?? shortName(qualname);

/** The frame's card and the table name it so. */
export const frameTitle = (qualname: string): string =>
	shortName(qualname) === '<module>' ? 'module' : shortName(qualname);

/** An object in a few words. */
export function objectWords(trace: Trace, number: number, i: number): string {
	const o = trace.objectAt(number, i);
	if (o === null) return `#${number}`;
	if (o.kind === 'exception') return exceptionWords(trace, number, i);
	if (o.kind === 'function' || o.kind === 'class') return `${o.kind} ${shortName(o.name ?? '?')}`;
	return `${typeName(o)} #${number}`;
}

export function valueWords(trace: Trace, value: StepValue, i: number, most = LONG): string {
	if (value === null) return 'something that is not shown';
	return typeof value === 'string' ? cut(value, most) : objectWords(trace, value, i);
}

/** A literal that is a plain string, without its quotes. */
const unquoted = (literal: string): string =>
	/^'[^'\\]*'$|^"[^"\\]*"$/.test(literal) ? literal.slice(1, -1) : literal;

/** As a traceback ends. */
export function exceptionWords(trace: Trace, value: StepValue, i: number): string {
	const o = typeof value === 'number' ? trace.objectAt(value, i) : null;
	if (o === null) return valueWords(trace, value, i);
	const args = o.args ?? [];
	const words = args.map((a) => valueWords(trace, a, i, 80));
	const name = typeName(o);
	if (args.length === 0) return name;
	const one = name === 'KeyError' ? (words[0] as string) : unquoted(words[0] as string);
	return `${name}: ${args.length === 1 ? one : `(${words.join(', ')})`}`;
}

/** At the beginning of a sentence; names of functions stay what they are. */
const capital = (text: string): string => (text.startsWith('the ') ? `The ${text.slice(4)}` : text);

function isClassBody(trace: Trace, frame: number, lines: string[]): boolean {
	const first = trace.frames.get(frame)?.steps[0];
	if (first === undefined || trace.frameAt(frame, first)?.function === '<module>') return false;
	return /^\s*class\b/.test(lines[(trace.line[first] ?? 0) - 1] ?? '');
}

/** What happens at a step, as a sentence without its full stop. */
export function happens(trace: Trace, i: number, lines: string[]): string {
	const frame = trace.frame[i] as number;
	const info = trace.frameAt(frame, i);
	const line = trace.line[i] as number;
	const name = info?.function ?? '?';
	const body = isClassBody(trace, frame, lines);
	const who = body ? `the body of class ${shortName(name)}` : functionWords(name);
	const value = trace.valueAt(i) ?? null;
	const is = () => valueWords(trace, value, i);
	const generator = info?.generator === undefined ? null : trace.objectAt(info.generator, i);
	const waits = generator !== null && typeName(generator) === 'coroutine';
	switch (trace.eventAt(i)) {
		case 'line':
			return `Line ${line} runs next`;
		case 'call': {
			if (body || MADE[shortName(name)] !== undefined) return `${capital(who)} begins`;
			const args = trace
				.variablesAt(frame, i)
				.map((v) => `${v.name}=${valueWords(trace, v.value, i, 20)}`);
			return `${generator === null ? '' : 'The first steps of '}${who}(${cut(args.join(', '), 60)})${generator === null ? ' is called' : ' begin'}`;
		}
		case 'resume':
			return `${capital(who)} goes on where it was suspended`;
		case 'return':
			if (body) return `${capital(who)} ends`;
			if (shortName(name) === '<module>') return 'The program ends';
			if (generator !== null) return `${capital(who)} is done and returns ${is()}`;
			return `${capital(who)} returns ${is()}`;
		case 'yield':
			return waits ? `${capital(who)} waits, and is suspended` : `${capital(who)} yields ${is()}`;
		case 'unwind':
			return shortName(name) === '<module>'
				? `The program is ended by ${exceptionWords(trace, value, i)}`
				: `${capital(who)} is left by ${exceptionWords(trace, value, i)}`;
		case 'exception':
			return i > 0 && trace.eventAt(i - 1) === 'unwind' && trace.valueAt(i - 1) === value
				? `${exceptionWords(trace, value, i)} arrives at line ${line}`
				: `Line ${line} raises ${exceptionWords(trace, value, i)}`;
	}
}

/** One word for a table's column. */
export function eventWords(trace: Trace, i: number): string {
	const name = trace.eventAt(i);
	const value = trace.valueAt(i) ?? null;
	switch (name) {
		case 'line':
			return '';
		case 'call':
			return 'begins';
		case 'resume':
			return 'goes on';
		case 'return':
			if (trace.frameAt(trace.frame[i] ?? 0, i)?.function === '<module>') return 'the end';
			return `returns ${valueWords(trace, value, i, 24)}`;
		case 'yield':
			return `yields ${valueWords(trace, value, i, 24)}`;
		case 'unwind':
			return `left by ${exceptionWords(trace, value, i)}`;
		case 'exception':
			return `raises ${exceptionWords(trace, value, i)}`;
	}
}

type Pairs = [string, StepValue][];

/** What differs between two lists of values, place by place. */
function items(trace: Trace, i: number, who: string, old: StepValue[], now: StepValue[]): string {
	const say = (v: StepValue | undefined) => valueWords(trace, v ?? null, i, 20);
	let same = 0;
	while (same < old.length && same < now.length && old[same] === now[same]) same++;
	if (same === old.length && now.length > old.length) {
		const added = now.slice(same);
		return added.length > 3
			? `${who} gets ${added.length} more`
			: `${who} gets ${added.map(say).join(', ')}`;
	}
	if (same === now.length && old.length > now.length) {
		const lost = old.slice(same);
		return lost.length > 3
			? `${who} loses ${lost.length}`
			: `${who} loses ${lost.map(say).join(', ')}`;
	}
	const differing = now.flatMap((v, k) => (v === old[k] ? [] : [k]));
	if (now.length !== old.length || differing.length > 2) return `${who} is another`;
	return differing.map((k) => `${who}[${k}] = ${say(now[k])}`).join(', ');
}

/** The same for values that have a name. */
function pairs(trace: Trace, i: number, old: Pairs, now: Pairs, name: (key: string) => string) {
	const before = new Map(old);
	const after = new Map(now);
	const all: string[] = [];
	for (const [k, v] of after)
		if (before.get(k) !== v) all.push(`${name(k)} = ${valueWords(trace, v, i, 20)}`);
	for (const k of before.keys()) if (!after.has(k)) all.push(`${name(k)} is gone`);
	return all;
}

function objectChanges(
	trace: Trace,
	i: number,
	number: number,
	old: StepObject,
	now: StepObject,
	told: Set<string>,
): string[] {
	const who = objectWords(trace, number, i);
	const all: string[] = [];
	if (old.state !== now.state && now.state !== undefined) all.push(`${who} is ${now.state}`);
	if (old.items !== undefined && now.items !== undefined) {
		const changed =
			old.items.length !== now.items.length || old.items.some((v, k) => v !== now.items?.[k]);
		if (changed) all.push(items(trace, i, who, old.items, now.items));
		else if (old.length !== now.length) all.push(`${who} has ${plural(now.length ?? 0, 'item')}`);
	}
	if (old.entries !== undefined && now.entries !== undefined) {
		const keyed = (e: [StepValue, StepValue][]): Pairs =>
			e.map(([k, v]) => [valueWords(trace, k, i, 20), v]);
		all.push(...pairs(trace, i, keyed(old.entries), keyed(now.entries), (k) => `${who}[${k}]`));
	}
	if (old.attributes !== undefined && now.attributes !== undefined)
		all.push(...pairs(trace, i, old.attributes, now.attributes, (k) => `${who}.${k}`));
	if (old.closure !== undefined && now.closure !== undefined)
		// The frame that has such a name as well has told of it.
		all.push(
			...pairs(
				trace,
				i,
				old.closure.filter(([k]) => !told.has(k)),
				now.closure.filter(([k]) => !told.has(k)),
				(k) => `${k} of ${who}`,
			),
		);
	if (old.text !== now.text && now.text !== undefined) all.push(`${who} is ${cut(now.text)}`);
	const silent = now.closure !== undefined && told.size > 0;
	return all.length > 0 || silent ? all : [`${who} is changed`];
}

/** What a step changed, a phrase for each thing. */
export function changes(trace: Trace, i: number, output: Output): string[] {
	const all: string[] = [];
	const s = trace.raw[i];
	if (s === undefined || i === 0) return all;
	const here = trace.frame[i];
	const told = new Set<string>();
	for (const [key, names] of Object.entries(s.variables ?? {})) {
		const frame = Number(key);
		const function_ = trace.frameAt(frame, i)?.function;
		const of = frame === here || function_ === undefined ? '' : ` in ${functionWords(function_)}`;
		for (const [name, value] of Object.entries(names)) {
			told.add(name);
			all.push(
				value === null
					? `${name} is gone${of}`
					: `${name} = ${valueWords(trace, value, i, 24)}${of}`,
			);
		}
	}
	for (const [key, now] of Object.entries(s.objects ?? {})) {
		const number = Number(key);
		const old = trace.objectAt(number, i - 1);
		if (old !== null && now !== null) all.push(...objectChanges(trace, i, number, old, now, told));
	}
	const printed = output.between(trace, i - 1, i);
	if (printed !== '') all.push(`prints ${cut(JSON.stringify(printed))}`);
	return all;
}

/** The step in one or two sentences, for who does not see it. */
export function spoken(trace: Trace, i: number, lines: string[], output: Output): string {
	const source = lines[(trace.line[i] ?? 0) - 1]?.trim() ?? '';
	const told = changes(trace, i, output);
	const more = told.length > 3 ? `, and ${told.length - 3} more changes` : '';
	const left = trace.leftOutBefore(i);
	return [
		`Step ${trace.number[i]}.`,
		left > 0 ? `${plural(left, 'step')} left out before it.` : '',
		`${happens(trace, i, lines)}: ${source}.`,
		told.length > 0 ? `${told.slice(0, 3).join(', ')}${more}.` : '',
	]
		.filter((part) => part !== '')
		.join(' ');
}

/** How many steps there are, and which are not. */
export function coverage(trace: Trace): string {
	const n = trace.length;
	const after = trace.leftOutAfter;
	if (after === null)
		return `The record ends after step ${count(trace.number[n - 1] ?? 0)}; what the program did then is not in it.`;
	const all = trace.total ?? trace.number[n - 1] ?? 0;
	if (n === all) return `All ${plural(n, 'step')} are here.`;
	return `${count(n)} of ${plural(all, 'step')} are here; ${count(all - n)} were left out.`;
}
