// What the page says of a program's schedules, without a page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from './source-module.mjs';

const words = await source('races/words');

const outcome = (n, schedules, forced = 0, more = {}) => ({
	outcome: n,
	schedules,
	by: { as_is: 0, at_breaks: 0, inside: schedules },
	end: { how: 'exit', exit_code: 0, signal: null, exception: null, threads_raised: 0, raised: [] },
	stdout: { text: `${n}\n`, bytes: 2, truncated: false },
	example: {
		schedule: n,
		kind: 'inside',
		forced,
		switches: Array.from({ length: Math.min(forced, 16) }, () => ({
			window: null,
			from: 1,
			to: 2,
		})),
		places: [],
		...more,
	},
});
const kind = (name, outcomes, left_out = null) => ({
	kind: name,
	schedules: left_out === null ? 20 : 0,
	outcomes,
	switches: 0,
	left_out,
});
const lens = (outcomes, kinds, more = {}) => ({
	schedules: { asked: 60, run: 60, stopped: null, seed: 1, threads: 4, dropped: 0, ...more },
	kinds,
	windows: [],
	outcomes,
	truncated: false,
});

test('the most frequent outcome is first, of equals the one that was seen first', () => {
	const all = [outcome(1, 2), outcome(2, 5), outcome(3, 2)];
	assert.deepEqual(
		words.inOrder(all).map((o) => o.outcome),
		[2, 1, 3],
	);
	assert.deepEqual(
		all.map((o) => o.outcome),
		[1, 2, 3],
		'what it was given is as it was',
	);
});

test('what is told first is what took the fewest switches, else where threads were stuck', () => {
	assert.equal(words.tellable([outcome(1, 40), outcome(2, 5, 9), outcome(3, 1, 2)]), 3);
	const place = { thread: 1, line: 4, function: 'f' };
	assert.equal(words.tellable([outcome(1, 40), outcome(2, 5, 0, { places: [place] })]), 2);
	assert.equal(words.tellable([outcome(1, 40)]), null);
});

test('the sentence says by which kind of switch it differs first', () => {
	const all = [outcome(1, 50), outcome(2, 10)];
	const of = (...outcomes) =>
		words.racesWords(
			lens(
				all,
				['as_is', 'at_breaks', 'inside'].map((k, i) => kind(k, outcomes[i])),
			),
		);
	assert.match(of(2, 2, 2), /^60 runs with 4 threads came to 2 outcomes\. .* differs by itself\.$/);
	assert.match(
		of(1, 2, 2),
		/switched where this CPython looks whether another wants to go on, if not by itself\.$/,
	);
	assert.match(
		of(1, 1, 2),
		/switched between any two instructions, as the language permits, and not/,
	);
	assert.match(of(1, 1, 1), /Kinds of schedules differ, each alike in itself\.$/);
});

test('what was not run, and why', () => {
	const one = [outcome(1, 1)];
	const kinds = [kind('as_is', 1), kind('at_breaks', 0, 'no_gil'), kind('inside', 1)];
	assert.equal(
		words.racesWords(lens(one, kinds, { run: 1, threads: 1, stopped: 'one_thread' })),
		'1 run of 60 with 1 thread came to 1 outcome. It started no thread: there is nothing to switch.',
	);
	assert.match(
		words.racesWords(lens(one, kinds, { run: 31, stopped: 'cpu' })),
		/^31 runs of 60 with 4 threads came to 1 outcome\. Its processor time was used up .* no proof: .* Without a GIL there are no breaks/,
	);
	assert.match(words.racesWords({ truncated: true }), /before anything of them was known/);
});

test('how a run ended', () => {
	const end = (more) => words.endWords({ end: { ...outcome(1, 1).end, ...more } });
	const error = { type: 'KeyError', message: '', line: 3 };
	assert.equal(end({}), 'exit 0');
	assert.equal(end({ exit_code: 1, exception: error }), 'exit 1, KeyError in line 3');
	assert.equal(
		end({ threads_raised: 2, raised: [{ ...error, line: null }, error] }),
		'exit 0, KeyError in 2 threads',
	);
	assert.equal(end({ how: 'signal', exit_code: null, signal: 11 }), 'signal 11');
	assert.equal(end({ how: 'stuck', exit_code: null }), 'stuck: nothing moved any more');
});
