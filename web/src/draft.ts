// The draft that a browser keeps.  Storage may be missing, full or refused:
// the page works without it.
import { examples } from './examples';

export interface Draft {
	code: string;
	stdin: string;
	args: string;
	watch: string;
}

const KEY = 'vitrine.draft.1';

export function loadDraft(): Draft {
	const fresh: Draft = { code: examples[0]?.code ?? '', stdin: '', args: '', watch: '' };
	try {
		const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
		if (typeof kept !== 'object' || kept === null) return fresh;
		for (const name of ['code', 'stdin', 'args', 'watch'] as const) {
			const value = (kept as Record<string, unknown>)[name];
			if (typeof value === 'string') fresh[name] = value;
		}
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
