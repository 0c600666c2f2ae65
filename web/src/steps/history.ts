/** What one thing was, step by step: only where it changed is kept. */
export class History<T> {
	private readonly at: number[] = [];
	private readonly values: T[] = [];

	/** Steps come in order; the last word at a step holds. */
	put(step: number, value: T): void {
		const last = this.at.length - 1;
		if (last >= 0 && this.at[last] === step) this.values[last] = value;
		else {
			this.at.push(step);
			this.values.push(value);
		}
	}

	/** Which change holds at a step; -1: it is before the first. */
	find(step: number): number {
		return lastUpTo(this.at, step);
	}

	/** What it is at a step; undefined before its first change. */
	get(step: number): T | undefined {
		return this.values[this.find(step)];
	}

	/** The step of the change that holds at a step; -1 before the first. */
	since(step: number): number {
		return this.at[this.find(step)] ?? -1;
	}

	/** The latest value. */
	get last(): T | undefined {
		return this.values[this.values.length - 1];
	}
}

/** The place in `sorted` of the last number that is not above `n`; -1: none. */
export function lastUpTo(sorted: ArrayLike<number>, n: number): number {
	let low = 0;
	let high = sorted.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((sorted[middle] as number) <= n) low = middle + 1;
		else high = middle;
	}
	return low - 1;
}
