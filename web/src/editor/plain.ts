// The code in a plain field of text: Tab leaves it, the browser's own keys edit it, and what screen readers
// know of fields holds.  What the editor shows by colour at a line is told here in words, or in the panels.
import type { Editor, EditorEvents } from './editor';

const id = 'plain-code';

/** As createEditor, in the page itself. */
export function createPlain(
	host: HTMLElement,
	doc: string,
	readOnly: boolean,
	events: EditorEvents,
): Editor {
	const make = <T extends keyof HTMLElementTagNameMap>(tag: T, like: object) =>
		host.appendChild(Object.assign(document.createElement(tag), like));
	make('label', { htmlFor: id, textContent: 'Python source, main.py', className: 'small' });
	const field = make('textarea', {
		id,
		className: 'editor',
		value: doc,
		readOnly,
		spellcheck: false,
		autocapitalize: 'off',
		wrap: 'off',
	});
	field.setAttribute('aria-describedby', `${id}-error ${id}-at`);
	const error = make('p', { id: `${id}-error`, className: 'small bad-text' });
	const at = make('p', { id: `${id}-at`, className: 'small quiet' });

	const lines = () => field.value.split('\n');
	/** The line of the caret, counted from 1. */
	const line = () => field.value.slice(0, field.selectionStart).split('\n').length;
	let last = 0;
	const tell = () => {
		const now = line();
		at.textContent = `Line ${now} of ${lines().length}`;
		if (now === last) return;
		last = now;
		events.caret({ line: now });
	};
	field.addEventListener('input', () => {
		events.change(field.value);
		tell();
	});
	for (const when of ['keyup', 'click', 'focus']) field.addEventListener(when, tell);
	tell();

	return {
		anchorRun() {},
		setDoc(text) {
			field.value = text;
			field.setSelectionRange(0, 0);
			error.textContent = '';
			last = 0;
			tell();
		},
		/** Selects the whole line, which is what is read out then. */
		goTo(link, focus) {
			const before = lines().slice(0, link.line - 1);
			const text = lines()[link.line - 1];
			if (text === undefined) return;
			const from = before.reduce((n, one) => n + one.length + 1, 0);
			field.setSelectionRange(from, from + text.length);
			field.scrollTop = (field.scrollHeight / lines().length) * Math.max(0, link.line - 4);
			tell();
			if (focus) field.focus();
		},
		focus: () => field.focus(),
		showLink() {},
		showError(shown) {
			error.textContent = shown === null ? '' : `Line ${shown.line}: ${shown.text}`;
		},
		showHeat() {},
		showStep() {},
	};
}
