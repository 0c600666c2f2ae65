// The lens `frames` of the contract, as far as the page shows it.
import type { PathFunction, PathNode } from './calls';

export interface CalledFunction extends PathFunction {
	calls: number;
	resumes: number;
	unwound: number;
	nested: number;
	most_active: number;
	c_bytes: number;
}

export interface CallNode extends PathNode {
	calls: number;
	resumes: number;
	unwound: number;
	/** Of these, those from further down. */
	deeper: number;
	c_bytes: number;
}

export interface CallEntry {
	function: number | null;
	line: number | null;
	c_used: number;
}

export interface CallStack {
	depth: number;
	left_out: number;
	outermost: CallEntry[];
	innermost: CallEntry[];
	repeated: { function: number; times: number }[];
}

export interface CallThread {
	thread: number;
	calls: number;
	depth: number;
	/** Bytes that its C stack may have; null: without an end. */
	c_stack: number | null;
	c_at_start: number;
	c_most: number;
	/** Calls and returns that each of the depths stands for. */
	every: number;
	/** Least and most. */
	depths: [number, number][];
	deepest: CallStack;
}

export interface FramesLens {
	functions?: CalledFunction[];
	tree?: CallNode[];
	threads?: CallThread[];
	limits?: {
		recursion_limit: number;
		c_recursion: { by: 'nothing' | 'calls' | 'bytes'; most: number | null };
	} | null;
	crash?: {
		overflow: boolean;
		thread: number;
		c_used: number;
		c_stack: number;
		line: number | null;
		stack: CallStack;
	} | null;
	dropped?: { no_function: number; no_node: number; threads: number } | null;
	truncated?: boolean;
}
