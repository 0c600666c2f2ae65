// What the page says of changes and holders, without a page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from './source-module.mjs';

const { causeWords, changeWords, holderWords, namesOfObject, pieceOf } =
	await source('refcounts/words');

const change = (more) => ({
	name: 'a',
	scope: 'global',
	from: 1,
	to: 2,
	how: 'counted',
	line: 1,
	function: '<module>',
	instruction: { offset: 4, op: 'LOAD_NAME', column: 5, end_column: 9 },
	...more,
});
const holder = (more) => ({
	kind: 'item',
	type: 'dict',
	references: 1,
	places: [],
	of: null,
	...more,
});

test('from what to what', () => {
	assert.equal(changeWords(change()), '1 → 2');
	assert.equal(changeWords(change({ from: null })), '– → 2');
	assert.equal(changeWords(change({ to: 'immortal' })), '1 → immortal');
	assert.equal(changeWords(change({ to: 1_000_000_123 })), '1 → static');
});

test('by which instruction, and in which part of a call', () => {
	assert.equal(causeWords(change()), 'LOAD_NAME');
	assert.equal(causeWords(change({ call: 'begins' })), 'LOAD_NAME, as the call begins');
	assert.equal(
		causeWords(change({ call: 'ends', switched: true })),
		'LOAD_NAME, as the call ends, while another thread ran',
	);
	assert.equal(causeWords(change({ instruction: null })), 'unknown');
});

test('the part of the line is by bytes of UTF-8', () => {
	// Bytes 5 to 8: é takes two, and so does ö.
	assert.equal(pieceOf(change(), ['é = größe']), 'grö');
	assert.equal(pieceOf(change(), ['abcd = xyz1']), '= xy');
	assert.equal(pieceOf(change({ line: 7 }), ['x']), '');
	assert.equal(pieceOf(change({ instruction: null }), ['x']), '');
});

test('who holds: places of what, and whose part that is', () => {
	assert.equal(holderWords(holder({ places: ["['x']", "['y']"] })), "['x'], ['y'] of dict");
	assert.equal(
		holderWords(
			holder({
				places: ["['x']"],
				of: { as: '.__dict__', type: 'module', name: '__main__', variable: '' },
			}),
		),
		"['x'] of dict, module __main__.__dict__",
	);
	const frame = { as: 'frame', type: 'frame', name: 'f', variable: '' };
	assert.equal(
		holderWords(holder({ kind: 'local', places: ['q'], of: frame })),
		'q of the frame of f',
	);
	assert.equal(
		holderWords(holder({ kind: 'generator', places: ['q'], of: frame })),
		'q of the generator of f',
	);
	assert.equal(
		holderWords(
			holder({ type: 'cell', of: { as: 'cell', type: 'function', name: 'f', variable: 'z' } }),
		),
		'cell z of f',
	);
});

test('the names of an object are all that are bound to it', () => {
	const capture = {
		names: [
			{ name: 'x', object: 1 },
			{ name: 'z', object: 2 },
			{ name: 'y', object: 1 },
		],
	};
	assert.equal(namesOfObject(capture, { object: 1 }), 'x, y');
});
