// What is shown of one step: the stacks, and what they lead to.
import type { StepObject, StepValue } from '../api';
import { lastUpTo } from './history';
import type { Trace } from './trace';

export type Change = 'new' | 'changed' | null;

export interface VariableView {
	name: string;
	value: StepValue;
	change: Change;
	/** The step at which it came to be what it is. */
	since: number;
}

export interface FrameView {
	number: number;
	function: string;
	line: number | null;
	/** The step is in it. */
	current: boolean;
	variables: VariableView[];
	/** What it returns, yields or raises at this step; undefined: nothing. */
	value: StepValue | undefined;
	/** The object that it is the frame of. */
	generator: number | null;
}

export interface ThreadView {
	thread: number;
	current: boolean;
	/** From the first call to the innermost. */
	frames: FrameView[];
}

export interface View {
	step: number;
	threads: ThreadView[];
	suspended: FrameView[];
}

/** Names that a class statement binds by itself, in the frame of its body. */
const OWN = new Set([
	'__module__',
	'__qualname__',
	'__firstlineno__',
	'__static_attributes__',
	'__classcell__',
]);

function frameView(trace: Trace, number: number, i: number): FrameView {
	const current = trace.frame[i] === number;
	const info = trace.frameAt(number, i);
	return {
		number,
		function: info?.function ?? '?',
		line: trace.lineOf(number, i),
		current,
		variables: trace
			.variablesAt(number, i)
			.filter((v) => !OWN.has(v.name))
			.map(({ name, value, since }) => ({
				name,
				value,
				since,
				change:
					since !== i || i === 0
						? null
						: trace.variableBefore(number, name, i) === null
							? 'new'
							: 'changed',
			})),
		value: current ? trace.valueAt(i) : undefined,
		generator: info?.generator ?? null,
	};
}

export function viewAt(trace: Trace, i: number): View {
	const threads: ThreadView[] = [];
	const stacked = new Set<number>();
	for (const [thread, steps] of trace.threads) {
		const last = steps[lastUpTo(steps, i)];
		if (last === undefined) continue;
		const frames = trace.stackFrom(trace.frame[last] as number, i).reverse();
		for (const f of frames) stacked.add(f);
		if (frames.length > 0)
			threads.push({
				thread,
				current: trace.thread[i] === thread,
				frames: frames.map((f) => frameView(trace, f, i)),
			});
	}
	return {
		step: i,
		threads: threads.sort((a, b) => a.thread - b.thread),
		suspended: trace
			.suspendedAt(i)
			.filter((f) => !stacked.has(f))
			.map((f) => frameView(trace, f, i)),
	};
}

/** The values in an object, in the order in which they are shown. */
export function valuesIn(o: StepObject): StepValue[] {
	const all: StepValue[] = [];
	if (o.items !== undefined) all.push(...o.items);
	if (o.entries !== undefined) for (const [k, v] of o.entries) all.push(k, v);
	if (o.args !== undefined) all.push(...o.args);
	if (o.bases !== undefined) all.push(...o.bases);
	if (o.defaults !== undefined) all.push(...o.defaults);
	if (o.closure !== undefined) for (const [, v] of o.closure) all.push(v);
	if (o.function !== undefined) all.push(o.function);
	if (o.self !== undefined) all.push(o.self);
	if (o.attributes !== undefined) for (const [, v] of o.attributes) all.push(v);
	return all;
}

const isDunder = (name: string): boolean => /^__.+__$/.test(name);

/** Whether an object says all there is to it in its name: a function that
 * keeps nothing, and a class that has only such. */
export function isPlain(trace: Trace, number: number, i: number, depth = 0): boolean {
	const o = trace.objectAt(number, i);
	if (o === null || depth > 3) return false;
	const inside = (v: StepValue) => typeof v === 'number' && isPlain(trace, v, i, depth + 1);
	const literal = (v: StepValue) => typeof v === 'string' || inside(v);
	if (o.kind === 'function')
		return (o.closure ?? []).length === 0 && (o.defaults ?? []).every(literal);
	if (o.kind === 'class')
		return (
			(o.bases ?? []).every(literal) &&
			(o.attributes ?? []).every(
				([name, v]) =>
					inside(v) || (typeof v === 'string' && (isDunder(name) || v.startsWith('<'))),
			)
		);
	return false;
}

export interface BoxView {
	number: number;
	object: StepObject;
	/** What it was, where this step changed it. */
	before: StepObject | null;
	change: Change;
	/** A variable leads to it: it begins a row. */
	lead: boolean;
}

export interface Heap {
	boxes: BoxView[];
	/** Objects that can be reached as well, and are not among the boxes. */
	more: number;
}

/** No more than so many objects are looked for. */
const REACH = 20_000;

/**
 * The objects that what is shown leads to, in the order in which they are first
 * met: variable by variable, each with all that only it leads to behind it.
 */
export function heapAt(trace: Trace, view: View, most: number, plainToo: boolean): Heap {
	const i = view.step;
	const boxes: BoxView[] = [];
	const met = new Set<number>();
	let more = 0;
	const meet = (root: StepValue | undefined) => {
		const todo: StepValue[] = [root ?? null];
		let lead = true;
		while (todo.length > 0 && met.size < REACH) {
			const number = todo.pop();
			if (typeof number !== 'number' || met.has(number)) continue;
			met.add(number);
			const history = trace.objects.get(number);
			const object = history?.get(i);
			if (history === undefined || object == null) continue;
			if (!plainToo && isPlain(trace, number, i)) continue;
			if (boxes.length < most) {
				const fresh = history.since(i) === i && i > 0;
				const before = fresh ? (history.get(i - 1) ?? null) : null;
				const change = !fresh ? null : before === null ? 'new' : 'changed';
				boxes.push({ number, object, before, change, lead });
				lead = false;
			} else more++;
			const inside = valuesIn(object);
			for (let k = inside.length - 1; k >= 0; k--)
				if (typeof inside[k] === 'number') todo.push(inside[k] as number);
		}
	};
	const ofFrame = (f: FrameView) => {
		for (const v of f.variables) meet(v.value);
		meet(f.value);
	};
	for (const t of view.threads) for (const f of t.frames) ofFrame(f);
	for (const f of view.suspended) {
		meet(f.generator);
		ofFrame(f);
	}
	return { boxes, more };
}
