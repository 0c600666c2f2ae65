// What the page knows, as signals, and the few actions that change it.
import { computed, signal } from '@preact/signals';
import {
	getRuntimes,
	type LensName,
	type Problem,
	ProblemError,
	postRun,
	type RunRequest,
	type RunResult,
	type Runtime,
} from './api';
import { loadDraft } from './draft';
import { optionsOf } from './objects/ask';

const draft = loadDraft();

export const source = signal(draft.code);
export const stdin = signal(draft.stdin);
/** One argument a line: no quoting rules to guess. */
export const argLines = signal(draft.args);
export const watchNames = signal(draft.watch);
export const adaptive = signal(false);
export const showCaches = signal(false);
/** What the objects are asked, as it is typed. */
export const asked = {
	names: signal(''),
	lines: signal(''),
	keys: signal(''),
	attributes: signal(''),
};
/** Lenses that a run is not to look through. */
export const lensesOff = signal<LensName[]>(draft.off);

export const runtimes = signal<Runtime[]>([]);
export const runtime = computed<Runtime | null>(() => runtimes.value[0] ?? null);

export type Outcome =
	| { kind: 'result'; result: RunResult; lines: string[] }
	| { kind: 'problem'; problem: Problem };

export const running = signal(false);
export const outcome = signal<Outcome | null>(null);
/** True when the source was edited after the run that is shown. */
export const stale = signal(false);

export const tab = signal<string>('output');
/** Under 800 px only one of the two is on screen. */
export const side = signal<'code' | 'result'>('code');
/** The refcounts step that is shown: an index into its steps. */
export const step = signal(0);

/**
 * A place in the source as it was when it ran.  Columns are as CPython counts
 * them, in UTF-8 bytes.  `by` is who pointed: 'caret', 'hover' (the mouse over
 * the editor), or the id of a panel.
 */
export interface Link {
	line: number;
	endLine?: number;
	col?: number;
	endCol?: number;
	by: string;
}

/** Where the program that is stepped through is. */
export interface StepMark {
	line: number;
	/** About to run, being entered, being left, or raising. */
	kind: 'next' | 'enter' | 'leave' | 'raise';
	/** The line that ran before; null: none, or the same. */
	past: number | null;
}

export const stepMark = signal<StepMark | null>(null);
/** What a click on a line's number does; it says whether it did anything. */
export const gutterClick: { current: ((line: number) => boolean) | null } = { current: null };

export const caret = signal<Link | null>(null);
export const pointed = signal<Link | null>(null);
export const link = computed<Link | null>(() => pointed.value ?? caret.value);

/** What the editor can be asked to do; it registers itself here. */
export interface EditorHandle {
	anchorRun(): void;
	goTo(link: Omit<Link, 'by'>, focus: boolean): void;
	setDoc(text: string): void;
	focus(): void;
}
export const editor: { current: EditorHandle | null } = { current: null };

/** Puts the caret there, on screen and with the focus. */
export function visit(place: Omit<Link, 'by'>): void {
	side.value = 'code';
	// On a narrow page the editor is only now being shown.
	requestAnimationFrame(() => editor.current?.goTo(place, true));
}

let abort: AbortController | null = null;

export function stop(): void {
	abort?.abort();
}

export function lensRequest(): RunRequest['lenses'] {
	const names = watchNames.value.split(/[\s,]+/).filter((n) => n !== '');
	const bytecode: Record<string, unknown> = {};
	if (adaptive.value) bytecode.adaptive = true;
	if (showCaches.value) bytecode.show_caches = true;
	const all: RunRequest['lenses'] = {
		bytecode,
		refcounts: names.length > 0 ? { names } : {},
		gc: {},
		timing: {},
		steps: {},
		objects: optionsOf({
			names: asked.names.value,
			lines: asked.lines.value,
			keys: asked.keys.value,
			attributes: asked.attributes.value,
		}),
		ast: {},
	};
	for (const name of lensesOff.value) delete all[name];
	return all;
}

export async function run(): Promise<void> {
	if (running.value) return;
	const code = source.value;
	const request: RunRequest = { code, lenses: lensRequest() };
	if (stdin.value !== '') request.stdin = stdin.value;
	const args = argLines.value.split('\n').filter((a, i, all) => a !== '' || i < all.length - 1);
	if (argLines.value !== '') request.args = args;
	const mine = new AbortController();
	abort = mine;
	running.value = true;
	editor.current?.anchorRun();
	try {
		const result = await postRun(request, mine.signal);
		step.value = 0;
		outcome.value = { kind: 'result', result, lines: code.split('\n') };
		// Edits made while it ran have already set this; keep them.
		stale.value = source.value !== code;
		side.value = 'result';
	} catch (error) {
		if (error instanceof ProblemError) {
			outcome.value = { kind: 'problem', problem: error.problem };
			tab.value = 'output';
			side.value = 'result';
		} else if (!mine.signal.aborted) {
			throw error;
		}
	} finally {
		running.value = false;
		abort = null;
	}
}

export async function loadRuntimes(): Promise<void> {
	try {
		runtimes.value = await getRuntimes();
	} catch {
		// The header then says that the runtime is unknown; a run says why.
	}
}
