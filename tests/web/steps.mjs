// The steps of the page without the page: what was there at a step, where one
// gets to from it, and the words for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from './source-module.mjs';

const steps = await source(
	...['trace', 'view', 'moves', 'words', 'output', 'profile', 'history'].map((n) => `steps/${n}`),
);

const { Trace, Output, viewAt, heapAt } = steps;

const text = (stdout, stderr = '') => new Output({ text: stdout }, { text: stderr });

/** A stack as [function, line, {name: value}], from the first call inwards. */
const plain = (frames) =>
	frames.map((f) => [
		f.function,
		f.line,
		Object.fromEntries(f.variables.map((v) => [v.name, v.value])),
	]);

/** The current thread's stack at a step. */
const stackAt = (trace, i) => plain(viewAt(trace, i).threads.find((t) => t.current).frames);

// --- A program by hand -----------------------------------------------------
// 1  def f(n):
// 2      if n:
// 3          return f(n - 1)
// 4      return [n]
// 5  a = f(1)
// 6  b = a
// 7  b.append(a)
// 8  print("é")
const LINES = [
	'def f(n):',
	'    if n:',
	'        return f(n - 1)',
	'    return [n]',
	'a = f(1)',
	'b = a',
	'b.append(a)',
	'print("é")',
];
const HAND = {
	total: 16,
	steps: [
		{ line: 1, frame: 1, output: [0, 0], frames: { 1: { function: '<module>' } } },
		{
			line: 5,
			variables: { 1: { f: 1 } },
			objects: { 1: { kind: 'function', name: 'f', line: 1 } },
		},
		{
			event: 'call',
			line: 1,
			frame: 2,
			frames: { 2: { function: 'f', caller: 1 } },
			variables: { 2: { n: '1' } },
		},
		{ line: 2 },
		{ line: 3 },
		{
			event: 'call',
			line: 1,
			frame: 3,
			frames: { 3: { function: 'f', caller: 2 } },
			variables: { 3: { n: '0' } },
		},
		{ line: 2 },
		{ line: 4 },
		{
			event: 'return',
			line: 4,
			value: 2,
			objects: { 2: { kind: 'list', items: ['0'] } },
		},
		{ event: 'return', line: 3, frame: 2, value: 2, frames: { 3: null } },
		{ line: 6, frame: 1, frames: { 2: null }, variables: { 1: { a: 2 } } },
		{ line: 7, variables: { 1: { b: 2 } } },
		{ line: 8, objects: { 2: { kind: 'list', items: ['0', 2] } } },
		{ step: 16, event: 'return', line: 8, value: 'None', output: [3, 0] },
	],
};

test('frames, lines and values at each step of a recursion', () => {
	const t = new Trace(HAND);
	assert.equal(t.length, 14);
	assert.deepEqual(stackAt(t, 0), [['<module>', 1, {}]]);
	assert.deepEqual(stackAt(t, 7), [
		['<module>', 5, { f: 1 }],
		['f', 3, { n: '1' }],
		['f', 4, { n: '0' }],
	]);
	assert.deepEqual(stackAt(t, 9), [
		['<module>', 5, { f: 1 }],
		['f', 3, { n: '1' }],
	]);
	assert.deepEqual(stackAt(t, 10), [['<module>', 6, { f: 1, a: 2 }]]);
	assert.deepEqual(t.objectAt(2, 11).items, ['0']);
	assert.deepEqual(t.objectAt(2, 12).items, ['0', 2]);
	assert.equal(t.objectAt(2, 7), null);
	assert.deepEqual([...t.depth].slice(0, 10), [0, 0, 1, 1, 1, 2, 2, 2, 2, 1]);
});

test('what a step changed is marked at that step only', () => {
	const t = new Trace(HAND);
	const changed = (i) =>
		viewAt(t, i).threads[0].frames.flatMap((f) =>
			f.variables.filter((v) => v.change !== null).map((v) => [v.name, v.change]),
		);
	assert.deepEqual(changed(10), [['a', 'new']]);
	assert.deepEqual(changed(11), [['b', 'new']]);
	assert.deepEqual(changed(12), []);
	const box = (i) =>
		heapAt(t, viewAt(t, i), 9, false).boxes.map((b) => [b.number, b.change, b.before?.items]);
	// The list is met by its being returned, then by a; it holds itself at last.
	assert.deepEqual(box(8), [[2, 'new', undefined]]);
	assert.deepEqual(box(11), [[2, null, undefined]]);
	assert.deepEqual(box(12), [[2, 'changed', ['0']]]);
});

test('a function that keeps nothing is named in place, unless asked for', () => {
	const t = new Trace(HAND);
	const numbers = (plainToo) => heapAt(t, viewAt(t, 12), 9, plainToo).boxes.map((b) => b.number);
	assert.deepEqual(numbers(false), [2]);
	assert.deepEqual(numbers(true), [1, 2]);
});

test('forth, back, over, out, and to a line', () => {
	const t = new Trace(HAND);
	const { over, overBack, out, visitsOf, nextVisit } = steps;
	assert.equal(over(t, 1), 10, 'line 5 to line 6, past the call');
	assert.equal(overBack(t, 10), 1, 'and back');
	assert.equal(over(t, 4), 9, 'line 3 to its return, past the inner call');
	assert.equal(over(t, 8), 9, 'a return goes on to the caller');
	assert.equal(out(t, 6), 9, 'out of the inner call');
	assert.equal(out(t, 3), 10, 'out of the outer one');
	assert.equal(out(t, 11), null, 'nothing is outside the module');
	assert.equal(over(t, 13), null, 'nothing comes after the end');
	// Line 2 is about to run at the steps 3 and 6.
	assert.deepEqual(visitsOf(t, 2, 4), { total: 2, sofar: 1, here: false, next: 6, last: 3 });
	assert.deepEqual(visitsOf(t, 2, 6), { total: 2, sofar: 2, here: true, next: null, last: 3 });
	assert.equal(nextVisit(t, 2, 6), 3, 'after the last the first');
	assert.equal(nextVisit(t, 99, 6), null);
});

test('over and out stay in their thread', () => {
	// Thread 2 runs work() while line 1 of the main thread waits.
	const t = new Trace({
		steps: [
			{ line: 1, frame: 1, frames: { 1: { function: '<module>' } } },
			{
				event: 'call',
				line: 5,
				frame: 2,
				thread: 2,
				frames: { 2: { function: 'work' } },
			},
			{ line: 2, frame: 1, thread: 1 },
			{ line: 6, frame: 2, thread: 2 },
			{ event: 'return', line: 6, value: 'None' },
			{ line: 3, frame: 1, thread: 1, frames: { 2: null } },
		],
	});
	assert.equal(steps.over(t, 0), 2);
	assert.equal(steps.over(t, 1), 3);
	assert.equal(steps.out(t, 3), null, 'a thread’s first frame is left for nothing');
	assert.deepEqual(
		viewAt(t, 3).threads.map((th) => [th.thread, th.current, plain(th.frames)]),
		[
			[1, false, [['<module>', 2, {}]]],
			[2, true, [['work', 6, {}]]],
		],
	);
	assert.deepEqual(
		viewAt(t, 5).threads.map((th) => th.thread),
		[1],
	);
});

test('a thread that rests stands where it was, but for what it had just left', () => {
	// Thread 2 has returned from inner(), and the main thread has its turn.
	const t = new Trace({
		steps: [
			{ line: 1, frame: 1, frames: { 1: { function: '<module>' } } },
			{ line: 5, frame: 2, thread: 2, frames: { 2: { function: 'work' } } },
			{ event: 'call', line: 9, frame: 3, frames: { 3: { function: 'inner', caller: 2 } } },
			{ event: 'return', line: 9, value: 'None' },
			{ line: 2, frame: 1, thread: 1, frames: { 3: null } },
		],
	});
	assert.deepEqual(
		viewAt(t, 4).threads.map((th) => plain(th.frames)),
		[[['<module>', 2, {}]], [['work', 5, {}]]],
	);
});

test('a generator’s frame is on the stack while it runs, and apart while it rests', () => {
	const gen = (state, line) => ({ kind: 'generator', name: 'g', state, frame: 2, line });
	const t = new Trace({
		steps: [
			{ line: 4, frame: 1, frames: { 1: { function: '<module>' } } },
			{
				line: 5,
				frames: { 2: { function: 'g', generator: 7 } },
				variables: { 1: { it: 7 }, 2: { n: '3' } },
				objects: { 7: gen('created') },
			},
			{
				event: 'call',
				line: 1,
				frame: 2,
				frames: { 2: { function: 'g', caller: 1, generator: 7 } },
				objects: { 7: gen('running') },
			},
			{ event: 'yield', line: 2, value: '3', objects: { 7: gen('suspended', 2) } },
			{ line: 6, frame: 1, frames: { 2: { function: 'g', generator: 7 } } },
			{ line: 7, frames: { 2: null }, variables: { 1: { it: null } }, objects: { 7: null } },
		],
	});
	const apart = (i) => plain(viewAt(t, i).suspended);
	assert.deepEqual(apart(0), []);
	assert.deepEqual(apart(1), [['g', null, { n: '3' }]]);
	assert.deepEqual(apart(2), []);
	assert.deepEqual(
		stackAt(t, 3).map((f) => f[0]),
		['<module>', 'g'],
	);
	assert.deepEqual(apart(4), [['g', 2, { n: '3' }]]);
	assert.deepEqual(stackAt(t, 4), [['<module>', 6, { it: 7 }]]);
	assert.deepEqual(apart(5), []);
	assert.deepEqual(stackAt(t, 5), [['<module>', 7, {}]]);
	assert.equal(steps.happens(t, 3, []), 'g yields 3');
});

test('a frame that comes again has none of the names that it had', () => {
	const t = new Trace({
		steps: [
			{
				line: 1,
				frame: 1,
				frames: { 1: { function: '<module>' }, 2: { function: 'g', generator: 3 } },
				variables: { 2: { old: '1' } },
			},
			{ line: 2, frames: { 2: null } },
			{ line: 3, frames: { 2: { function: 'g', generator: 3 } }, variables: { 2: { now: '2' } } },
		],
	});
	assert.deepEqual(plain(viewAt(t, 0).suspended)[0][2], { old: '1' });
	assert.deepEqual(plain(viewAt(t, 2).suspended)[0][2], { now: '2' });
});

test('steps in words', () => {
	const t = new Trace(HAND);
	const out = text('é\n');
	const said = (i) => [steps.happens(t, i, LINES), steps.changes(t, i, out)];
	assert.deepEqual(said(0), ['Line 1 runs next', []]);
	assert.deepEqual(said(1), ['Line 5 runs next', ['f = function f']]);
	assert.deepEqual(said(2), ['f(n=1) is called', ['n = 1']]);
	assert.deepEqual(said(8), ['f returns list #2', []]);
	assert.deepEqual(said(12), ['Line 8 runs next', ['list #2 gets list #2']]);
	assert.deepEqual(said(13), ['The program ends', ['prints "é\\n"']]);
	// Step 16 comes after step 13: 14 and 15 were left out.
	assert.equal(t.leftOutBefore(13), 2);
	assert.equal(
		steps.spoken(t, 13, LINES, out),
		'Step 16. 2 steps left out before it. The program ends: print("é"). prints "é\\n".',
	);
	assert.equal(steps.coverage(t), '14 of 16 steps are here; 2 were left out.');
	assert.equal(
		steps.coverage(new Trace({ ...HAND, total: null, truncated: true })),
		'The record ends after step 16; what the program did then is not in it.',
	);
});

test('what became of an object, in words', () => {
	const cases = [
		// Before, after, and what a person would say.
		[{ items: ['1', '2'] }, { items: ['1', '9'] }, ['list #5[1] = 9']],
		[{ items: ['1'] }, { items: ['1', '2', '3'] }, ['list #5 gets 2, 3']],
		[{ items: ['1', '2'] }, { items: ['1'] }, ['list #5 loses 2']],
		[{ items: ['1', '2', '3'] }, { items: ['3', '2', '1'] }, ['list #5[0] = 3, list #5[2] = 1']],
		[{ items: ['3', '2', '1', '0'] }, { items: ['0', '1', '2', '3'] }, ['list #5 is another']],
		[{ entries: [["'a'", '1']] }, { entries: [["'a'", '2']] }, ["list #5['a'] = 2"]],
		[
			{ entries: [["'a'", '1']] },
			{ entries: [["'b'", '1']] },
			["list #5['b'] = 1", "list #5['a'] is gone"],
		],
		[
			{ attributes: [['x', '1']] },
			{
				attributes: [
					['x', '1'],
					['y', null],
				],
			},
			['list #5.y = something that is not shown'],
		],
		[{ state: 'suspended' }, { state: 'closed' }, ['list #5 is closed']],
	];
	for (const [before, after, want] of cases) {
		const t = new Trace({
			steps: [
				{
					line: 1,
					frame: 1,
					frames: { 1: { function: '<module>' } },
					objects: { 5: { kind: 'list', ...before } },
				},
				{ line: 2, objects: { 5: { kind: 'list', ...after } } },
			],
		});
		assert.deepEqual(steps.changes(t, 1, text('')), want);
	}
});

test('exceptions, as a traceback names them', () => {
	const said = (exception) => {
		const t = new Trace({
			steps: [
				{
					event: 'exception',
					line: 3,
					frame: 1,
					value: 9,
					frames: { 1: { function: '<module>' } },
					objects: { 9: { kind: 'exception', ...exception } },
				},
				{ event: 'unwind', line: 3, value: 9 },
			],
		});
		return [steps.happens(t, 0, []), steps.happens(t, 1, [])];
	};
	// Python ends a traceback with "ValueError: no", "KeyError: 'no'", "OSError: (1, 2)".
	assert.deepEqual(said({ type: 'ValueError', args: ["'no'"] }), [
		'Line 3 raises ValueError: no',
		'The program is ended by ValueError: no',
	]);
	assert.equal(said({ type: 'KeyError', args: ["'no'"] })[0], "Line 3 raises KeyError: 'no'");
	assert.equal(said({ type: 'Odd', args: ['1', '2'] })[0], 'Line 3 raises Odd: (1, 2)');
	assert.equal(said({ type: 'StopIteration', args: [] })[0], 'Line 3 raises StopIteration');
});

test('output is cut by bytes, never inside a character', () => {
	const t = new Trace({
		steps: [
			{ line: 1, frame: 1, output: [0, 0], frames: { 1: { function: '<module>' } } },
			{ line: 2, output: [1, 0] },
			{ line: 3, output: [2, 0] },
			{ line: 4, output: [7, 2] },
			{ line: 5, output: [-1, 2] },
		],
	});
	// In UTF-8 é is two bytes, the snake four.
	const out = new Output({ text: 'é🐍!' }, { base64: Buffer.from('no').toString('base64') });
	assert.deepEqual(
		[0, 1, 2, 3, 4].map((i) => out.at(t, i)),
		[
			{ out: '', err: '' },
			{ out: '', err: '' },
			{ out: 'é', err: '' },
			{ out: 'é🐍!', err: 'no' },
			{ out: null, err: 'no' },
		],
	);
	assert.equal(out.between(t, 2, 3), '🐍!');
	assert.equal(out.between(t, 3, 4), '');
});

test('the timeline’s columns', () => {
	const t = new Trace(HAND);
	// 14 steps in 7 columns: two a column, the deeper one shows.
	assert.deepEqual(steps.profileOf(t, 7).depth, [0, 1, 2, 2, 2, 0, 0]);
	assert.deepEqual(steps.profileOf(t, 7).gaps, [6]);
	assert.deepEqual(steps.columnsOf([0, 1, 12, 13], 14, 7), [0, 6]);
});

test('a list of nodes is met in its order, up to as many as are asked for', () => {
	const node = (next) => ({ kind: 'instance', type: 'Node', attributes: [['next', next]] });
	const objects = Object.fromEntries(
		Array.from({ length: 50 }, (_, k) => [k + 1, node(k === 49 ? 'None' : k + 2)]),
	);
	const t = new Trace({
		steps: [
			{
				line: 1,
				frame: 1,
				frames: { 1: { function: '<module>' } },
				variables: { 1: { head: 1, third: 3 } },
				objects,
			},
		],
	});
	const { boxes, more } = heapAt(t, viewAt(t, 0), 5, false);
	assert.deepEqual(
		boxes.map((b) => [b.number, b.lead]),
		[
			[1, true],
			[2, false],
			[3, false],
			[4, false],
			[5, false],
		],
	);
	assert.equal(more, 45);
});

test('what makes no sense does no harm', () => {
	// What a run says about itself was written beside a stranger's code.
	const t = new Trace({
		steps: [
			{
				line: -4,
				frame: 1,
				frames: {
					1: { function: 'a', caller: 2 },
					2: { function: 'b', caller: 1 },
					3: { function: 'c', caller: 3 },
				},
				variables: { 1: { x: 1, __proto__: 'none' }, 9: { y: '1' } },
				objects: { 1: { kind: 'list', items: [1, 77, null] } },
			},
			{ event: 'nonsense', line: 2, frame: 42 },
			{ line: 3, frame: 3 },
		],
	});
	for (const i of [0, 1, 2]) {
		const view = viewAt(t, i);
		heapAt(t, view, 10, true);
		assert.equal(typeof steps.happens(t, i, []), 'string');
		assert.ok(Array.isArray(steps.changes(t, i, text(''))));
	}
	assert.deepEqual(
		viewAt(t, 0).threads[0].frames.map((f) => f.function),
		['b', 'a'],
	);
});

// --- Programs at random ------------------------------------------------------

/** Numbers that look random and are the same each time. */
function dice(seed) {
	let s = seed;
	return (below) => {
		s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
		return Math.floor((s / 2 ** 32) * below);
	};
}

const copy = (value) => JSON.parse(JSON.stringify(value));

/** Steps of a program that calls, returns, binds, unbinds and changes at
 * random, and beside each the whole state that was there. */
function atRandom(seed, n) {
	const roll = dice(seed);
	const now = { stack: [1], frames: { 1: ['<module>', {}] }, objects: {} };
	let made = 1;
	let number = 0;
	const all = [];
	let gone = [];
	for (let k = 0; k < n; k++) {
		const s = { line: 1 + roll(9), frames: {}, variables: {}, objects: {} };
		for (const f of gone) s.frames[f] = null;
		gone = [];
		if (k === 0) s.frames[1] = { function: '<module>' };
		const what = roll(10);
		if (what === 0 && now.stack.length < 30) {
			const frame = ++made;
			s.frames[frame] = { function: `f${frame % 5}`, caller: now.stack[now.stack.length - 1] };
			now.frames[frame] = [`f${frame % 5}`, {}];
			now.stack.push(frame);
			s.event = 'call';
		}
		const frame = now.stack[now.stack.length - 1];
		for (let j = roll(3); j > 0; j--) {
			const name = 'abcdefg'[roll(7)];
			const into = s.variables;
			into[frame] ??= {};
			const bound = name in now.frames[frame][1];
			if (bound && roll(4) === 0 && into[frame][name] === undefined) {
				delete now.frames[frame][1][name];
				into[frame][name] = null;
			} else if (into[frame][name] !== null) {
				const value = roll(2) === 0 ? String(roll(100)) : 1 + roll(20);
				now.frames[frame][1][name] = value;
				into[frame][name] = value;
			}
		}
		if (roll(3) === 0) {
			const o = 1 + roll(20);
			const object =
				roll(5) === 0 ? null : { kind: 'list', items: [String(roll(9)), 1 + roll(20)] };
			s.objects[o] = object;
			if (object === null) delete now.objects[o];
			else now.objects[o] = object;
		}
		s.frame = frame;
		number += roll(50) === 0 ? 1 + roll(1000) : 1;
		s.step = number;
		all.push([
			s,
			copy({
				number,
				stack: now.stack.map((f) => now.frames[f]),
				objects: now.objects,
			}),
		]);
		if (what === 1 && now.stack.length > 1) {
			// What is left is gone at the step after.
			gone.push(now.stack.pop());
		}
	}
	return all;
}

test('any step of any program is what it was, whichever way one comes', () => {
	for (const seed of [1, 2, 3, 4, 5]) {
		const all = atRandom(seed, 3000);
		const t = new Trace({ steps: all.map(([s]) => s) });
		const roll = dice(seed + 100);
		for (let k = 0; k < 1500; k++) {
			const i = roll(all.length);
			const want = all[i][1];
			assert.equal(t.number[i], want.number);
			assert.deepEqual(
				stackAt(t, i).map(([name, , values]) => [name, values]),
				want.stack,
				`seed ${seed}, step ${i}`,
			);
			for (let o = 1; o <= 20; o++)
				assert.deepEqual(t.objectAt(o, i), want.objects[o] ?? null, `object ${o} at ${i}`);
		}
	}
});

test('a hundred thousand steps: any of them within a frame of a screen', () => {
	const all = atRandom(7, 100_000);
	const t = new Trace({ steps: all.map(([s]) => s) });
	const roll = dice(8);
	const out = text('');
	const times = [];
	for (let k = 0; k < 400; k++) {
		const i = roll(t.length);
		const begun = performance.now();
		heapAt(t, viewAt(t, i), 60, false);
		steps.changes(t, i, out);
		times.push(performance.now() - begun);
	}
	const median = times.sort((a, b) => a - b)[200];
	assert.ok(median < 8, `${median} ms`);
});
