// Which runtimes a run and a comparison are made on.
import type { Runtime } from '../api';

export const FEWEST = 2;
/** As many as stand beside each other and can still be read. */
export const MOST = 6;

/** What the server takes when it is not told, if it is there (server/engine.c). */
const USUAL = '3.11';

export function usualOf(runtimes: Runtime[], id: string): Runtime | null {
	const named = (wanted: string) => runtimes.find((r) => r.id === wanted);
	return named(id) ?? named(USUAL) ?? runtimes[0] ?? null;
}

/** All but those that are off, so far as there is room for them. */
export const chosenOf = (runtimes: Runtime[], off: string[]): Runtime[] =>
	runtimes.filter((r) => !off.includes(r.id)).slice(0, MOST);

/** Those that are off when this one is ticked, or is not any more. */
export function offAfter(runtimes: Runtime[], off: string[], id: string, on: boolean): string[] {
	const chosen = chosenOf(runtimes, off).map((r) => r.id);
	const next = on ? [...chosen, id] : chosen.filter((c) => c !== id);
	// What is not installed today is remembered.
	const others = off.filter((o) => !runtimes.some((r) => r.id === o));
	return [...others, ...runtimes.map((r) => r.id).filter((r) => !next.includes(r))];
}

/** "3.13.5, no GIL" */
export const versionWords = (r: Runtime): string =>
	r.gil === false ? `${r.version}, no GIL` : r.version;
