// What POST /v1/measurements says, as types.  All ratios and intervals were
// made by the server; the page shows them and works out none.
import type { RunRequest, RunResult } from './api';

export interface MeasurementRequest extends Omit<RunRequest, 'code' | 'lenses'> {
	snippets: { name: string; code: string }[];
	rounds: number;
	budget_ms: number;
	/** Each is the last argument where it is counted; at least four that grow. */
	sizes?: number[];
}

export const counters = [
	'instructions',
	'comparisons',
	'hashes',
	'moved_bytes',
	'allocations',
	'allocated_bytes',
] as const;
export type Counter = (typeof counters)[number];

/** null: it was not counted to its end. */
export type MeasuredCounts = { size: number | null } & Record<Counter, number | null>;

export interface CountGrowth {
	class: string | null;
	error: number;
	runner_up: string;
	/** How many times worse the runner-up fits. */
	margin: number;
	decided: boolean;
	/** b of b^n. */
	base: number | null;
}

/** The event `round`: one that counts is over; nanoseconds of each snippet. */
export interface Round {
	round: number;
	of: number;
	cpu_ns: number[];
	wall_ns: number[];
}

/** How many times as long as the baseline. */
export interface Ratio {
	ratio: number;
	low: number;
	high: number;
	/** How often such an interval holds the truth, of 1. */
	level: number;
	verdict: 'faster' | 'slower' | 'undecided';
}

/** Nanoseconds; null without a round. */
export interface Samples {
	median: number | null;
	least: number | null;
	most: number | null;
	samples: number[];
}

/** The event `result`. */
export interface Measurement {
	id: string;
	ended: 'rounds' | 'budget' | 'stopped' | 'failed';
	rounds: number;
	/** Of each snippet but the first; null with fewer than six rounds. */
	ratios: { snippet: string; baseline: string; cpu: Ratio | null; wall: Ratio | null }[];
	snippets: {
		name: string;
		cpu_ns: Samples;
		wall_ns: Samples;
		counts: MeasuredCounts[];
		growth: Record<Counter, CountGrowth | null> | null;
		run: RunResult | null;
	}[];
	failed: { snippet: string; run: RunResult } | null;
	notes: string[];
}
