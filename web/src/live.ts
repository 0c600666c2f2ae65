// A run while it goes on: what the program has written so far.
import {
	type Problem,
	ProblemError,
	problemFrom,
	type RunRequest,
	type RunResult,
	record,
} from './api';
import { postStream } from './stream';

/** What was heard of a run before its end. */
export interface Live {
	stdout: Written;
	stderr: Written;
	/** The program itself, and its extra runs for lenses; 0: not known yet. */
	passes: number;
	/** Of them, how many are over; the first is the program. */
	over: number;
}

/** The end of a stream: as much as is looked at while it grows. */
export interface Written {
	text: string;
	/** Characters before it that are not here. */
	before: number;
}

const KEPT = 65_536;

/** The last whole lines of it, when it is long. */
export function further(written: Written, more: string): Written {
	const text = written.text + more;
	if (text.length <= 2 * KEPT) return { ...written, text };
	const line = text.indexOf('\n', text.length - KEPT);
	// Never between the two halves of a character.
	const half = (at: number) => ((text.charCodeAt(at) & 0xfc00) === 0xdc00 ? at + 1 : at);
	const from = line < 0 ? half(text.length - KEPT) : line + 1;
	return { text: text.slice(from), before: written.before + from };
}

export const nothing: Live = {
	stdout: { text: '', before: 0 },
	stderr: { text: '', before: 0 },
	passes: 0,
	over: 0,
};

/** Whether there is anything to look at. */
export const hasShown = (live: Live): boolean =>
	live.over > 0 || live.stdout.text !== '' || live.stderr.text !== '';

/** A part of a stream as text: what is none has U+FFFD. */
function textOf(part: Record<string, unknown>): string {
	if (typeof part.text === 'string') return part.text;
	const raw = atob(String(part.base64 ?? ''));
	return new TextDecoder().decode(Uint8Array.from(raw, (c) => c.charCodeAt(0)));
}

/** What an event makes of what was heard before it. */
export function after(live: Live, event: string, data: Record<string, unknown>): Live {
	if (event === 'started' || event === 'again') return nothing;
	if (event === 'progress')
		return { ...live, passes: Number(data.passes), over: Number(data.over) };
	const { stream } = data;
	if (event !== 'output' || (stream !== 'stdout' && stream !== 'stderr')) return live;
	return { ...live, [stream]: further(live[stream], textOf(data)) };
}

/** The result; null: what the server said ended before its end. */
export async function postRun(
	request: RunRequest,
	signal: AbortSignal,
	heard: (live: Live) => void,
): Promise<RunResult | null> {
	let live = nothing;
	let result: RunResult | null = null;
	let problem: Problem | null = null;
	await postStream('/v1/runs', request, signal, (event, data) => {
		if (event === 'result') result = data as RunResult;
		else if (event === 'problem') problem = problemFrom(record(data));
		else {
			live = after(live, event, record(data));
			heard(live);
		}
	});
	if (problem !== null) throw new ProblemError(problem);
	return result;
}
