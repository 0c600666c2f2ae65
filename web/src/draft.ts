// The draft that a browser keeps.  Storage may be missing, full or refused:
// the page works without it.
import { signal } from '@preact/signals';
import { type Carried, type LensName, lensNames, record } from './api';
import { embedded } from './embedded';
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
	/** What came by a link and has no field. */
	carried: Carried;
	/** Ids of runtimes that are not compared. */
	compareOff: string[];
	onlyDifferences: boolean;
	sideBySide: boolean;
}

const KEY = 'vitrine.draft.1';
const EARLIER_KEY = 'vitrine.drafts.1';
const MOST_EARLIER = 5;

const isLens = (name: unknown): name is LensName =>
	typeof name === 'string' && lensNames.includes(name as LensName);

/** A draft as it was kept, as far as it is one. */
function draftFrom(kept: unknown): Draft {
	const fresh: Draft = {
		code: examples[0]?.code ?? '',
		stdin: '',
		args: '',
		watch: '',
		off: [],
		runtime: '',
		carried: {},
		compareOff: [],
		onlyDifferences: false,
		sideBySide: true,
	};
	const values = record(kept);
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
	fresh.carried = record(values.carried);
	return fresh;
}

/** null: nothing is kept, or nothing that can be read. */
function read(key: string): unknown {
	if (embedded) return null;
	try {
		return JSON.parse(localStorage.getItem(key) ?? 'null');
	} catch {
		return null;
	}
}

function write(key: string, value: unknown): boolean {
	if (embedded) return false;
	try {
		localStorage.setItem(key, JSON.stringify(value));
		return true;
	} catch {
		return false;
	}
}

export const loadDraft = (): Draft => draftFrom(read(KEY));
export const saveDraft = (draft: Draft): boolean => write(KEY, draft);

/** null: nothing is kept. */
function readEarlier(): Draft[] | null {
	const kept = read(EARLIER_KEY);
	return Array.isArray(kept) ? kept.slice(0, MOST_EARLIER).map(draftFrom) : null;
}

/** What something else was put in the place of, the latest first. */
export const earlier = signal<Draft[]>(readEarlier() ?? []);

const same = (a: Draft, b: Draft): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Is there something in it that its reader would miss? */
export const isOwn = (draft: Draft): boolean =>
	draft.code.trim() !== '' && !examples.some((e) => e.code === draft.code);

function setEarlier(but: Draft, first: Draft[]): void {
	// Another tab may have kept one since.
	const others = (readEarlier() ?? earlier.value).filter((d) => !same(d, but));
	earlier.value = [...first, ...others].slice(0, MOST_EARLIER);
	// Where there is room for fewer, the latest are kept.
	for (let n = earlier.value.length; n >= 0; n--)
		if (write(EARLIER_KEY, earlier.value.slice(0, n))) break;
}

/** Keeps a draft that something else is put in the place of. */
export function keepEarlier(draft: Draft): void {
	if (isOwn(draft)) setEarlier(draft, [draft]);
}

/** Takes one out, to be the draft again. */
export const takeEarlier = (draft: Draft): void => setEarlier(draft, []);
