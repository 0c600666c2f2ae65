// The lens `threads` of the contract, as far as the page shows it.
export interface ThreadsTotals {
	gil: boolean;
	ns: number;
	releases: number | null;
	forced: number | null;
	voluntary: number | null;
	ended: number | null;
	switches: number | null;
	free_ns: number | null;
}

export interface Thread {
	thread: number;
	name: string | null;
	daemon: boolean | null;
	at: number | null;
	started_ns: number | null;
	began_ns: number | null;
	ended_ns: number | null;
	forced: number | null;
	voluntary: number | null;
	held_ns: number | null;
	waited_ns: number | null;
	away_ns: number | null;
	longest_hold_ns: number | null;
	longest_wait_ns: number | null;
}

/** A line at which threads were started or let go. */
export interface Place {
	place: number;
	line: number | null;
	function: string | null;
	library: { file: string | null; line: number | null; function: string | null } | null;
	forced: number;
	voluntary: number;
	away_ns: number;
	waited_ns: number;
}

/** From when to when a thread had the GIL. */
export interface Hold {
	n: number;
	thread: number | null;
	wanted_ns: number | null;
	from_ns: number;
	to_ns: number | null;
	left: number | null;
	how: 'forced' | 'voluntary' | 'ended' | null;
	request_ns: number | null;
}

export interface ThreadsLens {
	totals?: ThreadsTotals | null;
	switch_intervals?: { seen_ns: number; us: number }[];
	threads?: Thread[];
	places?: Place[];
	holds?: Hold[];
	dropped?: { holds: number; threads: number; places: number } | null;
	truncated: boolean;
}
