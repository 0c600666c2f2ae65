// What POST /v1/comparisons says, as types: results, and what parts them.  All
// of it was made by the server; the page shows it and compares nothing itself.
import type { Problem, RunRequest, RunResult } from './api';

export interface ComparisonRequest extends Omit<RunRequest, 'runtime'> {
	runtimes: string[];
}

/** A run, or the problem that stands for one. */
export interface ComparisonResult {
	runtime: string;
	run: RunResult | null;
	problem: Problem | null;
}

/** One place where two sequences part; what lies between two edits is equal. */
export interface Edit {
	tag: 'insert' | 'delete' | 'replace';
	a_from: number;
	a_to: number;
	b_from: number;
	b_to: number;
	/** Fewer than a_to - a_from when the difference is truncated. */
	a: string[];
	b: string[];
}

export interface Change {
	path: string;
	a: unknown;
	b: unknown;
}

export interface StreamDifference {
	first_byte: number;
	only_addresses: boolean;
	/** null when one of them is not text. */
	edits: Edit[] | null;
}

interface TwoCounts {
	a: number;
	b: number;
}

export interface CodeDifference {
	qualname: string;
	first_line: number | null;
	only: 'a' | 'b' | null;
	instructions: TwoCounts;
	changes: Change[];
	edits: Edit[];
}

export interface CountDifference {
	line: number | null;
	function: string | null;
	name: string;
	a: unknown;
	b: unknown;
	times: number;
}

/** What parts a group of runtimes from the baseline; which members there are depends on the aspect. */
export interface Difference {
	runtimes: string[];
	truncated: boolean;
	changes?: Change[];
	stdout?: StreamDifference | null;
	stderr?: StreamDifference | null;
	totals?: { instructions: TwoCounts };
	code_objects?: CodeDifference[];
	counts?: CountDifference[];
	/** Edits of a sequence, by its name. */
	[sequence: string]: unknown;
}

export interface Figures {
	runtime: string;
	compile_ns: number | null;
	exec_wall_ns: number | null;
	exec_cpu_ns: number | null;
}

export interface Differences {
	groups?: string[][];
	incomplete?: string[];
	against_baseline?: Difference[];
	/** Of `timing`, which has no groups. */
	figures?: Figures[];
}

/** The event `differences`: all runs are over. */
export interface Comparison {
	id: string;
	runtimes: string[];
	baseline: string | null;
	all_same: boolean | null;
	same: Record<string, boolean | null>;
	differences: Record<string, Differences>;
}
