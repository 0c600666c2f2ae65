// Numbers and outcomes in plain words.
import type { Limit, LimitName, RunResult } from './api';
import { exceptionLine } from './traceback';

const three = (n: number): string =>
	n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1) : n.toFixed(2);

export function duration(ns: number): string {
	if (ns < 1_000) return `${Math.round(ns)} ns`;
	if (ns < 1_000_000) return `${three(ns / 1_000)} µs`;
	if (ns < 1_000_000_000) return `${three(ns / 1_000_000)} ms`;
	return `${three(ns / 1_000_000_000)} s`;
}

export function bytes(n: number): string {
	if (n < 1024) return `${n} B`;
	if (n < 1024 * 1024) return `${three(n / 1024)} KiB`;
	if (n < 1024 * 1024 * 1024) return `${three(n / 1024 / 1024)} MiB`;
	return `${three(n / 1024 / 1024 / 1024)} GiB`;
}

const english = new Intl.NumberFormat('en');
export const count = (n: number): string => english.format(n);

export const plural = (n: number, one: string, many = `${one}s`): string =>
	`${count(n)} ${n === 1 ? one : many}`;

const limits: Record<LimitName, { was: string; unit: 'ms' | 'bytes' | 'count'; hint: string }> = {
	wall: {
		was: 'it took longer than the time allowed',
		unit: 'ms',
		hint: 'A loop that never ends, or a sleep or read that waits, does this.',
	},
	deadline: {
		was: 'it was not over by its deadline',
		unit: 'ms',
		hint: 'That is counted from when the server took the run in, waiting included.',
	},
	cpu: {
		was: 'it used more processor time than allowed',
		unit: 'ms',
		hint: 'A loop that never ends does this; so does work that grows with the square of its input.',
	},
	memory: {
		was: 'it needed more memory than allowed',
		unit: 'bytes',
		hint: 'Look for a list or string that grows without end.',
	},
	output: {
		was: 'it printed more than is kept',
		unit: 'bytes',
		hint: 'What was printed until then is shown.',
	},
	processes: {
		was: 'it started more processes or threads than allowed',
		unit: 'count',
		hint: 'Each thread counts as one.',
	},
	disk: {
		was: 'it wrote more to its working directory than fits',
		unit: 'bytes',
		hint: 'The directory is kept in memory and gone after the run.',
	},
};

function amount(n: number, unit: 'ms' | 'bytes' | 'count'): string {
	if (unit === 'ms') return duration(n * 1_000_000);
	return unit === 'bytes' ? bytes(n) : count(n);
}

export function limitWords(limit: Limit): { head: string; detail: string } {
	const words = limits[limit.name];
	if (words === undefined) return { head: `Stopped by the ${limit.name} limit`, detail: '' };
	return {
		head: `Stopped: ${words.was}`,
		detail: `Allowed ${amount(limit.allowed, words.unit)}, used ${amount(limit.used, words.unit)}. ${words.hint}`,
	};
}

export interface Verdict {
	tone: 'good' | 'bad' | 'stopped';
	glyph: string;
	head: string;
	detail: string;
}

export function verdict(r: RunResult): Verdict {
	switch (r.status) {
		case 'ok':
			return { tone: 'good', glyph: '✓', head: 'Finished', detail: 'exit code 0' };
		case 'error': {
			if (r.exception === null)
				return {
					tone: 'bad',
					glyph: '✕',
					head: 'Ended by itself',
					detail: `exit code ${r.exit_code}`,
				};
			const at = exceptionLine(r.exception);
			const where = at === null ? '' : ` on line ${at}`;
			return {
				tone: 'bad',
				glyph: '✕',
				head: `${r.exception.type}${where}`,
				detail:
					r.exception.phase === 'compile'
						? 'did not compile, so nothing ran'
						: `exit code ${r.exit_code}`,
			};
		}
		case 'limit':
			return {
				tone: 'stopped',
				glyph: '■',
				...(r.limit === null ? { head: 'Stopped by a limit', detail: '' } : limitWords(r.limit)),
			};
		case 'signal':
			return {
				tone: 'bad',
				glyph: '✕',
				head: `Killed by ${r.signal ?? 'a signal'}`,
				detail: 'a signal of the program’s own making',
			};
		case 'cancelled':
			return { tone: 'stopped', glyph: '■', head: 'Cancelled', detail: '' };
		default:
			return { tone: 'stopped', glyph: '?', head: String(r.status), detail: '' };
	}
}
