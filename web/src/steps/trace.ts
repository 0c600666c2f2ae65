// A program's steps, so laid out that what there was at any of them is found
// without replaying the others: for each frame, variable and object its own
// history, in which a step is looked up by halving.  So it takes as long to go
// to the step before as to one that is a hundred thousand away, and nothing
// that is not shown is looked at.
//
// A step here is its index among those that are there; its number, counted by
// the program, is `number`.
import type { Step, StepFrame, StepObject, StepsLens, StepValue } from '../api';
import { History, lastUpTo } from './history';

export const eventNames = [
	'line',
	'call',
	'resume',
	'return',
	'yield',
	'unwind',
	'exception',
] as const;
export type EventName = (typeof eventNames)[number];

export interface FrameHistory {
	infos: History<StepFrame | null>;
	names: Map<string, History<StepValue>>;
	/** Steps in it. */
	steps: number[];
	/** Steps at which it came to be: names that are older are of another life. */
	born: number[];
}

/** Times at which generators' frames were no part of a stack. */
interface Suspended {
	frame: number[];
	from: number[];
	to: number[];
}

const FOR_EVER = 2 ** 31 - 1;

export class Trace {
	readonly raw: Step[];
	readonly length: number;
	readonly number: Int32Array;
	readonly line: Int32Array;
	readonly frame: Int32Array;
	readonly thread: Int32Array;
	/** How many frames its frame stands on. */
	readonly depth: Int32Array;
	readonly out: Int32Array;
	readonly err: Int32Array;
	private readonly events: Uint8Array;
	readonly frames = new Map<number, FrameHistory>();
	readonly objects = new Map<number, History<StepObject | null>>();
	/** Steps about to run a line, by line. */
	readonly visits = new Map<number, number[]>();
	/** Steps of each thread, in the order in which they came. */
	readonly threads = new Map<number, number[]>();
	/** Steps that have others left out before them. */
	readonly gaps: number[] = [];
	readonly exceptions: number[] = [];
	private readonly suspended: Suspended = { frame: [], from: [], to: [] };
	/** Of all that the program took; null: it is not known. */
	readonly total: number | null;
	readonly truncated: boolean;

	constructor(lens: StepsLens) {
		this.raw = lens.steps ?? [];
		const n = this.raw.length;
		this.length = n;
		this.number = new Int32Array(n);
		this.line = new Int32Array(n);
		this.frame = new Int32Array(n);
		this.thread = new Int32Array(n);
		this.depth = new Int32Array(n);
		this.out = new Int32Array(n);
		this.err = new Int32Array(n);
		this.events = new Uint8Array(n);
		this.total = lens.total ?? null;
		this.truncated = lens.truncated === true;
		this.read();
	}

	private read(): void {
		const depths = new Map<number, number>();
		const open = new Map<number, number>();
		let [number, frame, thread, out, err] = [0, 0, 1, 0, 0];
		this.raw.forEach((s, i) => {
			const before = number;
			number = s.step ?? number + 1;
			if (number > before + 1) this.gaps.push(i);
			frame = s.frame ?? frame;
			thread = s.thread ?? thread;
			if (s.output !== undefined) [out, err] = s.output;
			this.number[i] = number;
			this.line[i] = s.line;
			this.frame[i] = frame;
			this.thread[i] = thread;
			this.out[i] = out;
			this.err[i] = err;
			const event = eventNames.indexOf((s.event ?? 'line') as EventName);
			this.events[i] = Math.max(0, event);
			if (event === 0) pushTo(this.visits, s.line, i);
			if (s.event === 'exception') this.exceptions.push(i);
			pushTo(this.threads, thread, i);
			this.change(i, s, depths, open);
			this.frameOf(frame).steps.push(i);
			this.depth[i] = depths.get(frame) ?? 0;
		});
	}

	private change(i: number, s: Step, depths: Map<number, number>, open: Map<number, number>): void {
		if (s.frames !== undefined)
			for (const [key, info] of Object.entries(s.frames)) {
				const number = Number(key);
				const f = this.frameOf(number);
				if (info !== null && f.infos.last == null) f.born.push(i);
				f.infos.put(i, info);
				if (info === null) depths.delete(number);
				else depths.set(number, info.caller === undefined ? 0 : (depths.get(info.caller) ?? 0) + 1);
				this.suspend(i, number, info, open);
			}
		if (s.variables !== undefined)
			for (const [key, names] of Object.entries(s.variables)) {
				const f = this.frameOf(Number(key));
				for (const [name, value] of Object.entries(names)) {
					let h = f.names.get(name);
					if (h === undefined) {
						h = new History();
						f.names.set(name, h);
					}
					h.put(i, value);
				}
			}
		if (s.objects !== undefined)
			for (const [key, object] of Object.entries(s.objects)) {
				const number = Number(key);
				let h = this.objects.get(number);
				if (h === undefined) {
					h = new History();
					this.objects.set(number, h);
				}
				h.put(i, object);
			}
	}

	private suspend(i: number, number: number, info: StepFrame | null, open: Map<number, number>) {
		const rests = info?.generator !== undefined && info.caller === undefined;
		const at = open.get(number);
		if (rests === (at !== undefined)) return;
		if (at !== undefined) {
			this.suspended.to[at] = i;
			open.delete(number);
		} else {
			open.set(number, this.suspended.frame.length);
			this.suspended.frame.push(number);
			this.suspended.from.push(i);
			this.suspended.to.push(FOR_EVER);
		}
	}

	private frameOf(number: number): FrameHistory {
		let f = this.frames.get(number);
		if (f === undefined) {
			f = { infos: new History(), names: new Map(), steps: [], born: [] };
			this.frames.set(number, f);
		}
		return f;
	}

	eventAt(i: number): EventName {
		return eventNames[this.events[i] ?? 0] ?? 'line';
	}

	/** What is returned, yielded or raised at a step; undefined: nothing is. */
	valueAt(i: number): StepValue | undefined {
		return this.raw[i]?.value;
	}

	/** null: it is no more, or not yet. */
	frameAt(number: number, i: number): StepFrame | null {
		return this.frames.get(number)?.infos.get(i) ?? null;
	}

	/** The line that a frame is at. */
	lineOf(number: number, i: number): number | null {
		const steps = this.frames.get(number)?.steps ?? [];
		const last = steps[lastUpTo(steps, i)];
		return last === undefined ? null : (this.line[last] ?? null);
	}

	objectAt(number: number, i: number): StepObject | null {
		return this.objects.get(number)?.get(i) ?? null;
	}

	/** A frame's names, in the order in which they were first bound. */
	variablesAt(number: number, i: number): { name: string; value: StepValue; since: number }[] {
		const f = this.frames.get(number);
		if (f === undefined) return [];
		const born = f.born[lastUpTo(f.born, i)] ?? 0;
		const all = [];
		for (const [name, h] of f.names) {
			const since = h.since(i);
			const value = h.get(i);
			if (value == null || since < born) continue;
			all.push({ name, value, since });
		}
		return all;
	}

	/** What a name was before a step that changed it; null: it was not bound. */
	variableBefore(number: number, name: string, i: number): StepValue {
		const f = this.frames.get(number);
		const h = f?.names.get(name);
		if (f === undefined || h === undefined || i === 0) return null;
		const born = f.born[lastUpTo(f.born, i)] ?? 0;
		return h.since(i - 1) < born ? null : (h.get(i - 1) ?? null);
	}

	/** Frames of generators that are suspended or have not begun. */
	suspendedAt(i: number): number[] {
		const { frame, from, to } = this.suspended;
		const all = [];
		for (let k = lastUpTo(from, i); k >= 0; k--)
			if ((to[k] as number) > i) all.push(frame[k] as number);
		return all.reverse();
	}

	/** A stack's frames from the innermost outwards. */
	stackFrom(number: number, i: number): number[] {
		const seen = new Set<number>();
		let at: number | undefined = number;
		while (at !== undefined && !seen.has(at)) {
			seen.add(at);
			// What had just been left may be gone; what it was called by is not.
			at = this.frames.get(at)?.infos.get(i)?.caller ?? this.callerBefore(at, i);
		}
		return [...seen].filter((f) => this.frameAt(f, i) !== null);
	}

	/** Of a frame that is gone: what called it. */
	private callerBefore(number: number, i: number): number | undefined {
		const f = this.frames.get(number);
		if (f === undefined || f.infos.get(i) !== null) return undefined;
		return f.infos.get(f.infos.since(i) - 1)?.caller;
	}

	/** How many steps were left out right before a step. */
	leftOutBefore(i: number): number {
		return Math.max(0, (this.number[i] ?? 0) - (i === 0 ? 0 : (this.number[i - 1] ?? 0)) - 1);
	}

	/** How many were left out after the last that is there; null: not known. */
	get leftOutAfter(): number | null {
		if (this.total === null) return this.truncated ? null : 0;
		return Math.max(0, this.total - (this.number[this.length - 1] ?? 0));
	}
}

function pushTo(map: Map<number, number[]>, key: number, value: number): void {
	const list = map.get(key);
	if (list === undefined) map.set(key, [value]);
	else list.push(value);
}
