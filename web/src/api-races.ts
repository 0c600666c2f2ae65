// The lens `races` of the contract, as far as the page shows it.
export type RaceKind = 'as_is' | 'at_breaks' | 'inside';

export interface RaceException {
	type: string;
	message: string;
	line: number | null;
}

/** A switch that was forced: who stopped before which instruction, and who went on. */
export interface RaceSwitch {
	line?: number | null;
	function?: string;
	op?: string | null;
	window: number | null;
	from: number;
	to: number;
}

/** Where a thread was as its run was ended. */
export interface RacePlace {
	thread: number;
	line?: number | null;
	function?: string;
}

export interface RaceOutcome {
	outcome: number;
	schedules: number;
	by: Record<RaceKind, number>;
	end: {
		how: 'exit' | 'signal' | 'stuck' | 'unfinished' | 'output';
		exit_code: number | null;
		signal: number | null;
		exception: RaceException | null;
		threads_raised: number;
		raised: RaceException[];
	};
	stdout: { text: string; bytes: number; truncated: boolean };
	example: {
		schedule: number;
		kind: RaceKind;
		forced: number;
		switches: RaceSwitch[];
		places: RacePlace[];
	};
}

/** Where the program reads what it then writes. */
export interface RaceWindow {
	window: number;
	kind: 'update' | 'check';
	name: string;
	function: string;
	line: number;
	switches: number;
}

export interface RacesLens {
	schedules?: {
		asked: number;
		run: number;
		stopped: 'one_thread' | 'wall' | 'cpu' | 'processes' | 'memory' | null;
		seed: number;
		threads: number;
		dropped: number;
	} | null;
	kinds?: {
		kind: RaceKind;
		schedules: number;
		outcomes: number;
		switches: number;
		left_out: 'no_gil' | null;
	}[];
	windows?: RaceWindow[];
	outcomes?: RaceOutcome[];
	truncated: boolean;
}
