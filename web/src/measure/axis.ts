// An axis of ratios: equal factors are equally far, and 1 is always on it.

export interface Axis {
	low: number;
	high: number;
	ticks: number[];
}

/** What differs by less than that is not blown up to fill the width. */
const LEAST_SPAN = Math.log(1.2);
/** Of the width, on each side. */
const MARGIN = 0.06;
const MOST_TICKS = 7;
/** Ticks go by differences below this ratio of the ends, above by factors. */
const BY_FACTORS = 5;

const clean = (v: number): number => Number(v.toPrecision(6));

function byDifferences(low: number, high: number): number[] {
	const rough = (high - low) / (MOST_TICKS - 2);
	const ten = 10 ** Math.floor(Math.log10(rough));
	const step = ([1, 2, 5, 10].find((n) => n * ten >= rough) ?? 10) * ten;
	const ticks: number[] = [];
	for (let n = Math.ceil(low / step); n * step <= high; n++) ticks.push(clean(n * step));
	return ticks;
}

function byFactors(low: number, high: number): number[] {
	const from = Math.floor(Math.log10(low));
	const to = Math.ceil(Math.log10(high));
	const powers = (every: number, of: number[]) => {
		const all: number[] = [];
		for (let e = from; e <= to; e++)
			if (e % every === 0) all.push(...of.map((n) => clean(n * 10 ** e)));
		return all.filter((v) => v >= low && v <= high);
	};
	const fine = powers(1, [1, 2, 5]);
	if (fine.length <= MOST_TICKS) return fine;
	for (let every = 1; ; every++) {
		const ticks = powers(every, [1]);
		if (ticks.length <= MOST_TICKS) return ticks;
	}
}

/** One that holds all of these ratios. */
export function axisOf(ratios: number[]): Axis {
	let low = Math.log(Math.min(1, ...ratios));
	let high = Math.log(Math.max(1, ...ratios));
	const missing = Math.max(0, LEAST_SPAN - (high - low));
	const more = missing / 2 + (high - low + missing) * MARGIN;
	low = Math.exp(low - more);
	high = Math.exp(high + more);
	return {
		low,
		high,
		ticks: high / low < BY_FACTORS ? byDifferences(low, high) : byFactors(low, high),
	};
}

/** Where a ratio is, in percent of the width. */
export const placeOn = (axis: Axis, ratio: number): number =>
	(100 * Math.log(ratio / axis.low)) / Math.log(axis.high / axis.low);
