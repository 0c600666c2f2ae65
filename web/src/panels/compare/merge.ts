// Two texts beside each other, or one in the other, by @codemirror/merge.  In
// a shadow root as the editor is, for the same reason: the page's policy.
import { Chunk, MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension, Text } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import type { Part, Side } from '../../compare/texts';

export interface Titled extends Side {
	title: string;
}

const DIFF = { scanLimit: 1000, timeout: 300 };

/** The lines that changed. */
export function partsOf(a: Side, b: Side): Part[] {
	const [x, y] = [Text.of(filled(a.lines)), Text.of(filled(b.lines))];
	const line = (text: Text, at: number) =>
		at > text.length ? text.lines : text.lineAt(at).number - 1;
	const chunks = Chunk.build(x, y, DIFF);
	return chunks.map((c) => ({
		a: within(a, line(x, c.fromA), c.toA === c.fromA ? null : line(x, c.toA)),
		b: within(b, line(y, c.fromB), c.toB === c.fromB ? null : line(y, c.toB)),
	}));
}

/** A text has one line at least. */
const filled = (lines: string[]): string[] => (lines.length === 0 ? [''] : lines);

const within = (side: Side, from: number, to: number | null): [number, number] => [
	Math.min(from, side.lines.length),
	Math.min(to ?? from, side.lines.length),
];

const look = EditorView.theme({
	'&': { color: 'var(--ink)', backgroundColor: 'transparent', fontSize: '13px' },
	'&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
	'.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6' },
	'.cm-content': { padding: '6px 0' },
	'.cm-line': { padding: '0 10px 0 4px' },
	'.cm-gutters': { backgroundColor: 'transparent', color: 'var(--ink-2)', border: 'none' },
	'.cm-lineNumbers .cm-gutterElement': { minWidth: '30px', padding: '0 6px 0 4px' },
	'.cm-changeGutter': { width: '16px', paddingLeft: '0', textAlign: 'center' },
	'.cm-changeGutter .cm-gutterElement': { fontWeight: '700' },
	'&.cm-merge-a .cm-changedLineGutter, .cm-deletedLineGutter': {
		background: 'var(--bad-bg) !important',
		color: 'var(--bad)',
	},
	'&.cm-merge-b .cm-changedLineGutter': {
		background: 'var(--good-bg) !important',
		color: 'var(--good)',
	},
	'&.cm-merge-a .cm-changedLineGutter:after, .cm-deletedLineGutter:after': { content: '"−"' },
	'&.cm-merge-b .cm-changedLineGutter:after': { content: '"+"' },
	'&.cm-merge-a .cm-changedLine, .cm-deletedChunk': { backgroundColor: 'var(--bad-bg)' },
	'&.cm-merge-b .cm-changedLine': { backgroundColor: 'var(--good-bg)' },
	'.cm-deletedChunk': { paddingLeft: '4px' },
	'&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText': {
		background: 'var(--bad-mark) !important',
		borderRadius: '2px',
	},
	'&.cm-merge-b .cm-changedText': {
		background: 'var(--good-mark) !important',
		borderRadius: '2px',
	},
	'.cm-collapsedLines': {
		background: 'var(--raised) !important',
		color: 'var(--ink-2) !important',
		fontFamily: 'var(--sans)',
	},
});

function reading(side: Titled): Extension {
	return [
		lineNumbers({ formatNumber: (n) => side.numbers[n - 1] ?? '' }),
		EditorState.readOnly.of(true),
		EditorView.editable.of(false),
		EditorView.lineWrapping,
		EditorView.contentAttributes.of({ 'aria-label': side.title, tabindex: '0' }),
		look,
	];
}

export interface Diff {
	destroy(): void;
}

export function createDiff(
	host: HTMLElement,
	a: Titled,
	b: Titled,
	how: { sideBySide: boolean; only: boolean },
): Diff {
	const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
	const common = {
		diffConfig: DIFF,
		...(how.only ? { collapseUnchanged: { margin: 2, minSize: 4 } } : {}),
	};
	const [left, right] = [a, b].map((side) => side.lines.join('\n')) as [string, string];
	if (how.sideBySide)
		return new MergeView({
			...common,
			a: { doc: left, extensions: reading(a) },
			b: { doc: right, extensions: reading(b) },
			parent: root,
			root,
		});
	return new EditorView({
		parent: root,
		root,
		state: EditorState.create({
			doc: right,
			extensions: [
				reading({ ...b, title: `${a.title}, changed to ${b.title}` }),
				unifiedMergeView({
					...common,
					original: left,
					mergeControls: false,
					syntaxHighlightDeletions: false,
				}),
			],
		}),
	});
}
