// What B is and how it is measured, kept in the browser, and the measuring.
import { signal } from '@preact/signals';
import { type Problem, ProblemError, problemFrom, record } from '../api';
import type { Measurement, MeasurementRequest, Round } from '../api-measure';
import { busily, measured, outcome, requestNow, runtime, source, stale } from '../state';
import { postStream } from '../stream';
import { keep, kept, sizesIn } from './kept';
import { measuredWords } from './words';

/** What was heard so far. */
export interface Measuring {
	/** As they were when it began. */
	a: string;
	b: string;
	/** Rounds that were asked for. */
	of: number;
	rounds: Round[];
	/** How many runs counted. */
	counted: number;
	whole: Measurement | null;
	problem: Problem | null;
	/** null: it goes on; cut: the server's words ended before their end. */
	end: null | 'done' | 'stopped' | 'cut';
}

export const settings = signal(kept(source.peek()));
export const measuring = signal<Measuring | null>(null);

export function change(more: Partial<typeof settings.value>): void {
	settings.value = { ...settings.value, ...more };
	keep(settings.value);
}

export const measure = (): Promise<void> =>
	busily(async (signal) => {
		const { b, rounds, seconds } = settings.value;
		const { code: a, lenses: _, ...more } = requestNow();
		const request: MeasurementRequest = {
			...more,
			snippets: [
				{ name: 'A', code: a },
				{ name: 'B', code: b },
			],
			rounds,
			budget_ms: seconds * 1000,
		};
		const sizes = sizesIn(settings.value.sizes);
		if (sizes !== null) request.sizes = sizes;
		if (runtime.value !== null) request.runtime = runtime.value.id;
		// Lines that are pointed at are now those of A: a run of another text has none.
		if (stale.value) outcome.value = { kind: 'measurement', before: null };
		stale.value = false;
		let now: Measuring = {
			a,
			b,
			of: rounds,
			rounds: [],
			counted: 0,
			whole: null,
			problem: null,
			end: null,
		};
		const show = (more: Partial<Measuring>) => {
			now = { ...now, ...more };
			measuring.value = now;
			measured.value = measuredWords(now);
		};
		show({});
		try {
			const done = await postStream('/v1/measurements', request, signal, (event, data) => {
				if (event === 'round') show({ rounds: [...now.rounds, data as Round] });
				else if (event === 'count') show({ counted: now.counted + 1 });
				else if (event === 'result') show({ whole: data as Measurement });
				else if (event === 'problem') show({ problem: problemFrom(record(data)) });
			});
			show({ end: done ? 'done' : 'cut' });
		} catch (error) {
			const problem = error instanceof ProblemError ? error.problem : null;
			show({ problem, end: signal.aborted ? 'stopped' : 'cut' });
			if (problem === null) throw error;
		}
	});
