// The lens `processes` of the contract, as far as the page shows it.
export interface Pickled {
	messages: number;
	bytes: number;
}

export interface Process {
	process: number;
	pid: number | null;
	parent: number | null;
	how: string | null;
	by: string | null;
	name: string | null;
	line: number | null;
	started_ns: number | null;
	began_ns: number | null;
	ended_ns: number | null;
	exit_code: number | null;
	signal: number | null;
	waited_ns: number | null;
	wait_line: number | null;
	blocked_ns: number | null;
	replaced: boolean;
	minor_faults: number | null;
	cpu_ns: number | null;
	pickled: Pickled;
	unpickled: Pickled;
	places: { line: number | null; pickled: Pickled; unpickled: Pickled }[];
}

export interface ProcessFailure {
	process: number | null;
	at_ns: number;
	how: string | null;
	line: number | null;
	error: string;
}

export interface ProcessesLens {
	totals?: { processes: number; pickled: Pickled; page_bytes: number } | null;
	processes?: Process[];
	failures?: ProcessFailure[];
	dropped?: { processes: number } | null;
}
