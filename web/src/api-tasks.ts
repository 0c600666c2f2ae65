// The lens `tasks` of the contract, as far as the page shows it.
export interface TasksTotals {
	ns: number;
	loops: number;
	tasks: number;
	returned: number;
	raised: number;
	cancelled: number;
	never_done: number;
	blocked: number;
	blocked_ms: number;
	python_tasks: number;
	/** null: the clock was real. */
	skipped_ns: number | null;
}

export interface Loop {
	loop: number;
	busy_ns: number;
	idle_ns: number;
}

/** What a task does until it ends. */
export type Doing = 'ready' | 'running' | 'waiting';

export interface Task {
	task: number;
	name: string | null;
	function: number | null;
	coroutine: string | null;
	loop: number | null;
	parent: number | null;
	created_ns: number | null;
	line: number | null;
	by: number | null;
	state: Doing | 'returned' | 'raised' | 'cancelled';
	exception: string | null;
	ended_ns: number | null;
	since_ns: number | null;
	steps: number;
	running_ns: number;
	ready_ns: number;
	waiting_ns: number;
	wait: number | null;
	on: number[];
	on_others: number;
}

export interface TaskSpan {
	task: number;
	state: Doing;
	from_ns: number;
	to_ns: number;
}

/** What was waited for at a line. */
export interface Wait {
	wait: number;
	kind: 'yield' | 'sleep' | 'task' | 'tasks' | 'lock' | 'queue' | 'io' | 'thread' | 'future';
	type: string | null;
	function: number | null;
	delay_ns: number | null;
	line: number | null;
	times: number;
	ns: number;
	longest_ns: number;
}

/** A step that held the loop up. */
export interface Blocked {
	from_ns: number;
	ns: number;
	loop: number | null;
	task: number | null;
	callback: string | null;
	to_line: number | null;
	call: { function: number; line: number | null; ns: number } | null;
}

export interface TasksLens {
	totals?: TasksTotals | null;
	loops?: Loop[];
	tasks?: Task[];
	spans?: TaskSpan[];
	waits?: Wait[];
	blocked?: Blocked[];
	functions?: { name: string }[];
	cycles?: { tasks: number[] }[];
	stuck?: boolean | null;
	dropped?: {
		tasks: number;
		spans: number;
		waits: number;
		blocked: number;
		loops: number;
	} | null;
	truncated: boolean;
}
