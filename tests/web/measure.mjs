// What the page knows of measurements without a page: words, the axis, what is kept.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { python, root } from './harness.mjs';
import { source } from './source-module.mjs';

const words = await source('measure/words');
const { axisOf, placeOn } = await source('measure/axis');
const { BOUNDS, kept, within } = await source('measure/kept');

const ratio = (low, high, verdict) => ({
	ratio: Math.sqrt(low * high),
	low,
	high,
	level: 0.96,
	verdict,
});

test('times: as %.3g says them, but what is not 1 is never said to be', () => {
	const all = [0.7912, 0.8949, 1, 1.04, 2, 12.34, 123.4, 0.0123, 1234];
	// %.3g of 1234 has an exponent: as a number it is the same.
	assert.deepEqual(
		all.map((x) => Number(words.times(x))),
		python(`import json; print(json.dumps([float('%.3g' % x) for x in ${JSON.stringify(all)}]))`),
	);
	assert.deepEqual([0.99971, 1.0004, 1].map(words.times), ['0.9997', '1.0004', '1']);
});

test('words: the verdict is the server’s, with the interval', () => {
	assert.equal(
		words.ratioWords(ratio(0.79, 0.89, 'faster')),
		'B takes 0.79 to 0.89 times as long: faster',
	);
	assert.match(words.ratioWords(ratio(0.97, 1.04, 'undecided')), /^cannot be told: B takes 0\.97/);
	// Were it wrong, the page would be: nothing is worked out here.
	assert.match(words.ratioWords(ratio(0.79, 0.89, 'slower')), /: slower$/);
	assert.match(words.ratioWords(null), /^no interval/);
});

const measurement = (more = {}) => ({
	id: 'msr_x',
	ended: 'rounds',
	rounds: 20,
	ratios: [
		{
			snippet: 'B',
			baseline: 'A',
			cpu: ratio(0.79, 0.89, 'faster'),
			wall: ratio(0.9, 1.1, 'undecided'),
		},
	],
	snippets: [],
	failed: null,
	notes: [],
	...more,
});
const heard = (more) => ({
	a: '',
	b: '',
	of: 20,
	rounds: [],
	whole: null,
	problem: null,
	end: null,
	...more,
});

test('words: a line for each way in which it ends', () => {
	const said = (more) => words.measuredWords(heard(more));
	assert.equal(said({}), 'Measuring');
	assert.equal(
		said({ end: 'done', whole: measurement() }),
		'20 rounds: by CPU time B is faster, on the wall it cannot be told',
	);
	const ratios = [{ snippet: 'B', baseline: 'A', cpu: null, wall: null }];
	assert.equal(
		said({ end: 'done', whole: measurement({ rounds: 1, ratios }) }),
		'1 round: too few for an interval',
	);
	assert.match(said({ end: 'stopped', rounds: [1, 2] }), /^Stopped after 2 of 20 rounds/);
	assert.match(said({ end: 'cut' }), /^The connection broke off after 0 of 20 rounds/);
	assert.equal(said({ end: 'cut', problem: { title: 'Too many' } }), 'Not measured: Too many');
});

test('words: which run failed, why, and on which line', () => {
	const frame = (file, line, text) => ({ file, line, function: 'f', text });
	const run = {
		status: 'error',
		exit_code: 1,
		limit: null,
		exception: {
			type: 'ValueError',
			message: 'no',
			phase: 'run',
			line: null,
			traceback: [
				frame('main.py', 7, 'f()'),
				frame('main.py', 3, '    g()'),
				frame('x.py', 9, 'y'),
			],
		},
	};
	const whole = measurement({ ended: 'failed', failed: { snippet: 'B', run } });
	assert.equal(words.measuredWords(heard({ whole })), 'B: ValueError on line 3: no');
	// The innermost line that is the snippet's.
	assert.deepEqual(words.failedLine(run), { line: 3, text: 'g()' });
	const limit = { name: 'cpu', allowed: 100, used: 101 };
	const stopped = { ...run, status: 'limit', exception: null, limit };
	assert.match(words.failedWords('A', stopped), /^A: Stopped: it used more processor time/);
	assert.equal(words.failedLine(stopped), null);
});

test('axis: all is on it, 1 too, and equal factors are equally far', () => {
	for (const ratios of [[], [1], [0.999, 1.001], [0.79, 0.9], [3, 3.1], [0.02, 40], [1e-7, 1e6]]) {
		const axis = axisOf(ratios);
		for (const v of [1, ...ratios, ...axis.ticks]) {
			const at = placeOn(axis, v);
			assert.ok(at >= 0 && at <= 100, `${v} of ${ratios} is at ${at}`);
		}
		assert.ok(axis.ticks.includes(1), `${ratios}: ${axis.ticks}`);
		assert.ok(axis.ticks.length >= 2 && axis.ticks.length <= 9, `${ratios}: ${axis.ticks}`);
	}
	const axis = axisOf([0.25, 4]);
	const at = [0.25, 0.5, 1, 2, 4].map((v) => placeOn(axis, v));
	for (let n = 1; n < at.length; n++)
		assert.ok(Math.abs(at[n] - at[n - 1] - (at[1] - at[0])) < 1e-9, at.join());
	// It lies symmetrically, so 1 is in the middle.
	assert.ok(Math.abs(at[2] - 50) < 1e-9);
	// A thousandth is not blown up to the whole width.
	const near = axisOf([0.999, 1.001]);
	assert.ok(placeOn(near, 1.001) - placeOn(near, 0.999) < 5);
});

test('kept: numbers within the contract’s bounds, B a copy of A at first', () => {
	const schema = python(`
import json, yaml
doc = yaml.safe_load(open('${join(root, 'api/openapi.yaml')}'))
print(json.dumps(doc['components']['schemas']['MeasurementRequest']['properties']))`);
	for (const [of, name, unit] of [
		['rounds', 'rounds', 1],
		['seconds', 'budget_ms', 1000],
	]) {
		const { minimum, maximum, default: usual } = schema[name];
		assert.equal(BOUNDS[of].least * unit >= minimum, true);
		assert.equal(BOUNDS[of].most * unit, maximum);
		assert.equal(BOUNDS[of].usual * unit, usual);
	}
	assert.equal(BOUNDS.rounds.least, schema.rounds.minimum);
	assert.deepEqual(
		['7', '0', '', 'x', -3, 1e9, 6.4].map((v) => within('rounds', v)),
		[7, 20, 20, 20, 6, 100, 6],
	);
	globalThis.localStorage = { getItem: () => null };
	assert.deepEqual(kept('pass'), { b: 'pass', rounds: 20, seconds: 10, sizes: '' });
	globalThis.localStorage = { getItem: () => '{"b":"","rounds":400,"seconds":"3"}' };
	assert.deepEqual(kept('pass'), { b: '', rounds: 100, seconds: 3, sizes: '' });
	globalThis.localStorage = { getItem: () => '{' };
	assert.equal(kept('pass').b, 'pass');
});
