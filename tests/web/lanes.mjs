// What is drawn of threads and processes, without a page: the parts of a time that is shown, and moving in it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from './source-module.mjs';

const { lanes, zoom, move } = await source('lanes');
const { rows, stretches, whole, threadName } = await source('threads/lanes');
const of = await source('processes/lanes');

const hold = (n, thread, from_ns, to_ns, wanted_ns = null) => ({
	n,
	thread,
	from_ns,
	to_ns,
	wanted_ns,
});
const thread = (n, began_ns, ended_ns, name = null) => ({ thread: n, began_ns, ended_ns, name });

// Two threads in 100 ns: the first has it until 40, the second waits from 20 on, has it from 40 to 90, and ends.
const LENS = {
	totals: { ns: 100 },
	threads: [thread(1, null, null, 'MainThread'), thread(2, 10, 90)],
	holds: [hold(1, 1, 0, 40), hold(2, 2, 40, 90, 20), hold(3, 1, 95, null, 60)],
};

const drawn = (span) =>
	lanes(rows(LENS, whole(LENS)), stretches(LENS, whole(LENS)), span).map((l) => [
		l.from,
		l.to,
		...l.bars.map((b) => `${b.kind} ${b.from} ${b.to}`),
	]);

test('each thread has a lane, with when it lived, had the GIL and waited', () => {
	assert.deepEqual(whole(LENS), { from: 0, to: 100 });
	assert.deepEqual(drawn(whole(LENS)), [
		[0, 1, 'held 0 0.4', 'waited 0.6 0.95', 'held 0.95 1'],
		[0.1, 0.9, 'waited 0.2 0.4', 'held 0.4 0.9'],
	]);
});

test('a part shows what is in it, cut at its ends', () => {
	assert.deepEqual(drawn({ from: 30, to: 80 }), [
		[0, 1, 'held 0 0.2', 'waited 0.6 1'],
		[0, 1, 'waited 0 0.2', 'held 0.2 1'],
	]);
});

test('nearer and farther keep the middle, within the whole', () => {
	const all = { from: 0, to: 100 };
	assert.deepEqual(zoom(all, all, 2), { from: 25, to: 75 });
	assert.deepEqual(zoom({ from: 25, to: 75 }, all, 0.5), all);
	assert.deepEqual(zoom({ from: 80, to: 100 }, all, 0.5), { from: 60, to: 100 });
	assert.deepEqual(zoom(all, all, 0.5), all);
});

test('earlier and later end where the whole does', () => {
	const all = { from: 0, to: 100 };
	assert.deepEqual(move({ from: 40, to: 60 }, all, 30), { from: 30, to: 50 });
	assert.deepEqual(move({ from: 40, to: 60 }, all, -30), { from: 0, to: 20 });
	assert.deepEqual(move({ from: 40, to: 60 }, all, 95), { from: 80, to: 100 });
});

test('a thread without a name has its number', () => {
	assert.deepEqual(LENS.threads.map(threadName), ['MainThread', 'thread 2']);
	assert.deepEqual(whole({ truncated: false }), { from: 0, to: 1 });
});

// The program starts A at 10 and B at 20, waits for A from 50 to 60 though B is over first; A starts C, of which nothing more is known.
const PROCESSES = {
	processes: [
		{
			process: 1,
			parent: null,
			name: null,
			started_ns: 0,
			began_ns: 0,
			ended_ns: 100,
			waited_ns: null,
			blocked_ns: null,
		},
		{
			process: 2,
			parent: 1,
			name: 'A',
			started_ns: 10,
			began_ns: 15,
			ended_ns: 58,
			waited_ns: 60,
			blocked_ns: 10,
		},
		{
			process: 3,
			parent: 1,
			name: 'B',
			started_ns: 20,
			began_ns: 25,
			ended_ns: null,
			waited_ns: 70,
			blocked_ns: 0,
		},
		{
			process: 4,
			parent: 2,
			name: null,
			started_ns: 30,
			began_ns: null,
			ended_ns: null,
			waited_ns: null,
			blocked_ns: null,
		},
	],
};

test('each process has a lane below the one that started it; from when to when it is there', () => {
	const shown = of.tree(PROCESSES);
	assert.deepEqual(
		shown.map(({ process, depth }) => [process.process, depth]),
		[
			[1, 0],
			[2, 1],
			[4, 2],
			[3, 1],
		],
	);
	const all = of.whole(PROCESSES.processes);
	assert.deepEqual(all, { from: 0, to: 100 });
	assert.deepEqual(
		of.rows(shown, all).map((r) => [r.name, r.from, r.to]),
		[
			['the program', 0, 100],
			['· A', 10, 58],
			['· · process 4', 30, 100],
			['· B', 20, 70],
		],
	);
});

test('a process is started, runs, and is waited for by the one above', () => {
	const all = of.whole(PROCESSES.processes);
	assert.deepEqual(
		of.stretches(PROCESSES.processes, all).map((b) => `${b.row} ${b.kind} ${b.from} ${b.to}`),
		[
			'1 runs 0 100',
			'2 starts 10 15',
			'2 runs 15 58',
			'1 blocked 50 60',
			'3 starts 20 25',
			'3 runs 25 70',
			// It was asked for, and never said that it ran.
			'4 starts 30 100',
		],
	);
});
