// The lens `counts` of the contract, and what a measurement counts.
export interface CountsTotals {
	instructions: number;
	comparisons: number;
	hashes: number;
	moves: number;
	moved_bytes: number;
}

/** Of a line's or function's own, and of code elsewhere that it called. */
export interface Counted {
	line: number;
	instructions: number;
	inside: number;
}

export interface CountsLens {
	totals?: CountsTotals | null;
	instructions?: { all: number; elsewhere: number } | null;
	functions?: (Counted & { name: string | null })[];
	lines?: Counted[];
	truncated: boolean;
}
