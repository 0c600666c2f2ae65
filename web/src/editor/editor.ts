// The editor itself.  It lives in a shadow root, where CodeMirror puts its
// styles into adopted style sheets: so the page needs no style-src
// 'unsafe-inline' and no nonce.
import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { pythonLanguage } from '@codemirror/lang-python';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import {
	crosshairCursor,
	drawSelection,
	EditorView,
	highlightActiveLine,
	highlightActiveLineGutter,
	highlightSpecialChars,
	keymap,
	lineNumbers,
	rectangularSelection,
} from '@codemirror/view';
import type { HeatLine } from '../heat';
import type { EditorHandle, Link, StepMark } from '../state';
import { anchor, anchorField, lineNow, lineThen, placeThen, rangeNow } from './mapping';
import {
	errorField,
	heatField,
	heatGutter,
	type LineError,
	linkedField,
	setError,
	setHeat,
	setLinked,
} from './marks';
import { setStep, stepField, stepGutter } from './step-mark';
import { theme } from './theme';

/**
 * Another theme while there is heat: its gutter takes room from the lines, which may be broken anew, and CodeMirror measures lines
 * when the theme is another, but not when the gutters are.
 */
const withHeat = new Compartment();
const heatTheme = EditorView.theme({});

export interface EditorEvents {
	change(text: string): void;
	caret(place: { line: number; col?: number }): void;
	hover(line: number | null): void;
	run(): void;
	/** A click on a line's number; whether it meant something. */
	gutter(line: number): boolean;
}

export interface Editor extends EditorHandle {
	showLink(link: Link | null): void;
	showError(error: LineError | null): void;
	showHeat(lines: HeatLine[]): void;
	showStep(mark: StepMark | null): void;
}

function pointer(events: EditorEvents) {
	let last: number | null = null;
	const tell = (line: number | null) => {
		if (line === last) return;
		last = line;
		events.hover(line);
	};
	return EditorView.domEventHandlers({
		mousemove(event, view) {
			if (event.buttons !== 0) return;
			const block = view.lineBlockAtHeight(event.clientY - view.documentTop);
			const inside = event.clientY <= view.documentTop + view.contentHeight;
			tell(inside ? lineThen(view.state, block.from) : null);
		},
		mouseleave: () => tell(null),
	});
}

/** Text that replaces a selection goes in by a transaction: left to itself
 * Chromium carries the look of what was selected over in a style attribute,
 * which the page's policy then refuses, aloud. */
const typeOver = EditorView.domEventHandlers({
	beforeinput(event, view) {
		// Nothing is to be changed, so that nothing has to be changed back.
		if (view.state.readOnly) return true;
		const { from, to, empty } = view.state.selection.main;
		const text = event.data;
		if (event.inputType !== 'insertText' || text === null || empty || view.composing) return false;
		if (view.state.selection.ranges.length > 1) return false;
		const insert = () =>
			view.state.update(view.state.replaceSelection(text), { userEvent: 'input.type' });
		const handled = view.state
			.facet(EditorView.inputHandler)
			.some((handler) => handler(view, from, to, text, insert));
		if (!handled) view.dispatch(insert());
		return true;
	},
});

export function createEditor(
	host: HTMLElement,
	doc: string,
	readOnly: boolean,
	events: EditorEvents,
): Editor {
	const root = host.attachShadow({ mode: 'open' });
	const runKey = {
		key: 'Mod-Enter',
		run: () => {
			events.run();
			return true;
		},
	};
	const state = EditorState.create({
		doc,
		extensions: [
			anchorField,
			stepField,
			stepGutter,
			lineNumbers({
				domEventHandlers: {
					click: (view, block) => events.gutter(lineThen(view.state, block.from)),
				},
			}),
			heatField,
			heatGutter,
			withHeat.of([]),
			highlightActiveLineGutter(),
			highlightSpecialChars(),
			history(),
			drawSelection(),
			EditorState.allowMultipleSelections.of(true),
			indentOnInput(),
			bracketMatching(),
			closeBrackets(),
			rectangularSelection(),
			crosshairCursor(),
			highlightActiveLine(),
			EditorView.lineWrapping,
			highlightSelectionMatches(),
			linkedField,
			errorField,
			pythonLanguage,
			indentUnit.of('    '),
			EditorState.tabSize.of(4),
			EditorState.readOnly.of(readOnly),
			theme,
			EditorView.contentAttributes.of({
				'aria-label': 'Python source, main.py. Press Escape, then Tab, to leave the editor.',
				// It can be focused as what is edited can; not everything that checks a page knows.
				tabindex: '0',
				autocapitalize: 'off',
				spellcheck: 'false',
			}),
			Prec.highest(keymap.of([runKey])),
			keymap.of([
				...closeBracketsKeymap,
				...defaultKeymap,
				...searchKeymap,
				...historyKeymap,
				indentWithTab,
			]),
			pointer(events),
			typeOver,
			EditorView.updateListener.of((update) => {
				if (update.docChanged) events.change(update.state.doc.toString());
				const entered = update.focusChanged && update.view.hasFocus;
				// The line that a caret is at is another one from when a run began on.
				const anchored = update.transactions.some((t) => t.effects.some((e) => e.is(anchor)));
				if (update.selectionSet || update.docChanged || entered || anchored)
					events.caret(placeThen(update.state, update.state.selection.main.head));
			}),
		],
	});
	const view = new EditorView({ state, parent: root, root });

	return {
		anchorRun: () => view.dispatch({ effects: anchor.of(null) }),
		setDoc(text) {
			view.dispatch({
				changes: { from: 0, to: view.state.doc.length, insert: text },
				selection: { anchor: 0 },
				effects: [
					setError.of(null),
					setHeat.of([]),
					setStep.of(null),
					EditorView.scrollIntoView(0),
				],
			});
		},
		goTo(link, focus) {
			const range = rangeNow(view.state, link);
			const at = range?.from ?? lineNow(view.state, link.line);
			if (at === null) return;
			view.dispatch({
				selection: { anchor: at },
				effects: EditorView.scrollIntoView(at, { y: 'nearest', yMargin: 60 }),
			});
			if (focus) view.focus();
		},
		focus: () => view.focus(),
		showLink(link) {
			const at = link === null ? null : lineNow(view.state, link.line);
			const scroll = link !== null && at !== null && link.by !== 'caret' && link.by !== 'hover';
			view.dispatch({
				effects: [
					setLinked.of(link),
					...(scroll ? [EditorView.scrollIntoView(at, { y: 'nearest', yMargin: 40 })] : []),
				],
			});
		},
		showError: (error) => view.dispatch({ effects: setError.of(error) }),
		showHeat: (lines) =>
			view.dispatch({
				effects: [setHeat.of(lines), withHeat.reconfigure(lines.length > 0 ? heatTheme : [])],
			}),
		showStep(mark) {
			const at = mark === null ? null : lineNow(view.state, mark.line);
			view.dispatch({
				effects: [
					setStep.of(mark),
					...(at === null ? [] : [EditorView.scrollIntoView(at, { y: 'nearest', yMargin: 40 })]),
				],
			});
		},
	};
}
