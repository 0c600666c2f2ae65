// The program of a run once more, for a lens that is looked through when somebody asks for it.
import { type Lenses, type Problem, ProblemError, type RunRequest, type RunResult } from './api';
import { postRun } from './live';
import { occupied } from './state';

export interface Again<Name extends keyof Lenses> {
	lens: Lenses[Name] | null;
	/** What stands in for it, in words. */
	without: string;
	problem: Problem | null;
	/** null: it goes on. */
	end: null | 'done' | 'stopped' | 'cut';
}

const begun = { lens: null, without: '', problem: null, end: null };

/** Asks for one lens of the program that was asked for, on the runtime that it ran on; `show` is told how it goes on. */
export const again = <Name extends keyof Lenses>(
	name: Name,
	{ request, result }: { request: RunRequest; result: RunResult },
	options: Record<string, unknown>,
	show: (now: Again<Name>) => void,
): Promise<void> =>
	occupied(async (signal) => {
		show(begun);
		const asked = { ...request, runtime: result.runtime.id, lenses: { [name]: options } };
		try {
			const came = await postRun(asked, signal, () => {});
			if (came === null) show({ ...begun, end: 'cut' });
			else
				show({
					...begun,
					lens: came.lenses[name] ?? null,
					without: came.notes.map(String).join(' '),
					end: 'done',
				});
		} catch (error) {
			if (error instanceof ProblemError) show({ ...begun, problem: error.problem, end: 'done' });
			else if (signal.aborted) show({ ...begun, end: 'stopped' });
			else throw error;
		}
	});
