// What the page knows of counts without a page: sizes, words of growth, the bars beside the lines.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from './source-module.mjs';

const { sizesIn } = await source('measure/kept');
const { growthWords } = await source('measure/words');
const { heatOf } = await source('heat');

test('sizes: four to sixteen whole numbers that grow, however they are parted', () => {
	assert.deepEqual(sizesIn('64 128 256 512'), [64, 128, 256, 512]);
	assert.deepEqual(sizesIn(' 1,2, 3\n4 '), [1, 2, 3, 4]);
	assert.deepEqual(
		sizesIn(Array.from({ length: 16 }, (_, i) => i + 1).join(' ')),
		Array.from({ length: 16 }, (_, i) => i + 1),
	);
	const none = [
		'',
		'1 2 3',
		'1 2 2 3',
		'4 3 2 1',
		'0 1 2 3',
		'1 2 3 x',
		'1 2 3 4.5',
		'1 2 3 -4',
		'1 2 3 1000000001',
	];
	for (const text of [...none, Array.from({ length: 17 }, (_, i) => i + 1).join(' ')])
		assert.equal(sizesIn(text), null, text);
	assert.deepEqual(sizesIn('1 2 3 1000000000'), [1, 2, 3, 1e9]);
});

test('growth: a class with how sure it is, both where they cannot be told apart, none where none fits', () => {
	const growth = (more) => ({
		class: 'n log n',
		error: 0.001,
		runner_up: 'n',
		margin: 12.4,
		decided: true,
		base: null,
		...more,
	});
	assert.deepEqual(growthWords(growth({})), {
		grows: 'n log n',
		sure: 'fits 12× better than n',
	});
	assert.deepEqual(growthWords(growth({ decided: false, margin: 1.1, runner_up: 'n^2' })), {
		grows: 'n log n or n²',
		sure: 'these sizes cannot tell',
	});
	assert.deepEqual(growthWords(growth({ class: null, decided: false })), {
		grows: 'none that fits',
		sure: '',
	});
	const power = growthWords(growth({ class: 'b^n', base: 1.6180339, runner_up: 'n^3' }));
	assert.deepEqual(power, { grows: '1.62ⁿ', sure: 'fits 12× better than n³' });
	assert.match(growthWords(growth({ margin: 1000 })).sure, /^fits 1000× better/);
});

test('the bars beside the lines, in the panel for counts', () => {
	const lines = [
		{ line: 1, instructions: 2, inside: 0 },
		{ line: 4, instructions: 1, inside: 1200 },
	];
	const lenses = { counts: { lines, truncated: false } };
	assert.deepEqual(
		heatOf(lenses, 'counts', 'bytes').map((h) => [h.line, h.amount, h.title]),
		[
			[1, 2, '2 instructions'],
			[4, 1201, '1 instruction, 1,200 in other files'],
		],
	);
	assert.deepEqual(heatOf(lenses, 'gc', 'bytes'), []);
});
