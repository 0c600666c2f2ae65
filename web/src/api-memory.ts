// The lens `memory` of the contract, as far as the page shows it.
export interface MemorySums {
	allocations: number;
	reallocations: number;
	/** Objects out of a free list; null before 3.13. */
	reused: number | null;
	bytes: number;
	freed: number;
	live_blocks: number;
	live_bytes: number;
}

/** What stayed of a type. */
export interface Stayed {
	type: string;
	blocks: number;
	bytes: number;
}

export interface MemoryRow extends MemorySums {
	file: string | null;
	line: number | null;
	/** The line of main.py that it was done for; null: none. */
	via: number | null;
	peak_bytes: number;
	types: Stayed[];
}

export interface MemoryPeak {
	bytes: number;
	blocks: number;
	event: number;
	via: number | null;
}

export interface MemoryTimeline {
	/** Events that each of the others stands for. */
	every: number;
	/** At the end of these. */
	bytes: number[];
	/** During these. */
	most: number[];
}

/** The allocator's pools for blocks of one size. */
export interface SizeClass {
	size: number;
	pools: number;
	used: number;
	free: number;
	pools_before: number;
	used_before: number;
}

export interface Allocator {
	arena_bytes: number;
	arenas: number;
	arenas_before: number;
	most_arenas: number;
	classes: SizeClass[];
}

export interface MemoryLens {
	totals?: (MemorySums & { events: number; dropped: number }) | null;
	peak?: MemoryPeak | null;
	by_line?: MemoryRow[];
	timeline?: MemoryTimeline | null;
	allocator?: Allocator | null;
	truncated?: boolean;
}
