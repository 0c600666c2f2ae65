// What is said of a comparison, in words: those of `vitrine compare`
// (server/cli_compare_table.c).  Whether runs are the same, the server says.
import type { RunResult } from '../api';
import type { Comparison, Difference, Differences, StreamDifference } from '../api-compare';

export interface Mark {
	tone: 'same' | 'differs' | 'unknown';
	/** What the eye has in the place of `lead`. */
	glyph: string;
	lead: string;
	words: string;
}

const SAME: Mark = { tone: 'same', glyph: '=', lead: '', words: 'same' };

const unknown = (words: string): Mark => ({ tone: 'unknown', glyph: '?', lead: '', words });

const differs = (words: string): Mark => ({
	tone: 'differs',
	glyph: '≠',
	lead: words === 'differs' ? '' : 'differs: ',
	words,
});

/** Of an aspect, for all. */
export function markOf(whole: Comparison, aspect: string): Mark {
	const same = whole.same[aspect];
	if (same === true) return SAME;
	const d = whole.differences[aspect];
	if (same === false) {
		const [only, ...more] = d?.against_baseline ?? [];
		if (only === undefined) return differs('differs');
		return differs(more.length === 0 ? differenceWords(only) : `${more.length + 2} ways`);
	}
	if (whole.baseline === null) return unknown('no run');
	if (d?.groups === undefined) return { ...unknown('not judged'), glyph: '·' };
	return unknown('same so far');
}

/** "stdout −1 +1": lines that are on one side only. */
function streamWords(name: string, stream: StreamDifference | null | undefined): string[] {
	if (stream === null || stream === undefined) return [];
	if (stream.only_addresses) return [`${name}: addresses`];
	if (stream.edits === null || stream.edits.length === 0) return [`${name}: bytes`];
	let a = 0;
	let b = 0;
	for (const e of stream.edits) {
		a += e.a_to - e.a_from;
		b += e.b_to - e.b_from;
	}
	return [`${name} −${a} +${b}`];
}

/** What can be said in few words of how a group differs. */
export function differenceWords(d: Difference): string {
	const parts = [...streamWords('stdout', d.stdout), ...streamWords('stderr', d.stderr)];
	const n = d.totals?.instructions;
	if (n !== undefined) parts.push(`${n.a} → ${n.b} instructions`);
	return parts.length === 0 ? 'differs' : parts.join(', ');
}

/** The number of the group that a runtime is in, from 0; -1: it has no run. */
export const groupOf = (d: Differences, id: string): number =>
	d.groups?.findIndex((group) => group.includes(id)) ?? -1;

/** Of an aspect, for one runtime beside the baseline. */
export function cellOf(whole: Comparison, aspect: string, id: string): Mark | null {
	const d = whole.differences[aspect];
	const group = d === undefined ? -1 : groupOf(d, id);
	if (d === undefined || group < 0) return null;
	if (group === 0) return d.incomplete?.includes(id) === true ? unknown('same so far') : SAME;
	const against = d.against_baseline?.find((one) => one.runtimes.includes(id));
	return differs(against === undefined ? 'differs' : differenceWords(against));
}

/** Those that are the same have one letter: A is the baseline's. */
export const letterOf = (group: number): string => String.fromCharCode(65 + group);

/** The aspects in the server's order; `only`: those that are not the same. */
export const aspectsOf = (whole: Comparison, only: boolean): string[] =>
	Object.keys(whole.same).filter((name) => !only || whole.same[name] !== true);

/** "error KeyError": how a run ended. */
export function endWords(run: RunResult): string {
	const more = run.limit?.name ?? run.signal ?? run.exception?.type ?? '';
	return more === '' ? run.status : `${run.status} ${more}`;
}

/** The first line that was printed, and how many there are besides. */
export function outputWords(run: RunResult): string {
	const { text } = run.stdout;
	if (text === undefined) return 'bytes that are not text';
	if (text === '') return 'nothing';
	const lines = text.replace(/\n$/, '').split('\n');
	const first = (lines[0] ?? '').slice(0, 200);
	return lines.length === 1 ? first : `${first} … ${lines.length} lines`;
}

/** A note that several runs have is said once. */
export function notesOf(
	results: { runtime: string; run: RunResult | null }[],
): [string, string[]][] {
	const who = new Map<string, string[]>();
	for (const { runtime, run } of results)
		for (const note of run?.notes ?? []) {
			const words = typeof note === 'string' ? note : JSON.stringify(note);
			who.set(words, [...(who.get(words) ?? []), runtime]);
		}
	return [...who];
}
