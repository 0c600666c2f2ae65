// The call that compares: results come one by one, what differs at the end.
import { problemFrom, record } from '../api';
import type { Comparison, ComparisonRequest, ComparisonResult } from '../api-compare';
import { postStream } from '../stream';

interface Heard {
	result(result: ComparisonResult): void;
	differences(comparison: Comparison): void;
}

/** Whether it came to its end; a stream without one was cut off. */
export const postComparison = (
	request: ComparisonRequest,
	signal: AbortSignal,
	heard: Heard,
): Promise<boolean> =>
	postStream('/v1/comparisons', request, signal, (event, data) => {
		if (event === 'differences') heard.differences(data as Comparison);
		else if (event === 'result') heard.result(data as ComparisonResult);
		else if (event === 'problem') {
			const { runtime, problem } = data as { runtime: string; problem: unknown };
			heard.result({ runtime, run: null, problem: problemFrom(record(problem)) });
		}
	});
