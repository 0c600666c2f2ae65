// Where the program that is stepped through is: its line, with a sign in a
// gutter of its own, and the line that ran before.
import { type EditorState, RangeSet, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, GutterMarker, gutter } from '@codemirror/view';
import type { StepMark } from '../state';
import { lineNow } from './mapping';

export const setStep = StateEffect.define<StepMark | null>();

const signs: Record<StepMark['kind'], { sign: string; title: string }> = {
	next: { sign: '▶', title: 'runs next' },
	enter: { sign: '↳', title: 'is entered' },
	leave: { sign: '↩', title: 'is left' },
	raise: { sign: '✕', title: 'raises' },
};

class SignMarker extends GutterMarker {
	constructor(
		readonly sign: string,
		readonly title: string,
		readonly look: string,
	) {
		super();
	}
	override eq(other: SignMarker): boolean {
		return other.sign === this.sign && other.look === this.look;
	}
	override toDOM(): HTMLElement {
		const dom = document.createElement('span');
		dom.className = this.look;
		dom.title = this.title;
		dom.textContent = this.sign;
		return dom;
	}
}

const past = new SignMarker('▷', 'ran before', 'cm-stepPast');
const now = (kind: StepMark['kind']) =>
	new SignMarker(signs[kind].sign, signs[kind].title, `cm-stepNow cm-stepNow-${kind}`);

interface Shown {
	on: boolean;
	lines: DecorationSet;
	signs: RangeSet<GutterMarker>;
}

const none: Shown = { on: false, lines: Decoration.none, signs: RangeSet.empty };

function shown(state: EditorState, mark: StepMark | null): Shown {
	if (mark === null) return none;
	const lines = [];
	const markers = [];
	const at = lineNow(state, mark.line);
	if (at !== null) {
		lines.push(Decoration.line({ class: `cm-stepLine cm-stepLine-${mark.kind}` }).range(at));
		markers.push(now(mark.kind).range(at));
	}
	const before = mark.past === null ? null : lineNow(state, mark.past);
	if (before !== null && before !== at) {
		lines.push(Decoration.line({ class: 'cm-stepPastLine' }).range(before));
		markers.push(past.range(before));
	}
	return { on: true, lines: Decoration.set(lines, true), signs: RangeSet.of(markers, true) };
}

export const stepField = StateField.define<Shown>({
	create: () => none,
	update(value, tr) {
		let next = value;
		if (tr.docChanged)
			next = { ...next, lines: next.lines.map(tr.changes), signs: next.signs.map(tr.changes) };
		for (const e of tr.effects) if (e.is(setStep)) next = shown(tr.state, e.value);
		return next;
	},
	provide: (field) => [
		EditorView.decorations.from(field, (value) => value.lines),
		EditorView.editorAttributes.from(field, (value) => ({ class: value.on ? 'cm-steps' : '' })),
	],
});

export const stepGutter = gutter({
	class: 'cm-stepGutter',
	markers: (view) => view.state.field(stepField).signs,
});
