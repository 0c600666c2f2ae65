import type { RunRequest, RunResult } from '../api';

/** What every panel is given. */
export interface PanelProps {
	result: RunResult;
	/** What was asked for, to ask for more of the same program. */
	request: RunRequest;
	/** The source that ran, by lines. */
	lines: string[];
}
