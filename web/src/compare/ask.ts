// The call that compares: results come one by one, what differs at the end.
import { problemFrom, record, send } from '../api';
import type { Comparison, ComparisonRequest, ComparisonResult } from '../api-compare';
import { parseExact } from '../exact';
import { eventReader } from './sse';

interface Heard {
	result(result: ComparisonResult): void;
	differences(comparison: Comparison): void;
}

/** Whether it came to its end; a stream without one was cut off. */
export async function postComparison(
	request: ComparisonRequest,
	signal: AbortSignal,
	heard: Heard,
): Promise<boolean> {
	const reply = await send('/v1/comparisons', {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
		body: JSON.stringify(request),
		signal,
	});
	let done = false;
	const read = eventReader((event, text) => {
		const data = parseExact(text);
		if (event === 'differences') heard.differences(data as Comparison);
		else if (event === 'result') heard.result(data as ComparisonResult);
		else if (event === 'problem') {
			const { runtime, problem } = data as { runtime: string; problem: unknown };
			heard.result({ runtime, run: null, problem: problemFrom(record(problem)) });
		} else if (event === 'done') done = true;
	});
	const reader = reply.body?.getReader();
	const decoder = new TextDecoder();
	while (reader !== undefined) {
		const { done: over, value } = await reader.read().catch((error: unknown) => {
			if (signal.aborted) throw error;
			// A connection that breaks is a stream without an end.
			return { done: true, value: undefined };
		});
		read(decoder.decode(value, { stream: !over }));
		if (over) break;
	}
	return done;
}
