// Ties an editor, of whichever kind, to the page's state.
import { effect } from '@preact/signals';
import { heatOf } from '../heat';
import * as s from '../state';
import { exceptionLine } from '../traceback';
import type { createEditor } from './editor';

/** Returns what undoes it. */
export function connect(
	create: typeof createEditor,
	host: HTMLElement,
	readOnly = false,
): () => void {
	const handle = create(host, s.source.peek(), readOnly, {
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
		if (s.editor.current === handle) s.editor.current = null;
	};
}
