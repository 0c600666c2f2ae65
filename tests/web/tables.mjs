// The order of rows, curves, and what is below what in a tree: without a page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from './source-module.mjs';

const { next, ordered } = await source('order');
const { area, line, roof } = await source('band');
const { Levels } = await source('tree');

test('a head that is pressed: numbers largest first, then the other way, then as it was', () => {
	const first = next(null, 'Bytes', true);
	assert.deepEqual(first, { head: 'Bytes', down: true });
	const second = next(first, 'Bytes', true);
	assert.deepEqual(second, { head: 'Bytes', down: false });
	assert.equal(next(second, 'Bytes', true), null);
	// Words by the alphabet first; another head begins anew.
	assert.deepEqual(next(second, 'Type', false), { head: 'Type', down: false });
});

test('what is the same keeps its order, what has no value comes last', () => {
	const rows = [
		['a', 2],
		['b', null],
		['c', 1],
		['d', 2],
	];
	const names = (down) =>
		ordered(rows, ([, n]) => n, down)
			.map(([name]) => name)
			.join('');
	assert.equal(names(false), 'cadb');
	assert.equal(names(true), 'adcb');
	assert.equal(rows.map(([name]) => name).join(''), 'abcd');
});

test('a curve has a step for each value, from the floor to the top', () => {
	// Two of them: halves of 1000; 5 of 10 is half of 100, counted from above.
	assert.equal(line([5, 10], 10), 'M0.0 50.0L500.0 50.0L500.0 0.0L1000.0 0.0');
	assert.equal(area(null, [5], 10), 'M0.0 50.0L1000.0 50.0L1000.0 100.0L0.0 100.0Z');
	assert.equal(area([2], [5], 10), 'M0.0 50.0L1000.0 50.0L1000.0 80.0L0.0 80.0Z');
});

test('an axis ends at a round number that is not below', () => {
	assert.deepEqual(
		[0, 1, 7, 11, 999, 1001].map((n) => roof(n, false)),
		[1, 1, 8, 15, 1000, 1500],
	);
	assert.deepEqual(
		[1023, 1024, 1500, 2_320_149].map((n) => roof(n, true)),
		[1024, 1024, 1536, 3 * 1024 * 1024],
	);
	for (let n = 1; n < 1e9; n = Math.ceil(n * 1.7)) {
		assert.ok(roof(n, true) >= n && roof(n, true) <= 2 * n + 1, String(n));
		assert.ok(roof(n, false) >= n && roof(n, false) <= 2 * n + 1, String(n));
	}
});

test('a tree whose branches came in turns', () => {
	// 0 has 1 and 2; 3 came later below 1, 4 below 2, 5 below 3.
	const tree = new Levels([null, 0, 0, 1, 2, 3].map((parent) => ({ parent })));
	assert.deepEqual(tree.order, [0, 1, 3, 5, 2, 4]);
	assert.deepEqual(tree.level, [1, 2, 2, 3, 3, 4]);
	assert.deepEqual(tree.visible(new Set([0])), [0, 1, 2]);
	assert.deepEqual(tree.visible(new Set([0, 1])), [0, 1, 3, 2]);
	assert.deepEqual(tree.visible(new Set([0, 2])), [0, 1, 2, 4]);
	assert.deepEqual(tree.above(5), [3, 1, 0]);
	assert.deepEqual([tree.place[2], tree.siblings[2]], [2, 2]);
	// A parent that does not stand before it is none.
	const odd = new Levels([{ parent: 1 }, { parent: 1 }, { parent: -3 }]);
	assert.deepEqual(odd.roots, [0, 1, 2]);
});
