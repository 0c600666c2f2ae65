// What the page knows, as signals, and the few actions that change it.
import { batch, computed, signal } from '@preact/signals';
import {
	type Broken,
	type Carried,
	getRuntimes,
	type LensName,
	type Problem,
	ProblemError,
	type RunRequest,
	type RunResult,
	type Runtime,
	unreached,
} from './api';
import type { Comparison, ComparisonResult } from './api-compare';
import { chosenOf, FEWEST, usualOf } from './compare/choice';
import { type Draft, keepEarlier, loadDraft, takeEarlier } from './draft';
import { hasShown, type Live, nothing, postRun } from './live';
import type { Measure } from './memory/view';
import { optionsOf } from './objects/ask';

const draft = loadDraft();

export const source = signal(draft.code);
export const stdin = signal(draft.stdin);
/** One argument a line: no quoting rules to guess. */
export const argLines = signal(draft.args);
export const watchNames = signal(draft.watch);
export const adaptive = signal(false);
export const showCaches = signal(false);
export const virtualClock = signal(false);
export const refCauses = signal(false);
export const refHolders = signal(false);
/** What the objects are asked, as it is typed. */
export const asked = {
	names: signal(''),
	lines: signal(''),
	keys: signal(''),
	attributes: signal(''),
};
/** What of each line's memory is shown. */
export const memoryBy = signal<Measure>('bytes');
/** Lenses that a run is not to look through. */
export const lensesOff = signal<LensName[]>(draft.off);
/** Members of the request without a field of their own. */
export const carried = signal<Carried>(draft.carried);

export const runtimes = signal<Runtime[]>([]);
/** The server keeps links for who asks it to. */
export const storesLinks = signal(false);
export const broken = signal<Broken[]>([]);
/** The id of the one that runs are made on, once somebody has chosen. */
export const runtimeId = signal(draft.runtime);
export const runtime = computed<Runtime | null>(() => usualOf(runtimes.value, runtimeId.value));
/** Runtimes that are not to be compared: so one that comes later is. */
export const compareOff = signal<string[]>(draft.compareOff);
export const chosen = computed<Runtime[]>(() => chosenOf(runtimes.value, compareOff.value));
/** How differences are looked at. */
export const onlyDifferences = signal(draft.onlyDifferences);
export const sideBySide = signal(draft.sideBySide);

/** What of the page is kept in this browser, as it is now. */
export const draftNow = (): Draft => ({
	code: source.value,
	stdin: stdin.value,
	args: argLines.value,
	watch: watchNames.value,
	off: lensesOff.value,
	runtime: runtimeId.value,
	carried: carried.value,
	compareOff: compareOff.value,
	onlyDifferences: onlyDifferences.value,
	sideBySide: sideBySide.value,
});

/** What is on the page because of a link in its address. */
export interface Opened {
	/** Why there is nothing of the last one. */
	error: string | null;
	/** What of it could not be taken over, in words. */
	left: string[];
	/** The runtime that it asks for. */
	runtime: string | null;
	/** What was on the page, to go back to. */
	before: Draft;
	/** The page as it was opened, as JSON; '' when that is a draft of the reader's, as once it is edited. */
	asOpened: string;
	/** The reader has read what is said of it. */
	hidden: boolean;
}
export const opened = signal<Opened | null>(null);

/** Puts something in the place of all that is on the page; `next` does it. */
export function replacePage(next: () => void): void {
	abort?.abort(replaced);
	batch(() => {
		outcome.value = null;
		stale.value = false;
		side.value = 'code';
		next();
		editor.current?.setDoc(source.value);
	});
}

/** Puts a draft back; what is on the page is kept, unless it came by a link and is as it came. */
export function backTo(draft: Draft): void {
	const now = draftNow();
	if (opened.value?.asOpened !== JSON.stringify(now)) keepEarlier(now);
	takeEarlier(draft);
	if (opened.value !== null) forgetAddress();
	replacePage(() => {
		opened.value = null;
		source.value = draft.code;
		stdin.value = draft.stdin;
		argLines.value = draft.args;
		watchNames.value = draft.watch;
		lensesOff.value = draft.off;
		runtimeId.value = draft.runtime;
		carried.value = draft.carried;
	});
}

/** A link in the address that does not say what is on the page any more. */
export const forgetAddress = (): void =>
	history.replaceState(null, '', location.pathname.replace(/^\/s\/.*/, '/') + location.search);

/** What was heard so far of one snippet on several runtimes. */
export interface Comparing {
	/** In the order in which they were asked for. */
	asked: Runtime[];
	/** In the order in which they came. */
	results: ComparisonResult[];
	/** What parts them: once all are over. */
	whole: Comparison | null;
	/** null: it goes on; cut: the server's words ended before their end. */
	end: null | 'done' | 'stopped' | 'cut';
}

interface Compared {
	kind: 'comparison';
	comparing: Comparing;
	/** What was asked for, but for the runtimes. */
	request: RunRequest;
	lines: string[];
}

/** A run without a result: somebody stopped it, or the server's words ended before their end. */
interface Ended {
	kind: 'ended';
	how: 'stopped' | 'cut';
	live: Live;
}

export type Outcome =
	| {
			kind: 'result';
			result: RunResult;
			/** What was asked for. */
			request: RunRequest;
			lines: string[];
			/** The comparison that it is a part of. */
			of?: Compared;
	  }
	| { kind: 'problem'; problem: Problem }
	| Ended
	| Compared
	/** What measures the snippet against another is open; `before` is shown when it is closed. */
	| { kind: 'measurement'; before: Outcome | null };

export const running = signal(false);
export const outcome = signal<Outcome | null>(null);
/** The run that goes on, once it has something to show. */
export const live = signal<Live | null>(null);
/** True when the source was edited after the run that is shown. */
export const stale = signal(false);

/** What is known of a measurement, in a line. */
export const measured = signal('');

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

/** To the tab that is open beside the source. */
export function focusResult(): void {
	document.querySelector<HTMLElement>('#side-result [role="tab"][aria-selected="true"]')?.focus();
}

let abort: AbortController | null = null;
/** Why it was stopped: what it was asked for is not on the page any more, nor is what came of it to be. */
const replaced = new DOMException('replaced', 'AbortError');

export function stop(): void {
	abort?.abort();
}

export function lensRequest(): RunRequest['lenses'] {
	const names = watchNames.value.split(/[\s,]+/).filter((n) => n !== '');
	const bytecode: Record<string, unknown> = {};
	const refcounts: Record<string, unknown> = names.length > 0 ? { names } : {};
	if (refCauses.value) refcounts.causes = true;
	if (refHolders.value) refcounts.holders = true;
	if (adaptive.value) bytecode.adaptive = true;
	if (showCaches.value) bytecode.show_caches = true;
	const all: RunRequest['lenses'] = {
		bytecode,
		refcounts,
		gc: {},
		timing: {},
		profile: {},
		counts: {},
		memory: {},
		frames: {},
		threads: {},
		tasks: virtualClock.value ? { virtual_clock: true } : {},
		processes: {},
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

export function requestNow(): RunRequest {
	const request: RunRequest = { code: source.value, lenses: lensRequest(), ...carried.value };
	if (stdin.value !== '') request.stdin = stdin.value;
	const args = argLines.value.split('\n').filter((a, i, all) => a !== '' || i < all.length - 1);
	if (argLines.value !== '') request.args = args;
	return request;
}

/** Does what takes a while and can be stopped, one at a time. */
export async function occupied(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
	if (running.value) return;
	const mine = new AbortController();
	abort = mine;
	running.value = true;
	try {
		await work(mine.signal);
	} catch (error) {
		if (!mine.signal.aborted) throw error;
	} finally {
		running.value = false;
		abort = null;
	}
}

/** The same with something that takes the place of what is shown; says what went wrong. */
export const busily = (work: (signal: AbortSignal) => Promise<void>): Promise<void> =>
	occupied(async (signal) => {
		editor.current?.anchorRun();
		try {
			await work(signal);
		} catch (error) {
			if (!(error instanceof ProblemError)) throw error;
			outcome.value = { kind: 'problem', problem: error.problem };
			tab.value = 'output';
			side.value = 'result';
		}
	});

export const run = (): Promise<void> =>
	busily(async (signal) => {
		const request = requestNow();
		// What the head of the page says is what it runs on.
		if (runtime.value !== null) request.runtime = runtime.value.id;
		const show = (now: Outcome) => {
			step.value = 0;
			outcome.value = now;
			// Edits made while it ran have already set this; keep them.
			stale.value = source.value !== request.code;
			side.value = 'result';
		};
		let heard: Live | null = null;
		try {
			const result = await postRun(request, signal, (now) => {
				heard = now;
				if (!hasShown(now)) return;
				if (live.value === null) side.value = 'result';
				live.value = now;
			});
			if (result !== null)
				show({ kind: 'result', result, request, lines: request.code.split('\n') });
			else show({ kind: 'ended', how: 'cut', live: heard ?? nothing });
		} catch (error) {
			// Of one that had not begun there is nothing to say.
			const isWanted = signal.aborted && signal.reason !== replaced;
			if (isWanted && heard !== null) show({ kind: 'ended', how: 'stopped', live: heard });
			throw error;
		} finally {
			live.value = null;
		}
	});

/** The same snippet on all that are chosen. */
export async function compare(): Promise<void> {
	const asked = chosen.value;
	if (asked.length < FEWEST) return;
	await busily(async (signal) => {
		const request = { ...requestNow(), runtimes: asked.map((r) => r.id) };
		// A comparison does not show how calls, their times, allocations, counts, tasks and processes differ.
		delete request.lenses.profile;
		delete request.lenses.counts;
		delete request.lenses.memory;
		delete request.lenses.frames;
		delete request.lenses.tasks;
		delete request.lenses.processes;
		const lines = request.code.split('\n');
		let comparing: Comparing = { asked, results: [], whole: null, end: null };
		const show = (more: Partial<Comparing>) => {
			comparing = { ...comparing, ...more };
			outcome.value = { kind: 'comparison', comparing, request, lines };
		};
		const { postComparison } = await loading(import('./compare/ask'));
		show({});
		stale.value = source.value !== request.code;
		side.value = 'result';
		try {
			const done = await postComparison(request, signal, {
				result: (one) => show({ results: [...comparing.results, one] }),
				differences: (whole) => show({ whole }),
			});
			show({ end: done ? 'done' : 'cut' });
		} catch (error) {
			if (signal.reason !== replaced) show({ end: signal.aborted ? 'stopped' : 'cut' });
			throw error;
		}
	});
}

/** Opens what measures the snippet against another. */
export function measureAgainst(): void {
	const before = outcome.value;
	if (before?.kind !== 'measurement') outcome.value = { kind: 'measurement', before };
	side.value = 'result';
}

/** A part of the page that comes when it is needed. */
async function loading<T>(part: Promise<T>): Promise<T> {
	try {
		return await part;
	} catch {
		throw new ProblemError(unreached());
	}
}

export async function loadRuntimes(): Promise<void> {
	try {
		const all = await getRuntimes();
		runtimes.value = all.runtimes;
		broken.value = all.broken;
		storesLinks.value = all.links;
	} catch {
		// The header then says that the runtime is unknown; a run says why.
	}
}
