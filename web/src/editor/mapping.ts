// Places in the source as it ran, and the same places in the text as it is
// edited since: results speak of the former, the caret of the latter.
import { ChangeSet, type EditorState, StateEffect, StateField, type Text } from '@codemirror/state';
import type { Link } from '../state';
import { utf8Column, utf16Column } from './columns';

interface Anchor {
	doc: Text;
	changes: ChangeSet;
}

/** From here on lines are those of the document as it is now. */
export const anchor = StateEffect.define<null>();

export const anchorField = StateField.define<Anchor>({
	create: (state) => ({ doc: state.doc, changes: ChangeSet.empty(state.doc.length) }),
	update(value, tr) {
		if (tr.effects.some((e) => e.is(anchor)))
			return { doc: tr.newDoc, changes: ChangeSet.empty(tr.newDoc.length) };
		if (!tr.docChanged) return value;
		return { doc: value.doc, changes: value.changes.compose(tr.changes) };
	},
});

/** Where the line that ran as number `line` starts now; null when out of range. */
export function lineNow(state: EditorState, line: number): number | null {
	const { doc, changes } = state.field(anchorField);
	if (line < 1 || line > doc.lines) return null;
	return state.doc.lineAt(changes.mapPos(doc.line(line).from, 1)).from;
}

/** The line, as it ran, that position `pos` belongs to. */
export function lineThen(state: EditorState, pos: number): number {
	const { doc, changes } = state.field(anchorField);
	const from = state.doc.lineAt(pos).from;
	return doc.lineAt(changes.invertedDesc.mapPos(from, 1)).number;
}

/** The place, as it ran, of position `pos`: its column too, if what is there ran. */
export function placeThen(state: EditorState, pos: number): { line: number; col?: number } {
	const { doc, changes } = state.field(anchorField);
	const line = lineThen(state, pos);
	const then = doc.line(line);
	const at = changes.invertedDesc.mapPos(pos, 1) - then.from;
	return at < 0 || at > then.length ? { line } : { line, col: utf8Column(then.text, at) };
}

/** The range that a link names, as it is now; null when it names none. */
export function rangeNow(
	state: EditorState,
	link: Omit<Link, 'by'>,
): { from: number; to: number } | null {
	const { doc, changes } = state.field(anchorField);
	const end = link.endLine ?? link.line;
	if (link.col === undefined || link.endCol === undefined) return null;
	if (link.line < 1 || end < link.line || end > doc.lines) return null;
	const first = doc.line(link.line);
	const last = doc.line(end);
	const from = changes.mapPos(first.from + utf16Column(first.text, link.col), 1);
	const to = changes.mapPos(last.from + utf16Column(last.text, link.endCol), -1);
	return from < to ? { from, to } : null;
}
