// What the page makes of a film of the lens gc, without a page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from './source-module.mjs';

const { focusOf, objectName, path, shotsOf, spots, H, W } = await source('gc/film');

const object = (n, verdict, refcount, gcRefs, more = {}) => ({
	object: n,
	type: 'Node',
	value: '<Node object>',
	name: null,
	function: null,
	refcount,
	inside: refcount - gcRefs,
	gc_refs: gcRefs,
	verdict,
	via: null,
	finalizer: null,
	...more,
});
// By reasoning: the module's dict is held from outside and holds x; a and b hold each other, and have a finalizer.
const FILM = {
	collection: 1,
	generation: 2,
	candidates: 5,
	roots: 2,
	reached: 1,
	garbage: 2,
	uncollectable: 0,
	objects: [
		object(1, 'root', 1, 1, { type: 'module', name: '__loader__' }),
		object(2, 'reached', 1, 0, { name: 'x', via: 3 }),
		object(3, 'root', 3, 2, { type: 'dict' }),
		object(4, 'garbage', 1, 0, { finalizer: '__del__' }),
		object(5, 'garbage', 1, 0, { finalizer: '__del__' }),
	],
	edges: [
		{ from: 3, to: 2, how: "['x']", left: 0 },
		{ from: 2, to: 3, how: '.d', left: 2 },
		{ from: 4, to: 5, how: '.other', left: 0 },
		{ from: 5, to: 4, how: '.other', left: 0 },
	],
	finalizers: [
		{ object: 5, type: 'Node', kind: 'weakref callback', callback: 'gone' },
		{ object: 4, type: 'Node', kind: '__del__', callback: null },
		{ object: 5, type: 'Node', kind: '__del__', callback: null },
	],
	dropped: { objects: 0, edges: 0, finalizers: 0 },
};
const END = { collected: 2 };

test('it is about what is lost, what has a name or a finalizer, and what holds that', () => {
	assert.deepEqual(
		focusOf(FILM).map((o) => o.object),
		[2, 3, 4, 5],
	);
	assert.deepEqual(focusOf(FILM).map(objectName), ['x', 'dict 3', 'Node 4', 'Node 5']);
});

test('shot by shot: counts, subtractions, roots, who is reached, garbage, finalizers, the end', () => {
	const shots = shotsOf(FILM, focusOf(FILM), END);
	assert.deepEqual(
		shots.map((s) => s.refs.join(' ')),
		[
			'1 1 3 1 1',
			...['1 0 3 1 1', '1 0 2 1 1', '1 0 2 1 0', '1 0 2 0 0'],
			...Array.from({ length: 7 }, () => '1 0 2 0 0'),
		],
	);
	assert.deepEqual(
		shots.map((s) => s.edge),
		[null, 0, 1, 2, 3, null, null, null, null, null, null, null],
	);
	const fates = (n) =>
		shots
			.at(n)
			.fates.map((f) => f || '-')
			.join(' ');
	assert.equal(fates(4), '- - - - -');
	assert.equal(fates(5), 'held - held - -');
	assert.equal(fates(6), 'held reached held - -');
	assert.equal(fates(7), 'held reached held garbage garbage');
	assert.equal(fates(8), fates(7), 'a callback of a weak reference is no finalizer');
	assert.equal(fates(10), 'held reached held finalized finalized');
	assert.equal(fates(11), 'held reached held freed freed');
	assert.match(shots[1].say, /^dict 3 refers to x, by \['x'\]: .* which leaves 0\.$/);
	assert.match(shots[5].say, /^2 objects of 5 have references left/);
	assert.match(shots[6].say, /^x is reached from dict 3/);
	assert.match(shots[7].say, /^2 objects are left over/);
	assert.match(shots[8].say, /^A callback of a weak reference to Node 5 is called/);
	assert.match(shots[9].say, /^The finalizer of Node 4 runs/);
	assert.match(shots[11].say, /freed 2 objects/);
});

test('references to what it is not about are subtracted without a shot; a run that ended within it has no end', () => {
	const about = FILM.objects.filter((o) => o.object > 3);
	const shots = shotsOf(FILM, about, undefined);
	assert.deepEqual(
		shots.map((s) => s.edge).filter((e) => e !== null),
		[2, 3],
	);
	assert.match(shots.at(-1).say, /^The finalizer of Node 5 runs/);
});

test('where nothing is lost, that is what it says', () => {
	const none = {
		...FILM,
		garbage: 0,
		objects: FILM.objects.slice(0, 3),
		edges: [],
		finalizers: [],
	};
	const shots = shotsOf(none, none.objects, { collected: 0 });
	assert.match(shots.at(-1).say, /^Nothing is left over/);
});

test('no two boxes overlap, and all are within', () => {
	for (const [lost, alive] of [
		[2, 4],
		[1, 0],
		[8, 12],
		[0, 20],
		[6, 6],
		[20, 0],
		[13, 7],
		[6, 14],
		[7, 13],
		[0, 1],
	]) {
		const about = [
			...Array.from({ length: lost }, (_, i) => object(i + 1, 'garbage', 1, 0)),
			...Array.from({ length: alive }, (_, i) => object(lost + i + 1, 'root', 1, 1)),
		];
		const all = spots(about);
		assert.equal(all.length, lost + alive);
		for (const [i, a] of all.entries()) {
			assert.ok(a.x >= 59 && a.x <= W - 59 && a.y >= 19 && a.y <= H - 19, JSON.stringify(a));
			for (const b of all.slice(i + 1))
				assert.ok(
					Math.abs(a.x - b.x) >= 118 || Math.abs(a.y - b.y) >= 38,
					`${lost} and ${alive}: ${JSON.stringify([a, b])}`,
				);
		}
	}
});

test('a line goes from rim to rim', () => {
	const [x1, y1, x2, y2] = path({ object: 1, x: 100, y: 100 }, { object: 2, x: 400, y: 100 })
		.slice(1)
		.split(/[ L]/)
		.map(Number);
	assert.ok(x1 >= 159 && x2 <= 341 && x1 < x2, `${x1} ${x2}`);
	assert.equal(y1, y2);
	assert.match(path({ object: 1, x: 9, y: 9 }, { object: 1, x: 9, y: 9 }), /c/);
});
