// The left side: the editor with its bar and the input drawer.
import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { keepEarlier, loadDraft, saveDraft } from '../draft';
import { Drawer, LensDrawer } from '../drawer';
import { heatOf } from '../heat';
import { sideRole } from '../sides';
import * as s from '../state';
import { exceptionLine } from '../traceback';
import { createEditor } from './editor';

const SAVE_AFTER_MS = 300;

/** Ties the editor to the page's state; returns what undoes it. */
export function connect(host: HTMLElement, readOnly = false): () => void {
	const handle = createEditor(host, s.source.peek(), readOnly, {
		change(text) {
			s.source.value = text;
			if (s.outcome.peek() !== null) s.stale.value = true;
		},
		caret(place) {
			s.caret.value = { ...place, by: 'caret' };
			s.pointed.value = null;
		},
		hover(line) {
			s.pointed.value = line === null ? null : { line, by: 'hover' };
		},
		gutter: (line) => s.gutterClick.current?.(line) ?? false,
		run: () => void s.run(),
	});
	s.editor.current = handle;
	const undo = [
		effect(() => {
			const pointed = s.pointed.value;
			const shown = s.outcome.value?.kind === 'result';
			const link = pointed !== null && pointed.by !== 'hover' ? pointed : null;
			// Inside an update of the editor's own no other may be dispatched.
			queueMicrotask(() => handle.showLink(shown ? link : null));
		}),
		effect(() => {
			const mark = s.stepMark.value;
			queueMicrotask(() => handle.showStep(mark));
		}),
		effect(() => {
			const outcome = s.outcome.value;
			const result = outcome?.kind === 'result' ? outcome.result : null;
			const e = result?.exception ?? null;
			const line = e === null ? null : exceptionLine(e);
			queueMicrotask(() => {
				handle.showError(
					e === null || line === null
						? null
						: { line, text: e.message === '' ? e.type : `${e.type}: ${e.message}` },
				);
			});
		}),
		effect(() => {
			const outcome = s.outcome.value;
			const lenses = outcome?.kind === 'result' ? outcome.result.lenses : {};
			const heat = heatOf(lenses, s.tab.value, s.memoryBy.value);
			queueMicrotask(() => handle.showHeat(heat));
		}),
	];
	return () => {
		for (const f of undo) f();
	};
}

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

export function EditorPane() {
	const host = useRef<HTMLDivElement>(null);
	useEffect(() => {
		if (host.current === null) return undefined;
		const undo = connect(host.current);
		const undoDraft = keepDraft();
		return () => {
			undo();
			undoDraft();
		};
	}, []);
	return (
		<section
			class="pane code"
			id="side-code"
			{...sideRole('code')}
			data-shown={s.side.value === 'code'}
		>
			<div class="pane-head">
				<span class="file">main.py</span>
				<span class="quiet">
					<kbd>Esc</kbd> then <kbd>Tab</kbd> leaves the editor
				</span>
				<span class="spacer" />
				<span class="quiet">Draft kept in this browser</span>
				<button type="button" class="plain-button measure" onClick={s.measureAgainst}>
					Measure<span class="word"> against</span>…
				</button>
			</div>
			<div class="editor" ref={host} />
			<Drawer />
			<LensDrawer />
		</section>
	);
}
