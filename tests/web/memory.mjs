// What is shown of memory, without a page: sums by line and by type, the peak, pools, and the bars beside the lines.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from './source-module.mjs';

const { byMeasure, linesOf, peakAt, poolsOf, typesOf } = await source('memory/view');
const { arenaWords, missing, summary, typesWords } = await source('memory/words');
const { heatOf } = await source('heat');

const row = (via, allocations, bytes, peak_bytes, live, more = {}) => ({
	...{ file: '/box/main.py', line: via, via, allocations, reallocations: 0, reused: null },
	...{ bytes, freed: 0, peak_bytes, live_blocks: live[0], live_bytes: live[1], types: [] },
	...more,
});

// Line 3 calls into a library, which allocates in two of its own lines; line 1 comes later.
const LENS = {
	by_line: [
		row(null, 1, 152, 152, [0, 0]),
		row(3, 10, 1000, 400, [4, 300], { types: [{ type: 'str', blocks: 3, bytes: 200 }] }),
		row(3, 5, 500, 100, [2, 100], {
			line: 77,
			file: '/usr/lib/python3.11/json/decoder.py',
			reallocations: 2,
			reused: 1,
			types: [
				{ type: 'dict', blocks: 1, bytes: 80 },
				{ type: 'str', blocks: 1, bytes: 20 },
			],
		}),
		row(1, 2, 90, 0, [1, 50], { types: [{ type: 'type', blocks: 1, bytes: 50 }] }),
	],
	timeline: { every: 10, bytes: [5, 9, 4], most: [6, 12, 9] },
	peak: { bytes: 12, blocks: 2, event: 15, via: 3 },
};

test('by line of main.py, whatever was called for it', () => {
	const lines = linesOf(LENS);
	assert.deepEqual(
		lines.map((l) => [l.line, l.blocks, l.bytes, l.peak, l.stayedBlocks, l.stayed]),
		[
			[1, 2, 90, 0, 1, 50],
			// 10, and 5 with 2 of another size and 1 out of a free list.
			[3, 18, 1500, 500, 6, 400],
			[null, 1, 152, 152, 0, 0],
		],
	);
	assert.deepEqual(lines[1].types, [
		{ type: 'str', blocks: 4, bytes: 220 },
		{ type: 'dict', blocks: 1, bytes: 80 },
	]);
	assert.deepEqual(
		byMeasure(lines, 'peak').map((l) => l.line),
		[3, null],
	);
	assert.equal(typesWords(lines[1].types), '4 str, 1 dict');
	// What is shown is not what was replied: that stays as it was.
	assert.equal(LENS.by_line[1].types[0].blocks, 3);
});

test('by type, with the lines; what has none is last', () => {
	assert.deepEqual(typesOf(linesOf(LENS)), [
		{ type: 'str', blocks: 4, bytes: 220, lines: [3] },
		{ type: 'dict', blocks: 1, bytes: 80, lines: [3] },
		{ type: 'type', blocks: 1, bytes: 50, lines: [1] },
		// Of line 3 six blocks and 400 bytes, less five and 300.
		{ type: null, blocks: 1, bytes: 100, lines: [3] },
	]);
	assert.deepEqual(typesOf([]), []);
});

test('the peak is drawn in the middle of its event', () => {
	// The fifteenth of thirty.
	assert.equal(peakAt(LENS), 14.5 / 30);
	assert.equal(peakAt({ ...LENS, timeline: null }), null);
	assert.equal(peakAt({ ...LENS, peak: { ...LENS.peak, event: 31 } }), null);
});

const sized = (size, pools_before, pools) => ({
	...{ size, pools, pools_before, used: 1, used_before: 1, free: 0 },
});

test('pools: a square for each, or for several where there are many', () => {
	const few = poolsOf({ classes: [sized(16, 3, 3), sized(32, 2, 5), sized(48, 4, 1)] });
	assert.equal(few.each, 1);
	assert.deepEqual(
		few.classes.map((c) => c.squares),
		[
			{ kept: 3, came: 0, went: 0 },
			{ kept: 2, came: 3, went: 0 },
			{ kept: 1, came: 0, went: 3 },
		],
	);
	// 100 in at most 48: three each, 34 squares; of ten four, of which seven pools take three.
	const many = poolsOf({ classes: [sized(16, 1, 100), sized(32, 10, 7)] });
	assert.equal(many.each, 3);
	assert.deepEqual(
		many.classes.map((c) => c.squares),
		[
			{ kept: 1, came: 33, went: 0 },
			{ kept: 3, came: 0, went: 1 },
		],
	);
});

test('the bars beside the lines: of the panel that is open', () => {
	const lenses = { memory: LENS, timing: { lines: [{ line: 2, hits: 7, self_ns: 90 }] } };
	const drawn = (tab, by) => heatOf(lenses, tab, by).map((h) => [h.line, h.amount]);
	assert.deepEqual(drawn('memory', 'bytes'), [
		[1, 90],
		[3, 1500],
	]);
	// Line 1 had nothing then.
	assert.deepEqual(drawn('memory', 'peak'), [[3, 500]]);
	assert.deepEqual(drawn('gc', 'peak'), [[2, 90]]);
	assert.match(heatOf(lenses, 'gc', 'peak')[0].title, /^7 × · 90 ns self time$/);
	assert.match(heatOf(lenses, 'memory', 'stayed')[1].title, /^400 B stayed, in 6 blocks$/);
	assert.deepEqual(heatOf({}, 'memory', 'bytes'), []);
});

test('in words', () => {
	const totals = {
		...{ allocations: 1, reallocations: 2, reused: 3, bytes: 2048, freed: 0 },
		...{ live_blocks: 0, live_bytes: 0, dropped: 0, events: 9 },
	};
	assert.equal(
		summary({ totals }),
		'1 allocation, 2.00 KiB in all. 2 blocks got another size. 3 objects came out of free lists, which takes no memory. Nothing stayed.',
	);
	assert.match(summary({ totals: null }), /ended before/);
	assert.equal(missing({ totals, truncated: false }), '');
	assert.match(missing({ totals: { ...totals, dropped: 2 } }), /^2 blocks could not be followed/);
	assert.match(missing({ totals, truncated: true, allocator: {} }), /record is full/);
	// Ended: nothing is known of types and pools.
	const ended = {
		totals: { ...totals, live_blocks: 2, live_bytes: 9 },
		truncated: true,
		by_line: [],
	};
	assert.match(missing(ended), /was ended/);
	assert.match(summary(ended), / 9 B in 2 blocks were there when it was last looked at\.$/);
	assert.match(summary({ ...ended, truncated: false }), / stayed to the end\.$/);
	const arenas = { arena_bytes: 1 << 20, arenas: 5, arenas_before: 4, most_arenas: 6 };
	assert.equal(arenaWords(arenas), '5 arenas of 1.00 MiB: 4 before, 6 at most');
	assert.equal(
		arenaWords({ ...arenas, arenas: 4, most_arenas: 4 }),
		'4 arenas of 1.00 MiB: as many as before',
	);
});
