// The lens `profile` of the contract, as far as the page shows it.
import type { PathFunction, PathNode } from './calls';

/** Of calls, with those that went on after a yield or await. */
export interface Timed {
	calls: number;
	/** Without what it called. */
	own_ns: number;
	/** With it; of a function that called itself, each nanosecond once. */
	all_ns: number;
}

export interface ProfiledFunction extends PathFunction, Timed {
	nested: number;
}

export interface ProfiledNode extends PathNode, Timed {}

export interface ProfileLens {
	functions?: ProfiledFunction[];
	tree?: ProfiledNode[];
	totals?: {
		calls: number;
		ns: number;
		threads: number;
		no_function: number;
		no_node: number;
	} | null;
	truncated?: boolean;
}
