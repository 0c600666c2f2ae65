// What the page says and draws of tasks, without a page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from './source-module.mjs';

const words = await source('tasks/words');
const { rows, stretches, whole } = await source('tasks/lanes');
const { lanes } = await source('lanes');

const MS = 1e6;
const task = (n, more) => ({
	task: n,
	name: `Task-${n}`,
	loop: 1,
	created_ns: 10 * MS,
	ended_ns: 110 * MS,
	since_ns: null,
	state: 'returned',
	on: [],
	on_others: 0,
	...more,
});
const totals = (more) => ({
	ns: 200 * MS,
	loops: 1,
	tasks: 0,
	returned: 0,
	raised: 0,
	cancelled: 0,
	never_done: 0,
	blocked: 0,
	blocked_ms: 50,
	python_tasks: 0,
	...more,
});
const said = (lens) =>
	words
		.summary(lens)
		.map((part) => (typeof part === 'string' ? part : `[${part.text}]`))
		.join('');

// In 100 ms: the first runs for 60, of which the second is ready; the third was made when that was over.
const LENS = {
	totals: totals({ tasks: 3, returned: 1, raised: 1, never_done: 1, blocked: 1 }),
	loops: [{ loop: 1, busy_ns: 60 * MS, idle_ns: 40 * MS }],
	tasks: [
		task(1),
		task(2, { state: 'raised', exception: 'ValueError', ended_ns: 90 * MS }),
		task(3, { state: 'waiting', created_ns: 80 * MS, since_ns: 85 * MS, ended_ns: null }),
	],
	spans: [
		{ task: 1, state: 'running', from_ns: 10 * MS, to_ns: 70 * MS },
		{ task: 2, state: 'ready', from_ns: 10 * MS, to_ns: 70 * MS },
		{ task: 1, state: 'waiting', from_ns: 70 * MS, to_ns: 110 * MS },
	],
	blocked: [
		{
			from_ns: 10 * MS,
			ns: 60 * MS,
			loop: 1,
			task: 1,
			to_line: 9,
			call: { function: 1, line: 8, ns: 59 * MS },
		},
	],
	functions: [{ name: 'work' }, { name: 'time.sleep' }],
	truncated: false,
};

test('the summary: how many, how they ended, what held the loop up at which line', () => {
	assert.equal(
		said(LENS),
		'3 tasks: 1 returned, 1 ended by an exception, 1 never done. ' +
			'The loop ran for 60.0 ms and had nothing to run for 40.0 ms. ' +
			'It was held up 1 time for 50 ms or more, 60.0 ms in all, in time.sleep, called at [line 8].',
	);
	const own = { ...LENS.blocked[0], ns: 70 * MS, call: null };
	assert.match(
		said({ ...LENS, totals: totals({ tasks: 3, blocked: 2 }), blocked: [...LENS.blocked, own] }),
		/held up 2 times for 50 ms or more, 130 ms in all; longest for 70.0 ms, up to \[line 9\]\.$/,
	);
	assert.match(
		said({ ...LENS, totals: totals({ tasks: 1, returned: 1 }), blocked: [] }),
		/^1 task: 1 returned\. .* Nothing held it up for 50 ms or more\.$/,
	);
});

test('of a program without asyncio, and of one that was ended early, one sentence', () => {
	assert.equal(
		said({ totals: totals({ loops: 0 }), truncated: false }),
		'No event loop of asyncio ran: there are no tasks.',
	);
	assert.match(said({ totals: null, truncated: true }), /^The program was ended before/);
	assert.match(
		said({ totals: totals({ python_tasks: 2 }), truncated: true }),
		/^2 tasks of the class that is written in Python/,
	);
});

test('names: those that are shared have their numbers, those that are none are numbers', () => {
	const name = words.taskNames({
		tasks: [task(1, { name: 'a' }), task(2, { name: 'b' }), task(3, { name: 'a' })].concat(
			task(4, { name: null }),
		),
	});
	assert.deepEqual([1, 2, 3, 4, 9].map(name), ['a (1)', 'b', 'a (3)', 'task 4', 'task 9']);
});

test('how tasks ended, and what they waited for', () => {
	assert.deepEqual(LENS.tasks.map(words.endWords), ['returned', 'ValueError', 'still waiting']);
	const wait = (more) => ({ type: null, function: null, delay_ns: null, ...more });
	const lens = { functions: [{ name: 'Lock.acquire' }] };
	const said = (more) => words.waitWords(lens, wait(more));
	assert.equal(said({ kind: 'sleep', delay_ns: 10 * MS }), 'sleep for 10.0 ms');
	assert.equal(said({ kind: 'yield' }), 'gave way');
	assert.equal(
		said({ kind: 'lock', type: 'asyncio.locks.Lock', function: 0 }),
		'lock, Lock.acquire',
	);
	assert.equal(said({ kind: 'tasks', type: 'asyncio.tasks._GatheringFuture' }), 'tasks, gather');
	assert.equal(said({ kind: 'task', type: '_asyncio.Task' }), 'a task');
	assert.equal(said({ kind: 'future', type: '_asyncio.Future' }), 'a future, _asyncio.Future');
});

test('a deadlock, in plain words', () => {
	assert.deepEqual(words.deadlock({ ...LENS, cycles: [], stuck: false }), []);
	assert.deepEqual(
		words.deadlock({ ...LENS, cycles: [{ tasks: [2, 3] }, { tasks: [1] }], stuck: true }),
		[
			'In a circle, each waits for the next: Task-2 → Task-3 → Task-2.',
			'Task-1 waits for itself.',
			'Nothing was left that could go on: every task waits for another, or for what only another could do.',
		],
	);
});

test('what is missing is said', () => {
	const none = { tasks: 0, spans: 0, waits: 0, blocked: 0, loops: 0 };
	assert.deepEqual(words.missing({ ...LENS, dropped: none }), []);
	const all = { tasks: 1, spans: 2, waits: 3, blocked: 4, loops: 0 };
	const totals = { ...LENS.totals, python_tasks: 5 };
	const said = words.missing({ ...LENS, totals, dropped: all });
	assert.deepEqual(
		said.map((text) => /\d/.exec(text)[0]),
		['1', '2', '3', '4', '5'],
	);
});

const drawn = (lens) => {
	const all = whole(lens);
	return lanes(rows(lens, all), stretches(lens, all), all).map((l) => [
		l.name,
		...[l.from, l.to].map((at) => at.toFixed(2)),
		...l.bars.map((b) => `${b.kind} ${b.from.toFixed(2)} ${b.to.toFixed(2)}`),
	]);
};

test('each task has a lane: it runs, is ready or waits; where the loop was held up is behind it', () => {
	// All is of the time from 10 ms on, until 110 and, as the third never ended, until 200.
	const ended = { ...LENS, tasks: LENS.tasks.slice(0, 2) };
	assert.deepEqual(whole(ended), { from: 10 * MS, to: 110 * MS });
	assert.deepEqual(drawn(ended), [
		['loop held up', '0.00', '1.00', 'held-up 0.00 0.60'],
		['Task-1', '0.00', '1.00', 'held-up 0.00 0.60', 'runs 0.00 0.60', 'waits 0.60 1.00'],
		['Task-2', '0.00', '0.80', 'held-up 0.00 0.60', 'ready 0.00 0.60'],
	]);
	assert.deepEqual(whole(LENS), { from: 10 * MS, to: 200 * MS });
	assert.deepEqual(drawn(LENS)[3], [
		'Task-3',
		(70 / 190).toFixed(2),
		'1.00',
		`waits ${(75 / 190).toFixed(2)} 1.00`,
	]);
});

test('where nothing held the loop up, or it is another loop that was, nothing is marked', () => {
	assert.deepEqual(
		drawn({ ...LENS, blocked: [] }).map(([name]) => name),
		['Task-1', 'Task-2', 'Task-3'],
	);
	const other = { ...LENS, blocked: [{ ...LENS.blocked[0], loop: 2 }] };
	assert.deepEqual(
		drawn(other).map((lane) => lane.filter((bar) => bar.startsWith('held-up')).length),
		[1, 0, 0, 0],
	);
	assert.deepEqual(whole({ truncated: false }), { from: 0, to: 1 });
	assert.deepEqual(drawn({ truncated: false }), []);
});
