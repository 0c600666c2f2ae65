// The program of a run once more, many times, each with its threads switched at other moments.
import { type Problem, ProblemError, type RunRequest, type RunResult } from '../api';
import type { RacesLens } from '../api-races';
import { postRun } from '../live';
import { occupied } from '../state';

export interface Race {
	lens: RacesLens | null;
	/** What stands in for it, in words. */
	without: string;
	problem: Problem | null;
	/** null: it goes on. */
	end: null | 'done' | 'stopped' | 'cut';
}

const begun: Race = { lens: null, without: '', problem: null, end: null };

/** `show` is told how it goes on. */
export const race = (
	request: RunRequest,
	of: RunResult,
	options: Record<string, number>,
	show: (race: Race) => void,
): Promise<void> =>
	occupied(async (signal) => {
		show(begun);
		const asked = { ...request, runtime: of.runtime.id, lenses: { races: options } };
		try {
			const result = await postRun(asked, signal, () => {});
			if (result === null) show({ ...begun, end: 'cut' });
			else
				show({
					...begun,
					lens: result.lenses.races ?? null,
					without: result.notes.map(String).join(' '),
					end: 'done',
				});
		} catch (error) {
			if (error instanceof ProblemError) show({ ...begun, problem: error.problem, end: 'done' });
			else if (signal.aborted) show({ ...begun, end: 'stopped' });
			else throw error;
		}
	});
