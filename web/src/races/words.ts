// What came of a program's schedules, in words.
import type { RaceKind, RaceOutcome, RacesLens } from '../api-races';
import { count, plural } from '../words';

export const KINDS: [RaceKind, string][] = [
	['as_is', 'As it is'],
	['at_breaks', 'At breaks'],
	['inside', 'Inside'],
];

const STOPPED = {
	one_thread: 'It started no thread: there is nothing to switch.',
	wall: 'Its time was over before the others.',
	cpu: 'Its processor time was used up before the others.',
	processes: 'There could be no process for more.',
	memory: 'There was no memory for more.',
};

/** The most frequent first; of those as frequent as each other, the one that was seen first. */
export const inOrder = (outcomes: RaceOutcome[]): RaceOutcome[] =>
	[...outcomes].sort((a, b) => b.schedules - a.schedules || a.outcome - b.outcome);

/** The outcome whose switches are told first: of those that do not come by themselves, the one that took the fewest. */
export function tellable(outcomes: RaceOutcome[]): number | null {
	const forced = outcomes.filter((o) => o.example.switches.length > 0);
	forced.sort((a, b) => a.example.forced - b.example.forced || a.outcome - b.outcome);
	return forced[0]?.outcome ?? outcomes.find((o) => o.example.places.length > 0)?.outcome ?? null;
}

const FIRST = {
	as_is: 'by itself',
	at_breaks:
		'once they are switched where this CPython looks whether another wants to go on, if not by itself',
	inside:
		'once they are switched between any two instructions, as the language permits, and not where this CPython does',
};

/** How often it was run, to how many outcomes that came, and by which kind of switch the first other one. */
export function racesWords(lens: RacesLens): string {
	const s = lens.schedules ?? null;
	if (s === null) return 'The runs were ended before anything of them was known.';
	const of = s.run < s.asked ? ` of ${count(s.asked)}` : '';
	const why = s.stopped === null ? '' : ` ${STOPPED[s.stopped]}`;
	const came = `${plural(s.run, 'run')}${of} with ${plural(s.threads, 'thread')} came to ${plural((lens.outcomes ?? []).length, 'outcome')}.${why}`;
	if (s.stopped === 'one_thread') return came;
	const kinds = (lens.kinds ?? []).filter((k) => k.schedules > 0);
	const first = kinds.find((k) => k.outcomes > 1);
	const verdict =
		(lens.outcomes ?? []).length < 2
			? 'No schedule changed what it does. That is no proof: there are more schedules than were tried.'
			: first === undefined
				? 'Kinds of schedules differ, each alike in itself.'
				: `What it does hangs on when threads are switched: it differs ${FIRST[first.kind]}.`;
	const without = (lens.kinds ?? []).some((k) => k.left_out === 'no_gil')
		? ' Without a GIL there are no breaks to switch at.'
		: '';
	return `${came} ${verdict}${without}`;
}

const HOW = {
	stuck: 'stuck: nothing moved any more',
	unfinished: 'not over in time',
	output: 'printed more than it may',
};

/** "exit 1, ValueError in line 3". */
export function endWords({ end }: RaceOutcome): string {
	const how =
		end.how === 'exit'
			? `exit ${end.exit_code}`
			: end.how === 'signal'
				? `signal ${end.signal}`
				: HOW[end.how];
	const raised = [end.exception, end.threads_raised > 0 ? (end.raised[0] ?? null) : null].map(
		(e) => (e === null ? '' : `, ${e.type}${e.line === null ? '' : ` in line ${e.line}`}`),
	);
	const more = end.threads_raised > 1 ? ` in ${count(end.threads_raised)} threads` : '';
	return how + raised.join('') + more;
}

export const threadWords = (thread: number): string => (thread === 0 ? 'main' : `thread ${thread}`);
