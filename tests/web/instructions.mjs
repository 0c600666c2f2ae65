// Instructions as they ran, without a page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from './source-module.mjs';

const { fresh, lineOf, sayOf, walkOf } = await source('instructions/walk');

const LENS = {
	code_objects: [
		{
			function: '<module>',
			first_line: 1,
			instructions: [
				{ offset: 0, op: 'LOAD_NAME', arg: 'f', line: 3 },
				{ offset: 2, op: 'CALL', arg: '', line: 3 },
				{ offset: 4, op: 'STORE_NAME', arg: 'x', line: 3 },
			],
		},
		{
			function: 'f',
			first_line: 1,
			instructions: [
				{ offset: 0, op: 'LOAD_CONST', arg: '1', line: 2 },
				{ offset: 2, op: 'RETURN_VALUE', arg: '', line: 2 },
			],
		},
	],
	steps: [
		{ frame: 1, code: 0, offset: 0, keep: 0, push: [] },
		{ frame: 1, code: 0, offset: 2, keep: 0, push: ['NULL', '<function f>'] },
		{ frame: 2, code: 1, offset: 0, keep: 0, push: [] },
		{ frame: 2, code: 1, offset: 2, keep: 0, push: ['1'] },
		{ frame: 2, code: 1, offset: 2, left: 'return', value: '1' },
		{ frame: 1, code: 0, offset: 4, keep: 0, push: ['1'] },
		{ frame: 1, code: 0, offset: 4, raised: 'NameError' },
		{ frame: 3, code: null, offset: 0, keep: 0, push: [] },
		{ frame: 3, code: null, offset: 0, left: 'exception' },
	],
	totals: { steps: 9, frames: 3 },
	truncated: false,
};

test('each frame has its own stack, as it is before each of its steps', () => {
	assert.deepEqual(walkOf(LENS).stacks, [
		[],
		['NULL', '<function f>'],
		[],
		['1'],
		['1'],
		['1'],
		['1'],
		[],
		[],
	]);
	assert.deepEqual(LENS.steps.map(fresh), [0, 2, 0, 1, 0, 1, 0, 0, 0]);
});

test('what is kept stays, what is above it is taken off', () => {
	const steps = [
		{ frame: 1, code: 0, offset: 0, keep: 0, push: ['a', 'b', 'c'] },
		{ frame: 1, code: 0, offset: 2, keep: 2, push: [] },
		{ frame: 1, code: 0, offset: 4, keep: 1, push: ['d', 'e'] },
	];
	assert.deepEqual(walkOf({ ...LENS, steps }).stacks, [
		['a', 'b', 'c'],
		['a', 'b'],
		['a', 'd', 'e'],
	]);
});

test('each step in words, and its line', () => {
	const walk = walkOf(LENS);
	assert.deepEqual(
		walk.steps.map((s) => sayOf(walk, s)),
		[
			'Frame 1, of <module>: LOAD_NAME f is next.',
			'Frame 1, of <module>: CALL is next.',
			'Frame 2, of f: LOAD_CONST 1 is next.',
			'Frame 2, of f: RETURN_VALUE is next.',
			'Frame 2, of f, returns 1.',
			'Frame 1, of <module>: STORE_NAME x is next.',
			'NameError comes to frame 1, of <module>.',
			'Frame 3, of other code: an instruction is next.',
			'Frame 3, of other code, is left by an exception.',
		],
	);
	assert.deepEqual(
		walk.steps.map((s) => lineOf(walk, s)),
		[3, 3, 2, 2, 2, 3, 3, null, null],
	);
});

test('of nothing there is nothing', () => {
	const walk = walkOf({ truncated: true });
	assert.deepEqual([walk.steps, walk.stacks], [[], []]);
});
