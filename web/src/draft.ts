// The draft that a browser keeps.  Storage may be missing, full or refused:
// the page works without it.
import { type LensName, lensNames } from './api';
import { examples } from './examples';

export interface Draft {
	code: string;
	stdin: string;
	args: string;
	watch: string;
	/** Lenses that are not asked for. */
	off: LensName[];
	/** The id of the runtime that runs are made on; '': the server's default. */
	runtime: string;
	/** Ids of runtimes that are not compared. */
	compareOff: string[];
	onlyDifferences: boolean;
	sideBySide: boolean;
}

const KEY = 'vitrine.draft.1';

const isLens = (name: unknown): name is LensName =>
	typeof name === 'string' && lensNames.includes(name as LensName);

export function loadDraft(): Draft {
	const fresh: Draft = {
		code: examples[0]?.code ?? '',
		stdin: '',
		args: '',
		watch: '',
		off: [],
		runtime: '',
		compareOff: [],
		onlyDifferences: false,
		sideBySide: true,
	};
	try {
		const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
		if (typeof kept !== 'object' || kept === null) return fresh;
		const values = kept as Record<string, unknown>;
		for (const name of ['code', 'stdin', 'args', 'watch', 'runtime'] as const) {
			const value = values[name];
			if (typeof value === 'string') fresh[name] = value;
		}
		for (const name of ['onlyDifferences', 'sideBySide'] as const) {
			const value = values[name];
			if (typeof value === 'boolean') fresh[name] = value;
		}
		const { off, compareOff } = values;
		if (Array.isArray(off)) fresh.off = off.filter(isLens);
		if (Array.isArray(compareOff))
			fresh.compareOff = compareOff.filter((id): id is string => typeof id === 'string');
	} catch {
		// A damaged draft is no draft.
	}
	return fresh;
}

export function saveDraft(draft: Draft): boolean {
	try {
		localStorage.setItem(KEY, JSON.stringify(draft));
		return true;
	} catch {
		return false;
	}
}
