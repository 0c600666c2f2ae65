// What a program had printed by a step.  Streams are cut by bytes, and a
// character whose bytes are not all there yet is not shown.
import type { Stream } from '../api';
import type { Trace } from './trace';

export function bytesOf(stream: Stream): Uint8Array {
	if (stream.base64 === undefined) return new TextEncoder().encode(stream.text ?? '');
	return Uint8Array.from(atob(stream.base64), (c) => c.charCodeAt(0));
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes, { stream: true });

interface Texts {
	out: string | null;
	err: string | null;
}

export class Output {
	private readonly out: Uint8Array;
	private readonly err: Uint8Array;
	private last: { out: number; err: number; texts: Texts } | undefined;

	constructor(stdout: Stream, stderr: Stream) {
		this.out = bytesOf(stdout);
		this.err = bytesOf(stderr);
	}

	/** Both streams up to a step; null: how much it was is not known. */
	at(trace: Trace, i: number): Texts {
		const [out, err] = [trace.out[i] ?? 0, trace.err[i] ?? 0];
		// From step to step it is mostly the same.
		if (this.last === undefined || this.last.out !== out || this.last.err !== err)
			this.last = { out, err, texts: { out: upTo(this.out, out), err: upTo(this.err, err) } };
		return this.last.texts;
	}

	/** What standard output got after step `from` until step `to`. */
	between(trace: Trace, from: number, to: number): string {
		const a = from < 0 ? 0 : (trace.out[from] ?? 0);
		const b = trace.out[to] ?? 0;
		return a < 0 || b <= a ? '' : decode(this.out.subarray(a, b));
	}
}

const upTo = (bytes: Uint8Array, n: number): string | null =>
	n < 0 ? null : decode(bytes.subarray(0, n));
