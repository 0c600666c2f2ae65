// The posture of the server, and the attacks that are made from this page.
import { computed, signal } from '@preact/signals';
import {
	getPosture,
	type Posture,
	type Probe,
	type Problem,
	ProblemError,
	postProbe,
} from '../api';

/** What is known of one attack. */
export type Attempt =
	| { state: 'at start'; probe: Probe }
	| { state: 'waits' }
	| { state: 'runs' }
	| { state: 'made'; probe: Probe; wallNs: number }
	| { state: 'not made'; problem: Problem };

export const posture = signal<Posture | null>(null);
export const problem = signal<Problem | null>(null);
/** By `keyOf`. */
export const attempts = signal<ReadonlyMap<string, Attempt>>(new Map());

export const keyOf = (probe: Probe): string => `${probe.runtime} ${probe.name}`;
export const attacking = signal(false);

/** How it stands, in numbers: of the attacks that were made from this page, or at the start of the server. */
export const tally = computed(() => {
	const all = [...attempts.value.values()];
	const done = all.filter((a) => a.state === 'made' || a.state === 'at start');
	return {
		total: all.length,
		made: all.filter((a) => a.state === 'made').length,
		contained: done.filter((a) => 'probe' in a && a.probe.passed).length,
		through: done.filter((a) => 'probe' in a && !a.probe.passed).length,
		lost: all.filter((a) => a.state === 'not made').length,
	};
});

const asProblem = (error: unknown): Problem => {
	if (error instanceof ProblemError) return error.problem;
	throw error;
};

export async function load(): Promise<void> {
	try {
		const p = await getPosture();
		attempts.value = new Map(
			p.probes.map((probe): [string, Attempt] => [keyOf(probe), { state: 'at start', probe }]),
		);
		posture.value = p;
		problem.value = null;
	} catch (error) {
		problem.value = asProblem(error);
	}
}

const set = (key: string, attempt: Attempt): void => {
	attempts.value = new Map(attempts.value).set(key, attempt);
};

async function attackWith(listed: Probe): Promise<void> {
	const key = keyOf(listed);
	set(key, { state: 'runs' });
	try {
		const { wall_ns, ...probe } = await postProbe(listed.name, listed.runtime);
		set(key, { state: 'made', probe, wallNs: wall_ns });
	} catch (error) {
		set(key, { state: 'not made', problem: asProblem(error) });
	}
}

/** One after the other, so that they can be watched. */
export async function attack(): Promise<void> {
	if (attacking.value || posture.value === null) return;
	attacking.value = true;
	const { probes } = posture.value;
	attempts.value = new Map(probes.map((p): [string, Attempt] => [keyOf(p), { state: 'waits' }]));
	try {
		for (const probe of probes) await attackWith(probe);
	} finally {
		attacking.value = false;
	}
}
