// The lens `instructions` of the contract, as far as the page shows it.
export interface RanCode {
	function: string;
	first_line: number;
	instructions: { offset: number; op: string; arg: string; line: number | null }[];
}

/** An instruction that is about to run, or how its frame was left, or what came to it. */
export interface RanStep {
	frame: number;
	code: number | null;
	offset: number | null;
	keep?: number;
	push?: string[];
	left?: 'return' | 'yield' | 'exception';
	value?: string;
	raised?: string;
}

export interface InstructionsLens {
	code_objects?: RanCode[];
	steps?: RanStep[];
	totals?: { steps: number; frames: number } | null;
	truncated: boolean;
}
