// Colours come from the page's custom properties, which reach into the shadow
// root, so a change of theme needs nothing here.
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags as t } from '@lezer/highlight';

const look = EditorView.theme({
	'&': {
		height: '100%',
		color: 'var(--ink)',
		backgroundColor: 'transparent',
		fontSize: 'var(--editor-size)',
	},
	'&.cm-focused': { outline: 'none' },
	'.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.65', overflow: 'auto' },
	'.cm-content': { padding: '12px 0 40px', caretColor: 'var(--accent)' },
	'.cm-line': { padding: '0 16px 0 10px' },
	'.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
	'&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground':
		{ backgroundColor: 'var(--selection) !important' },
	'.cm-activeLine': { backgroundColor: 'var(--active-line)' },
	'.cm-gutters': {
		backgroundColor: 'var(--surface)',
		color: 'var(--ink-2)',
		border: 'none',
		paddingLeft: '6px',
	},
	'.cm-activeLineGutter': {
		backgroundColor: 'transparent',
		color: 'var(--ink)',
		fontWeight: '600',
	},
	'.cm-lineNumbers .cm-gutterElement': { minWidth: '28px', padding: '0 8px 0 4px' },
	'.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {
		backgroundColor: 'transparent',
		outline: '1px solid var(--accent)',
		borderRadius: '2px',
	},
	'.cm-nonmatchingBracket, &.cm-focused .cm-nonmatchingBracket': {
		backgroundColor: 'transparent',
		outline: '1px solid var(--bad)',
	},
	'.cm-selectionMatch': { backgroundColor: 'var(--selection)' },
	'.cm-linkedLine': {
		backgroundColor: 'var(--link-bg) !important',
		boxShadow: 'inset 3px 0 0 var(--link-bar)',
	},
	'.cm-linkedRange': {
		backgroundColor: 'var(--link-range)',
		borderRadius: '2px',
		boxShadow: '0 2px 0 var(--link-bar)',
	},
	'&.cm-steps .cm-stepGutter': { width: '18px' },
	'.cm-stepGutter .cm-gutterElement': { textAlign: 'center' },
	'.cm-stepNow, .cm-stepPast': { color: 'var(--accent)' },
	'.cm-stepNow': { fontWeight: '700' },
	'.cm-stepNow-raise': { color: 'var(--bad)' },
	'.cm-stepLine': {
		backgroundColor: 'var(--accent-bg) !important',
		boxShadow: 'inset 3px 0 0 var(--accent)',
	},
	'.cm-stepLine-raise': {
		backgroundColor: 'var(--bad-bg) !important',
		boxShadow: 'inset 3px 0 0 var(--bad)',
	},
	// Where the system has the colours, lines have an outline in place of a background.
	'@media (forced-colors: active)': {
		'.cm-linkedLine, .cm-linkedRange, .cm-stepLine, .cm-errorLine': {
			outline: '2px solid Highlight',
			outlineOffset: '-2px',
		},
		'.cm-errorLine': { outlineStyle: 'dashed' },
	},
	'.cm-stepPastLine': { boxShadow: 'inset 1px 0 0 var(--accent)' },
	'&.cm-steps .cm-lineNumbers .cm-gutterElement': { cursor: 'pointer' },
	'&.cm-steps .cm-lineNumbers .cm-gutterElement:hover': { color: 'var(--accent)' },
	'.cm-errorLine': {
		backgroundColor: 'var(--bad-bg)',
		boxShadow: 'inset 3px 0 0 var(--bad)',
	},
	'.cm-errorNote': {
		color: 'var(--bad)',
		backgroundColor: 'var(--bad-bg)',
		boxShadow: 'inset 3px 0 0 var(--bad)',
		padding: '2px 16px 6px 10px',
		fontFamily: 'var(--sans)',
		fontSize: '13px',
		fontWeight: '500',
		whiteSpace: 'pre-wrap',
		overflowWrap: 'anywhere',
	},
	'.cm-gutters.cm-gutters-after': { border: 'none', padding: '0 8px 0 0' },
	'.cm-heat': {
		display: 'block',
		boxSizing: 'border-box',
		width: '68px',
		paddingRight: '3px',
		textAlign: 'right',
		fontSize: '12px',
		color: 'var(--ink)',
		backgroundImage: 'linear-gradient(var(--heat), var(--heat))',
		backgroundRepeat: 'no-repeat',
		backgroundPosition: 'left center',
		borderRadius: '2px',
	},
	'.cm-heat-0': { backgroundImage: 'none', color: 'var(--ink-2)' },
	...Object.fromEntries(
		Array.from({ length: 10 }, (_, i) => [
			`.cm-heat-${i + 1}`,
			{ backgroundSize: `${(i + 1) * 10}% 72%` },
		]),
	),
	'.cm-panels': {
		backgroundColor: 'var(--raised)',
		color: 'var(--ink)',
		borderColor: 'var(--line)',
		fontFamily: 'var(--sans)',
	},
	'.cm-panel.cm-search': { padding: '8px 32px 8px 10px' },
	'.cm-panel.cm-search label': { fontSize: '13px' },
	'.cm-panel.cm-search [name=close]': {
		color: 'var(--ink)',
		fontSize: '20px',
		padding: '4px 10px',
	},
	'.cm-textfield': {
		backgroundColor: 'var(--surface)',
		border: '1px solid var(--edge)',
		borderRadius: '6px',
		padding: '6px 8px',
		fontSize: '13px',
	},
	'.cm-button': {
		backgroundImage: 'none',
		backgroundColor: 'var(--surface)',
		border: '1px solid var(--edge)',
		borderRadius: '6px',
		padding: '6px 10px',
		fontSize: '13px',
	},
	'.cm-searchMatch': { backgroundColor: 'var(--link-range)' },
	'.cm-searchMatch-selected': { outline: '2px solid var(--link-bar)' },
});

const colours = HighlightStyle.define([
	{ tag: [t.keyword, t.operatorKeyword, t.modifier], color: 'var(--syn-keyword)' },
	{ tag: [t.controlKeyword, t.definitionKeyword, t.moduleKeyword], color: 'var(--syn-keyword)' },
	{ tag: [t.string, t.special(t.string), t.regexp], color: 'var(--syn-string)' },
	{ tag: [t.number, t.bool, t.null, t.atom], color: 'var(--syn-number)' },
	{ tag: [t.comment, t.lineComment], color: 'var(--syn-comment)', fontStyle: 'italic' },
	{
		tag: [t.function(t.definition(t.variableName)), t.definition(t.className)],
		color: 'var(--syn-def)',
		fontWeight: '600',
	},
	{ tag: [t.function(t.variableName), t.standard(t.variableName)], color: 'var(--syn-call)' },
	{ tag: t.self, color: 'var(--syn-keyword)' },
	{ tag: t.meta, color: 'var(--syn-def)' },
]);

export const theme = [look, syntaxHighlighting(colours)];
