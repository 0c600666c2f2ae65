// What a program had printed by a step.  Streams are cut by bytes, and a
// character whose bytes are not all there yet is not shown.
import type { Stream } from '../api';
import type { Trace } from './trace';

export function bytesOf(stream: Stream): Uint8Array {
	if (stream.base64 === undefined) return new TextEncoder().encode(stream.text ?? '');
	return Uint8Array.from(atob(stream.base64), (c) => c.charCodeAt(0));
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes, { stream: true });

export class Output {
	private readonly out: Uint8Array;
	private readonly err: Uint8Array;

	constructor(stdout: Stream, stderr: Stream) {
		this.out = bytesOf(stdout);
		this.err = bytesOf(stderr);
	}

	/** Both streams up to a step; null: how much it was is not known. */
	at(trace: Trace, i: number): { out: string | null; err: string | null } {
		return { out: upTo(this.out, trace.out[i] ?? 0), err: upTo(this.err, trace.err[i] ?? 0) };
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
