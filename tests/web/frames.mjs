// What is shown of calls, without a page: boxes as wide as the calls in them, recursion, stacks, and what overflowed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from './source-module.mjs';

const { Calls: CallsBy, icicle } = await source('calls');
const { bytesEach, stackRows } = await source('frames/view');
const { callsWords, guardWords, summary, trouble } = await source('frames/words');

const python = (name, line, more = {}) => ({
	...{ name, kind: 'python', file: null, line, calls: 1, resumes: 0, unwound: 0 },
	...{ nested: 0, most_active: 1, c_bytes: 0, ...more },
});
const C = (name) => ({ ...python(name, null), kind: 'c' });
const call = (parent, f, line, calls, more = {}) => ({
	...{ parent, function: f, line, calls, resumes: 0, unwound: 0, deeper: 0, c_bytes: 0, ...more },
});

// main calls f three times by line 9, which calls g twice each; and sorted by line 10, which calls a lambda of line 10.
const FUNCTIONS = [
	python('<module>', 1),
	python('f', 2),
	python('g', 5),
	C('sorted'),
	python('<lambda>', 10),
	python('dumps', 183, { file: '/usr/lib/python3.11/json/__init__.py' }),
	python('hook', 12),
];
const TREE = [
	call(null, 0, null, 1),
	call(0, 1, 9, 3),
	call(0, 3, 10, 1),
	call(1, 2, 3, 6),
	call(2, 4, null, 4),
	call(0, 5, 11, 1),
	call(5, 6, 199, 1),
];
class Calls extends CallsBy {
	constructor(nodes, functions) {
		super(nodes, functions, (n) => n.calls + n.resumes);
	}
}
const drawn = (picture) =>
	picture.boxes.map((b) =>
		[b.node, b.level, b.from * 17, b.to * 17, b.folded].map((n) => Math.round(n * 1e6) / 1e6),
	);

test('a box is as wide as the calls in it and below', () => {
	const calls = new Calls(TREE, FUNCTIONS);
	// 1, 3 and 6, 1 and 4, 1 and 1.
	assert.equal(calls.total, 17);
	assert.deepEqual(calls.all, [17, 9, 5, 6, 4, 2, 1]);
	assert.deepEqual(drawn(icicle(calls, null)), [
		[0, 0, 0, 17, 0],
		[1, 1, 0, 9, 0],
		[3, 2, 0, 6, 0],
		[2, 1, 9, 14, 0],
		[4, 2, 9, 13, 0],
		[5, 1, 14, 16, 0],
		[6, 2, 14, 15, 0],
	]);
	// From sorted on: the whole width is five calls.
	assert.deepEqual(
		icicle(calls, 2).boxes.map((b) => [b.node, b.from, b.to]),
		[
			[2, 0, 1],
			[4, 0, 0.8],
		],
	);
	assert.equal(icicle(calls, 2).boxOf(1), null);
});

test('a call belongs to the line that made it, if that is of main.py, else to where it begins', () => {
	const calls = new Calls(TREE, FUNCTIONS);
	assert.deepEqual(
		TREE.map((_, n) => calls.lineOf(n)),
		// hook was called by a library's line 199.
		[1, 9, 10, 3, 10, 11, 12],
	);
	assert.deepEqual(
		TREE.map((_, n) => calls.calledAt(n)),
		[null, 9, 10, 3, null, 11, null],
	);
	assert.deepEqual(calls.at(10), [2, 4]);
	assert.deepEqual(calls.at(99), []);
});

test('resumes count, and a thread of its own stands beside', () => {
	const calls = new Calls(
		[call(null, 0, null, 1), call(0, 2, 3, 1, { resumes: 4 }), call(null, 1, null, 2)],
		FUNCTIONS,
	);
	assert.equal(calls.total, 8);
	assert.deepEqual(
		icicle(calls, null).boxes.map((b) => [b.node, b.level, b.from * 8, b.to * 8]),
		[
			[0, 0, 0, 6],
			[1, 1, 0, 5],
			[2, 0, 6, 8],
		],
	);
});

test('a long recursion is two levels, one box for the middle, and the last', () => {
	const deep = (levels) => [
		call(null, 0, null, 1),
		...Array.from({ length: levels }, (_, i) => call(i, 1, i === 0 ? 20 : 3, 1)),
		call(levels, 2, 3, 5),
	];
	const short = icicle(new Calls(deep(8), FUNCTIONS), null);
	assert.deepEqual([short.levels, short.boxes.length], [10, 10]);
	const calls = new Calls(deep(30), FUNCTIONS);
	const long = icicle(calls, null);
	assert.deepEqual(
		long.boxes.map((b) => [b.node, b.level, b.folded]),
		[
			[0, 0, 0],
			[1, 1, 0],
			[2, 2, 0],
			// The third to the twenty-ninth of the thirty.
			[3, 3, 27],
			[30, 4, 0],
			[31, 5, 0],
		],
	);
	assert.equal(long.boxOf(17), long.boxes[3]);
	assert.equal(calls.again(17), true);
	assert.equal(calls.again(1), false);
	assert.equal(long.more, false);
	// 36 calls: the last but one has six of them, and the one below it five.
	assert.ok(Math.abs(long.boxes[4].to - 6 / 36) < 1e-9);
});

test('what is too narrow or too deep is said to be there', () => {
	const many = [call(null, 0, null, 1), call(0, 1, 2, 5000), call(0, 2, 3, 1)];
	const picture = icicle(new Calls(many, FUNCTIONS), null);
	assert.deepEqual([picture.boxes.length, picture.more], [2, true]);
	// Its box is the one above.
	assert.equal(picture.boxOf(2), picture.boxes[0]);
	const turns = Array.from({ length: 60 }, (_, i) => call(i === 0 ? null : i - 1, i % 2, 3, 1));
	const deep = icicle(new Calls(turns, FUNCTIONS), null);
	assert.deepEqual([deep.levels, deep.more], [40, true]);
});

const entry = (f, line, c_used) => ({ function: f, line, c_used });
const stack = (outermost, left_out, innermost, more = {}) => ({
	...{ depth: 9, event: 1, left_out, outermost, innermost, repeated: [], ...more },
});

test('frames of a stack that are the same are put together', () => {
	const rows = stackRows(
		stack([entry(0, 9, 10), ...[20, 30, 40, 50].map((n) => entry(1, 3, n))], 7, [
			entry(1, 3, 900),
			entry(1, 3, 910),
			entry(1, 2, 920),
		]),
	);
	assert.deepEqual(rows, [
		{ entry: entry(0, 9, 10), more: 0 },
		{ entry: entry(1, 3, 20), more: 0 },
		// Three more, of which that is the last.
		{ entry: entry(1, 3, 50), more: 3 },
		{ between: 7 },
		{ entry: entry(1, 3, 900), more: 0 },
		{ entry: entry(1, 3, 910), more: 0 },
		{ entry: entry(1, 2, 920), more: 0 },
	]);
	assert.deepEqual(stackRows(stack([entry(0, 1, 1)], 0, [])), [{ entry: entry(0, 1, 1), more: 0 }]);
});

test('bytes of the C stack for each frame of Python', () => {
	// repr is C and uses what its caller does: 500 in between two frames.
	const all = [entry(1, 3, 1000), entry(3, null, 1000), entry(1, 3, 1500), entry(1, 3, 2000)];
	assert.equal(bytesEach(stack([], 5, all), FUNCTIONS), 500);
	assert.equal(bytesEach(stack([entry(1, 3, 1000)], 0, []), FUNCTIONS), null);
});

const MIB = 1024 * 1024;
const limits = (by, most, recursion_limit = 1000) => ({
	recursion_limit,
	c_recursion: { by, most },
});
const thread = (depth, deepest) => ({
	...{ thread: 1, calls: 5, depth, c_stack: 8 * MIB, c_at_start: 100, c_most: 2048 },
	...{ every: 1, depths: [], deepest },
});

test('a full C stack in words, with what each frame took and where', () => {
	const deep = stack([], 0, [entry(1, 3, 1000), entry(1, 3, 1528), entry(1, 2, 2056)], {
		depth: 15767,
		repeated: [{ function: 1, times: 15766 }],
	});
	const crash = {
		overflow: true,
		thread: 1,
		c_used: 8 * MIB,
		c_stack: 8 * MIB,
		line: 3,
		stack: deep,
	};
	const lens = { functions: FUNCTIONS, limits: limits('nothing', null, 1_000_000), crash };
	const said = trouble(lens, null);
	assert.equal(said.head, 'The C stack overflowed');
	assert.equal(said.line, 3);
	const text = said.text.join(' ');
	for (const part of [
		'15,767 frames',
		'15,766 of them of f',
		'528 B',
		'1,000,000',
		'not reached',
		'SIGSEGV',
	])
		assert.ok(text.includes(part), part);
	assert.match(
		trouble({ ...lens, crash: { ...crash, overflow: false } }, null).head,
		/not for want/,
	);
});

test('the limit of recursion in words: raised, or caught', () => {
	const deepest = stack(
		[entry(0, 9, 10), ...Array(3).fill(entry(1, 3, 10)), entry(1, 2, 10)],
		0,
		[],
		{
			repeated: [{ function: 1, times: 999 }],
		},
	);
	const lens = {
		functions: FUNCTIONS,
		limits: limits('nothing', null),
		threads: [thread(1000, deepest)],
	};
	const said = trouble(lens, null);
	assert.equal(said.head, 'The recursion limit was reached');
	assert.match(
		said.text[0],
		/1,000 frames at one time, 999 of them of f.*which the program caught/,
	);
	// Where it went on, and not where the innermost begins.
	assert.equal(said.line, 3);
	assert.ok(!trouble(lens, 'RecursionError').text[0].includes('caught'));
	const few = { ...lens, threads: [thread(40, deepest)] };
	assert.equal(trouble(few, null), null);
	assert.equal(trouble(few, 'ValueError'), null);
	assert.notEqual(trouble(few, 'RecursionError'), null);
});

test('in words', () => {
	const functions = [python('a', 1, { calls: 2, resumes: 3 }), C('len')];
	assert.equal(
		summary({ functions, threads: [thread(4, stack([], 0, []))] }),
		'2 calls of Python functions, 3 resumes of generators and coroutines and 1 call of C functions. The main thread was at most 4 frames deep, and used 2.00 KiB of its C stack.',
	);
	assert.equal(
		callsWords(call(0, 1, 1, 5, { resumes: 2, unwound: 1, deeper: 3 })),
		'5 calls, 2 resumes, 3 of them from further down, 1 left by an exception',
	);
	assert.match(guardWords({ limits: limits('calls', 500) }), /at most 500/);
	assert.match(guardWords({ limits: limits('bytes', 2 * MIB) }), /2\.00 MiB/);
	assert.equal(guardWords({ limits: null }), '');
});

test('a box is as wide as what its calls are worth, whatever that is', () => {
	// Nanoseconds of its own: f has 30 of 100 with what is below it.
	const nodes = [call(null, 0, null, 1), call(0, 1, 9, 3), call(1, 2, 3, 6), call(0, 3, 10, 1)];
	const worth = [50, 10, 20, 20];
	const calls = new CallsBy(nodes, FUNCTIONS, (n) => worth[nodes.indexOf(n)]);
	assert.deepEqual(calls.all, [100, 30, 20, 20]);
	assert.deepEqual(
		icicle(calls, null).boxes.map((b) => [b.node, b.from, b.to]),
		[
			[0, 0, 1],
			[1, 0, 0.3],
			[2, 0, 0.2],
			[3, 0.3, 0.5],
		],
	);
});
