// The lens `refcounts` of the contract, as far as the page shows it.
export type Count = number | 'immortal';

/** A count that an instruction changed. */
export interface RefChange {
	name: string;
	scope: 'local' | 'global';
	/** Whose local variable it is. */
	of?: string | null;
	from: Count | null;
	to: Count | null;
	how: string;
	line: number | null;
	function: string | null;
	instruction: {
		offset: number;
		op: string;
		column: number | null;
		end_column: number | null;
	} | null;
	call?: 'begins' | 'ends';
	switched?: boolean;
}

export interface RefStep {
	step: number;
	line: number;
	function: string;
	event: string;
	counts: Record<string, Count>;
	changes?: RefChange[];
	dropped_changes?: number;
}

export interface RefHolder {
	kind: string;
	type: string;
	references: number;
	places: string[];
	/** Whose part the holder is. */
	of: { as: string; type: string; name: string; variable: string } | null;
}

export interface HeldObject {
	object: number;
	type: string;
	count: Count | null;
	immortal?: string | null;
	holders: RefHolder[];
	/** References that were not found: C's. */
	unknown: number | null;
	dropped: number;
}

export interface RefCapture {
	when: string;
	line: number | null;
	names: { name: string; object: number }[];
	objects: HeldObject[];
}

export interface RefcountsLens {
	steps?: RefStep[];
	holders?: RefCapture[];
	truncated?: boolean;
}
