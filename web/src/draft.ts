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
}

const KEY = 'vitrine.draft.1';

const isLens = (name: unknown): name is LensName =>
	typeof name === 'string' && lensNames.includes(name as LensName);

export function loadDraft(): Draft {
	const fresh: Draft = { code: examples[0]?.code ?? '', stdin: '', args: '', watch: '', off: [] };
	try {
		const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
		if (typeof kept !== 'object' || kept === null) return fresh;
		for (const name of ['code', 'stdin', 'args', 'watch'] as const) {
			const value = (kept as Record<string, unknown>)[name];
			if (typeof value === 'string') fresh[name] = value;
		}
		const { off } = kept as Record<string, unknown>;
		if (Array.isArray(off)) fresh.off = off.filter(isLens);
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
