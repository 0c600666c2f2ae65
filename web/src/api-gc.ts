// The lens `gc` of the contract, as far as the page shows it.
export interface Collection {
	generation: number;
	line: number | null;
	function: string | null;
	collected: number;
	uncollectable: number;
	duration_ns: number;
	trigger?: string;
	candidates?: number | null;
	/** Which of the films, from 1 on. */
	film?: number | null;
}

export interface FilmObject {
	object: number;
	type: string;
	value: string;
	name: string | null;
	function: string | null;
	refcount: number;
	inside: number;
	gc_refs: number;
	verdict: 'root' | 'reached' | 'garbage' | 'uncollectable';
	via: number | null;
	finalizer: string | null;
}

/** A reference, in the order in which they are subtracted; `left` of the count of what it refers to. */
export interface FilmEdge {
	from: number;
	to: number;
	how: string | null;
	left: number;
}

export interface Film {
	collection: number;
	generation: number;
	candidates: number;
	roots: number;
	reached: number;
	garbage: number;
	uncollectable: number;
	objects: FilmObject[];
	edges: FilmEdge[];
	finalizers: { object: number | null; type: string; kind: string; callback: string | null }[];
	dropped: { objects: number; edges: number; finalizers: number };
}

export interface GcLens {
	enabled?: boolean;
	thresholds?: number[];
	collections?: Collection[];
	totals?: { collections: number; collected: number; uncollectable: number }[];
	films?: Film[];
	filmed?: { films: number; left_out: number; absent: string | null } | null;
}
