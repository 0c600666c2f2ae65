// One trace that is stepped through: where it is, and what moves it.
import { batch, signal } from '@preact/signals';
import type { RunResult } from '../../api';
import { Output } from '../../steps/output';
import { Trace } from '../../steps/trace';

/** Steps a second. */
export const speeds = [1, 2, 5, 10, 30, 100, 1000] as const;
export const speed = signal<number>(2);
export const mode = signal<'picture' | 'table'>('picture');
/** Functions and classes that keep nothing have boxes as well. */
export const plainToo = signal(false);

const HURRY_MS = 60;
const REST_MS = 120;

export class Session {
	readonly trace: Trace;
	readonly output: Output;
	readonly at = signal(0);
	readonly playing = signal(false);
	/** Steps come faster than one could look at them. */
	readonly hurried = signal(false);
	private frame = 0;
	private moved = 0;
	private rest: ReturnType<typeof setTimeout> | undefined;

	constructor(
		result: RunResult,
		readonly lines: string[],
	) {
		this.trace = new Trace(result.lenses.steps ?? {});
		this.output = new Output(result.stdout, result.stderr);
	}

	get last(): number {
		return this.trace.length - 1;
	}

	/** By hand, which stops what plays; null: there is nowhere to go. */
	go(to: number | null): void {
		this.pause();
		if (to !== null) this.move(Math.max(0, Math.min(this.last, to)));
	}

	private move(to: number): void {
		const now = performance.now();
		const quick = now - this.moved < HURRY_MS;
		this.moved = now;
		clearTimeout(this.rest);
		this.rest = setTimeout(() => {
			this.hurried.value = false;
		}, REST_MS);
		batch(() => {
			if (quick) this.hurried.value = true;
			this.at.value = to;
		});
	}

	play(): void {
		if (this.playing.peek() || this.last < 1) return;
		if (this.at.peek() >= this.last) this.at.value = 0;
		this.playing.value = true;
		let before = performance.now();
		let due = 0;
		const tick = (now: number) => {
			due += ((now - before) / 1000) * speed.peek();
			before = now;
			const whole = Math.floor(due);
			due -= whole;
			if (whole > 0) this.move(Math.min(this.last, this.at.peek() + whole));
			if (this.at.peek() >= this.last) this.playing.value = false;
			else this.frame = requestAnimationFrame(tick);
		};
		this.frame = requestAnimationFrame(tick);
	}

	pause(): void {
		cancelAnimationFrame(this.frame);
		this.playing.value = false;
	}
}
