// What is drawn of a number over time: steps between the least and the most that it was in each part of it.

/** The width and height that the paths are for. */
export const W = 1000;
export const H = 100;

const x = (i: number, n: number): string => ((i / Math.max(1, n)) * W).toFixed(1);
const y = (value: number, top: number): string =>
	(H - (Math.max(0, value) / Math.max(1, top)) * H).toFixed(1);

/** From left to right: a step for each. */
function steps(values: number[], top: number): string[] {
	return values.flatMap((v, i) => [
		`${x(i, values.length)} ${y(v, top)}`,
		`${x(i + 1, values.length)} ${y(v, top)}`,
	]);
}

export const line = (values: number[], top: number): string => `M${steps(values, top).join('L')}`;

/** What lies between these and those; without these, above the floor. */
export function area(low: number[] | null, high: number[], top: number): string {
	const back = steps(low ?? high.map(() => 0), top).reverse();
	return `M${[...steps(high, top), ...back].join('L')}Z`;
}

/** A round number that is at least that: its axis ends there. */
export function roof(most: number, bytes: boolean): number {
	if (most <= 0) return 1;
	const unit = bytes ? 1024 ** Math.min(3, Math.max(0, Math.floor(Math.log2(most) / 10))) : 1;
	const ten = 10 ** Math.floor(Math.log10(most / unit));
	const round = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((n) => n * ten * unit >= most) ?? 10;
	const end = Math.ceil(round * ten * unit);
	// 1,500 KiB are no round number of MiB.
	return bytes && end > 1024 * unit ? 1024 * unit : end;
}
