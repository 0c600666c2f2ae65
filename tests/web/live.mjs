// What the page knows of a run that goes on, without a page: what events come to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from './source-module.mjs';

const { after, further, hasShown, nothing } = await source('live');

const heard = (...events) =>
	events.reduce((live, [event, data]) => after(live, event, data), nothing);

test('parts of two streams, apart; bytes that are no text', () => {
	const live = heard(
		['started', {}],
		['output', { stream: 'stdout', text: 'a' }],
		['output', { stream: 'stderr', text: 'x' }],
		['output', { stream: 'stdout', base64: 'Yv9j' }],
		['output', { stream: 'other', text: 'y' }],
		['later', { stream: 'stdout', text: 'z' }],
	);
	assert.equal(live.stdout.text, 'ab\ufffdc');
	assert.equal(live.stderr.text, 'x');
	assert.equal(live.over, 0);
	assert.equal(hasShown(live), true);
});

test('what is made again begins with nothing', () => {
	const live = heard(
		['output', { stream: 'stdout', text: 'a' }],
		['progress', { passes: 3, over: 1 }],
		['again', {}],
	);
	assert.deepEqual(live, nothing);
	assert.equal(hasShown(live), false);
	assert.equal(hasShown(after(live, 'progress', { passes: 3, over: 1 })), true);
});

test('of what is long the last whole lines stay, and it is known how much went', () => {
	const line = `${'x'.repeat(99)}\n`;
	let all = '';
	let written = nothing.stdout;
	for (let i = 0; i < 5000; i++) {
		const more = `${i} ${line}`;
		all += more;
		written = further(written, more);
		assert.ok(written.text.length <= 131_072);
		assert.equal(written.before + written.text.length, all.length);
	}
	assert.ok(all.endsWith(written.text));
	assert.match(written.text, /^\d+ x/);
	assert.ok(written.text.length > 60_000);
	// A line without an end is not cut amid a character of two units, either.
	const long = further(nothing.stdout, `${'🐍'.repeat(100_000)}`);
	assert.ok(long.before > 0 && long.text.startsWith('🐍'));
	const odd = further(nothing.stdout, `x${'🐍'.repeat(100_000)}`);
	assert.ok(odd.before > 0 && odd.text.startsWith('🐍'));
});
