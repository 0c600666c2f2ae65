// B, as the browser keeps it.  Storage may be missing, full or refused.

export interface Settings {
	b: string;
	rounds: number;
	/** No round begins after so many. */
	seconds: number;
	/** As it was written: see sizesIn(). */
	sizes: string;
}

const KEY = 'vitrine.measure.1';

/** By the contract (MeasurementRequest in api/openapi.yaml), in seconds where it has milliseconds. */
export const BOUNDS = {
	rounds: { least: 6, most: 100, usual: 20 },
	seconds: { least: 1, most: 60, usual: 10 },
} as const;
export const SIZES = { least: 4, most: 16, largest: 1_000_000_000 } as const;

/** Sizes that were written, between blanks or commas; null when they are none that can be counted at. */
export function sizesIn(text: string): number[] | null {
	const words = text.split(/[\s,]+/).filter((w) => w !== '');
	const sizes = words.map((w) => (/^\d{1,10}$/.test(w) ? Number(w) : 0));
	const { least, most, largest } = SIZES;
	const fits =
		sizes.length >= least &&
		sizes.length <= most &&
		sizes.every((n, i) => n > (sizes[i - 1] ?? 0) && n <= largest);
	return fits ? sizes : null;
}

/** The whole number within bounds that is meant. */
export function within(of: keyof typeof BOUNDS, value: unknown): number {
	const { least, most, usual } = BOUNDS[of];
	const n = Math.round(Number(value));
	return Number.isFinite(n) && n !== 0 ? Math.min(Math.max(n, least), most) : usual;
}

/** What was kept; without any, B begins as a copy of A. */
export function kept(a: string): Settings {
	let found: Record<string, unknown> = {};
	try {
		found = { ...JSON.parse(localStorage.getItem(KEY) ?? '{}') };
	} catch {
		// A damaged draft is no draft.
	}
	return {
		b: typeof found.b === 'string' ? found.b : a,
		rounds: within('rounds', found.rounds),
		seconds: within('seconds', found.seconds),
		sizes: typeof found.sizes === 'string' ? found.sizes : '',
	};
}

export function keep(settings: Settings): void {
	try {
		localStorage.setItem(KEY, JSON.stringify(settings));
	} catch {
		// It is there until the page goes.
	}
}
