// What results draw into the editor: the linked line and range, the error at
// its line, and the bars of time or memory beside the lines.
import { type EditorState, RangeSet, StateEffect, StateField } from '@codemirror/state';
import {
	Decoration,
	type DecorationSet,
	EditorView,
	GutterMarker,
	gutter,
	WidgetType,
} from '@codemirror/view';
import type { HeatLine } from '../heat';
import type { Link } from '../state';
import { lineNow, rangeNow } from './mapping';

export const setLinked = StateEffect.define<Link | null>();

const linkedLine = Decoration.line({ class: 'cm-linkedLine' });
const linkedRange = Decoration.mark({ class: 'cm-linkedRange' });

function linkedSet(state: EditorState, link: Link | null): DecorationSet {
	if (link === null) return Decoration.none;
	const at = lineNow(state, link.line);
	if (at === null) return Decoration.none;
	const range = rangeNow(state, link);
	const all = [linkedLine.range(at)];
	if (range !== null) all.push(linkedRange.range(range.from, range.to));
	return Decoration.set(all, true);
}

export const linkedField = StateField.define<DecorationSet>({
	create: () => Decoration.none,
	update(value, tr) {
		let next = tr.docChanged ? value.map(tr.changes) : value;
		for (const e of tr.effects) if (e.is(setLinked)) next = linkedSet(tr.state, e.value);
		return next;
	},
	provide: (field) => EditorView.decorations.from(field),
});

export interface LineError {
	line: number;
	text: string;
}

export const setError = StateEffect.define<LineError | null>();

class ErrorWidget extends WidgetType {
	constructor(readonly text: string) {
		super();
	}
	override eq(other: ErrorWidget): boolean {
		return other.text === this.text;
	}
	toDOM(): HTMLElement {
		const dom = document.createElement('div');
		dom.className = 'cm-errorNote';
		dom.textContent = `▲ ${this.text}`;
		return dom;
	}
}

function errorSet(state: EditorState, error: LineError | null): DecorationSet {
	const at = error === null ? null : lineNow(state, error.line);
	if (error === null || at === null) return Decoration.none;
	const line = state.doc.lineAt(at);
	return Decoration.set([
		Decoration.line({ class: 'cm-errorLine' }).range(line.from),
		Decoration.widget({ widget: new ErrorWidget(error.text), block: true, side: 1 }).range(line.to),
	]);
}

export const errorField = StateField.define<DecorationSet>({
	create: () => Decoration.none,
	update(value, tr) {
		let next = value;
		if (tr.docChanged && next.size > 0) {
			// Once the line is edited, what was said about it may no longer hold.
			let touched = false;
			next.between(0, tr.startState.doc.length, (from) => {
				const line = tr.startState.doc.lineAt(from);
				if (tr.changes.touchesRange(line.from, line.to)) touched = true;
			});
			next = touched ? Decoration.none : next.map(tr.changes);
		}
		for (const e of tr.effects) if (e.is(setError)) next = errorSet(tr.state, e.value);
		return next;
	},
	provide: (field) => EditorView.decorations.from(field),
});

export const setHeat = StateEffect.define<HeatLine[]>();

/** Which of the ten steps of a heat bar a share of the total comes to. */
export const heatStep = (share: number): number =>
	share < 0.01 ? 0 : Math.min(10, Math.ceil(share * 10));

class HeatMarker extends GutterMarker {
	constructor(
		readonly share: number,
		readonly title: string,
	) {
		super();
	}
	override eq(other: HeatMarker): boolean {
		return other.share === this.share && other.title === this.title;
	}
	override toDOM(): HTMLElement {
		const dom = document.createElement('span');
		dom.className = `cm-heat cm-heat-${heatStep(this.share)}`;
		dom.title = this.title;
		dom.textContent = this.share < 0.01 ? '<1%' : `${Math.round(this.share * 100)}%`;
		return dom;
	}
}

function heatSet(state: EditorState, lines: HeatLine[]): RangeSet<GutterMarker> {
	const total = lines.reduce((sum, l) => sum + l.amount, 0);
	const ranges = [];
	for (const l of lines) {
		const at = lineNow(state, l.line);
		if (at === null) continue;
		const share = total > 0 ? l.amount / total : 0;
		ranges.push(new HeatMarker(share, l.title).range(at));
	}
	return RangeSet.of(ranges, true);
}

export const heatField = StateField.define<RangeSet<GutterMarker>>({
	create: () => RangeSet.empty,
	update(value, tr) {
		let next = tr.docChanged ? value.map(tr.changes) : value;
		for (const e of tr.effects) if (e.is(setHeat)) next = heatSet(tr.state, e.value);
		return next;
	},
});

export const heatGutter = gutter({
	class: 'cm-heatGutter',
	side: 'after',
	markers: (view) => view.state.field(heatField),
});
