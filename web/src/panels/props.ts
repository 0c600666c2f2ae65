import type { RunResult } from '../api';

/** What every panel is given. */
export interface PanelProps {
	result: RunResult;
	/** The source that ran, by lines. */
	lines: string[];
}
