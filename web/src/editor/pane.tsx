// The left side: the editor with its bar and the input drawer.
import { effect, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { keepEarlier, loadDraft, saveDraft } from '../draft';
import { Drawer, LensDrawer } from '../drawer';
import { sideRole } from '../sides';
import * as s from '../state';
import { connect } from './connect';
import type { createEditor } from './editor';
import { createPlain } from './plain';

const SAVE_AFTER_MS = 300;
const PLAIN_KEY = 'vitrine.plain';

/** The code is in a plain field of text, which every screen reader knows. */
const plain = signal(kept());
const failed = signal(false);

function kept(): boolean {
	try {
		return localStorage.getItem(PLAIN_KEY) !== null;
	} catch {
		return false;
	}
}

function switchPlain(): void {
	plain.value = !plain.value;
	try {
		if (plain.value) localStorage.setItem(PLAIN_KEY, '1');
		else localStorage.removeItem(PLAIN_KEY);
	} catch {
		// Not kept then.
	}
}

/** Asked for at once, and not at all in the plain mode. */
let create: Promise<typeof createEditor> | undefined;
const load = () => {
	create ??= import('./editor').then((part) => part.createEditor);
	return create;
};
if (!plain.value) load().catch(() => {});

function keepDraft(): () => void {
	let timer: ReturnType<typeof setTimeout> | undefined;
	let first = true;
	const now = () => {
		const draft = s.draftNow();
		const opened = s.opened.peek();
		if (opened !== null && opened.asOpened !== '') {
			// What came by a link takes the place of the reader's draft once it is edited.
			if (opened.asOpened === JSON.stringify(draft)) return;
			keepEarlier(opened.before);
			// Another tab may have gone on with it.
			keepEarlier(loadDraft());
			s.opened.value = { ...opened, asOpened: '' };
			s.forgetAddress();
		}
		saveDraft(draft);
	};
	const dispose = effect(() => {
		s.draftNow();
		clearTimeout(timer);
		if (first) first = false;
		else timer = setTimeout(now, SAVE_AFTER_MS);
	});
	// A page that goes away now would lose the last words.
	const flush = () => document.visibilityState === 'hidden' && now();
	document.addEventListener('visibilitychange', flush);
	window.addEventListener('pagehide', now);
	return () => {
		dispose();
		document.removeEventListener('visibilitychange', flush);
		window.removeEventListener('pagehide', now);
	};
}

/** The field that the code is in. */
function Field() {
	const host = useRef<HTMLDivElement>(null);
	const simple = plain.value || failed.value;
	useEffect(() => {
		let undo: (() => void) | null = null;
		let wanted = true;
		const put = (make: typeof createEditor) => {
			if (wanted && host.current !== null) undo = connect(make, host.current);
		};
		if (simple) put(createPlain);
		else
			load()
				.then(put)
				.catch(() => {
					create = undefined;
					failed.value = true;
				});
		return () => {
			wanted = false;
			undo?.();
		};
	}, [simple]);
	// A shadow root stays where it is: another kind has another host.
	return <div class={simple ? 'plain-editor' : 'editor'} key={String(simple)} ref={host} />;
}

export function EditorPane() {
	useEffect(keepDraft, []);
	return (
		<section
			class="pane code"
			id="side-code"
			{...sideRole('code')}
			data-shown={s.side.value === 'code'}
		>
			<div class="pane-head">
				<span class="file">main.py</span>
				{!plain.value && !failed.value && (
					<span class="quiet">
						<kbd>Esc</kbd> then <kbd>Tab</kbd> leaves it
					</span>
				)}
				<span class="spacer" />
				<span class="quiet">Draft kept in this browser</span>
				<button
					type="button"
					class="plain-button"
					aria-pressed={plain.value}
					title="Edit in a plain text field: for screen readers"
					onClick={switchPlain}
				>
					Plain<span class="word"> text</span>
				</button>
				<button type="button" class="plain-button measure" onClick={s.measureAgainst}>
					Measure<span class="word"> against</span>…
				</button>
			</div>
			{failed.value && !plain.value && (
				<p class="stale" role="status">
					The editor could not be loaded: this is a plain field of text.
				</p>
			)}
			<Field />
			<Drawer />
			<LensDrawer />
		</section>
	);
}
