// What is said of a measurement, in words.  Which is faster, the server says.
import type { RunResult } from '../api';
import type { CountGrowth, Measurement, Ratio } from '../api-measure';
import { exceptionLine } from '../traceback';
import { plural, verdict } from '../words';
import type { Measuring } from './ask';

export const clocks = [
	{ id: 'cpu', of: 'cpu_ns', title: 'CPU time' },
	{ id: 'wall', of: 'wall_ns', title: 'On the wall' },
] as const;

/** Three digits, as %.3g has them; more where three would say 1 of what is not. */
export function times(x: number): string {
	for (let digits = 3; ; digits++) {
		const rounded = Number(x.toPrecision(digits));
		if (rounded !== 1 || x === 1 || digits === 15) return String(rounded);
	}
}

export function ratioWords(r: Ratio | null): string {
	if (r === null) return 'no interval: it takes six rounds at least';
	const between = `B takes ${times(r.low)} to ${times(r.high)} times as long`;
	return r.verdict === 'undecided' ? `cannot be told: ${between}` : `${between}: ${r.verdict}`;
}

/** Of both clocks, without numbers. */
export function summaryWords(whole: Measurement): string {
	const [only] = whole.ratios;
	const rounds = plural(whole.rounds, 'round');
	if (only?.cpu == null || only.wall == null) return `${rounds}: too few for an interval`;
	const said = (r: Ratio) =>
		r.verdict === 'undecided' ? 'it cannot be told' : `B is ${r.verdict}`;
	return `${rounds}: by CPU time ${said(only.cpu)}, on the wall ${said(only.wall)}`;
}

/** "A: ZeroDivisionError on line 2: division by zero" */
export function failedWords(snippet: string, run: RunResult): string {
	const message = run.exception?.message ?? '';
	return `${snippet}: ${verdict(run).head}${message === '' ? '' : `: ${message}`}`;
}

/** The line of the snippet that failed, and its text as the traceback has it. */
export function failedLine(run: RunResult): { line: number; text: string } | null {
	const e = run.exception;
	const line = e === null ? null : exceptionLine(e);
	if (e === null || line === null) return null;
	const frame = [...e.traceback].reverse().find((f) => f.line === line && f.text !== null);
	return { line, text: frame?.text?.trim() ?? '' };
}

/** What is known by now, in a line. */
export function measuredWords(m: Measuring): string {
	if (m.problem !== null) return `Not measured: ${m.problem.title}`;
	if (m.whole !== null) {
		const { failed } = m.whole;
		return failed === null ? summaryWords(m.whole) : failedWords(failed.snippet, failed.run);
	}
	const n = `${m.rounds.length} of ${m.of} rounds`;
	if (m.end === null) return 'Measuring';
	if (m.end === 'stopped') return `Stopped after ${n}: nothing is told of them`;
	return `The connection broke off after ${n}: nothing is told of them`;
}

const classWords = (name: string): string =>
	name.replace('^2', '²').replace('^3', '³').replace('^n', 'ⁿ');

/** The class of a growth, or the two that it may be, and how sure that is. */
export function growthWords(g: CountGrowth): { grows: string; sure: string } {
	const next = classWords(g.runner_up);
	if (g.class === null) return { grows: 'none that fits', sure: '' };
	const own = classWords(g.class);
	if (!g.decided) return { grows: `${own} or ${next}`, sure: 'these sizes cannot tell' };
	const margin = g.margin >= 1000 ? '1000' : String(Math.round(g.margin));
	return {
		grows: g.base === null ? own : `${times(g.base)}ⁿ`,
		sure: `fits ${margin}× better than ${next}`,
	};
}
