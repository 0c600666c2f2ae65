// A call that is answered by events, one by one.
import { send } from './api';
import { parseExact } from './exact';
import { eventReader } from './sse';

/** Whether it came to the event `done`; a stream without one was cut off. */
export async function postStream(
	path: string,
	request: unknown,
	signal: AbortSignal,
	heard: (event: string, data: unknown) => void,
): Promise<boolean> {
	const reply = await send(path, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
		body: JSON.stringify(request),
		signal,
	});
	// Who stands between may have the one reply only.
	if (reply.headers.get('Content-Type')?.startsWith('application/json')) {
		heard('result', parseExact(await reply.text()));
		return true;
	}
	let done = false;
	const read = eventReader((event, text) => {
		if (event === 'done') done = true;
		else heard(event, parseExact(text));
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
