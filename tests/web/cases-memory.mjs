// What was allocated: over time, by line, by type, and the allocator's pools; beside the editor's lines as well.
import assert from 'node:assert/strict';
import { axe, fitsIn, loadAxe, small } from './access.mjs';
import { caretTo, linkedLine, markedLines, onlyLens, runCode, tab } from './driver.mjs';
import { python } from './harness.mjs';
import { phone, test } from './suite.mjs';

// Line 4 has the peak and keeps nothing; line 5 keeps, and its bytes are 33 more than they hold.
const CODE = `def much(n):
    return [bytes(1000) for _ in range(n)]

print(len(much(2000)))
kept = [bytes(1000) for _ in range(500)]
print(len(kept))
`;

const PANEL = '#panel-memory';

/** The cells of a table, as they are read. */
const cells = (page, table) =>
	page
		.locator(`${PANEL} .${table} tbody tr`)
		.evaluateAll((rows) => rows.map((r) => [...r.cells].map((c) => c.innerText.trim())));

const show = (page, measure) => page.locator(`${PANEL} .segment`, { hasText: measure }).click();

async function memory(page, code = CODE) {
	const reply = await runCode(page, code);
	await tab(page, 'memory');
	return reply.lenses.memory;
}

test('memory: what a line allocated, had at the peak and kept', async ({ page }) => {
	await onlyLens(page, 'Memory');
	await memory(page);
	const [one] = python('import json, sys; print(json.dumps([sys.getsizeof(bytes(1000))]))');
	const mib = (n) => (n / 2 ** 20).toFixed(2);
	const kib = (n) => (n / 2 ** 10).toFixed(0);
	// Beside the objects there are the lists' items, so each line has somewhat more, never less.
	const about = (text, n, unit) => {
		const [number, is] = text.split(' ');
		assert.equal(is, unit, text);
		assert.ok(Number(number) >= n && Number(number) < n * 1.1, `${text}, not ${n}`);
	};
	let rows = await cells(page, 'memory-lines');
	assert.equal(rows[0][0], '2');
	about(rows[0][3], mib(2000 * one), 'MiB');
	assert.equal(rows[1][0], '5');
	about(rows[1][3], kib(500 * one), 'KiB');
	await show(page, 'At the peak');
	rows = await cells(page, 'memory-lines');
	assert.deepEqual(rows[0].slice(0, 2), ['2', 'return [bytes(1000) for _ in range(n)]']);
	about(rows[0][2], mib(2000 * one), 'MiB');
	assert.ok(
		rows.every((r) => r[0] !== '5'),
		'the peak was over by then',
	);
	await show(page, 'Stayed');
	rows = await cells(page, 'memory-lines');
	assert.equal(rows[0][0], '5');
	assert.match(rows[0][4], /^500 bytes/);
	assert.ok(rows.every((r) => r[1] !== 'print(len(much(2000)))'));
	const [type, blocks, bytes, , from] = (await cells(page, 'stayed-types'))[0];
	assert.deepEqual([type, blocks, from], ['bytes', '500', 'line 5']);
	assert.equal(bytes, `${kib(500 * one)} KiB`);
});

test('memory: lines and the editor are linked, and its bars follow', async ({ page }) => {
	await memory(page);
	const bars = () => page.locator('.cm-heat').evaluateAll((all) => all.map((b) => b.title));
	assert.ok((await bars()).some((t) => /MiB allocated, in \d,\d+ blocks$/.test(t)));
	const row = page.locator(`${PANEL} .memory-lines tr[data-line="5"]`);
	await row.hover();
	assert.equal(await linkedLine(page), CODE.split('\n')[4]);
	await caretTo(page, 2);
	// By line and in the type that it kept none of: only the first.
	assert.deepEqual(await markedLines(page, 'memory'), [2]);
	await row.click();
	assert.equal(await page.locator('.cm-activeLine').innerText(), CODE.split('\n')[4]);
	await show(page, 'Stayed');
	await page
		.locator('.cm-heat[title$="stayed, in 502 blocks"]')
		.or(page.locator('.cm-heat[title*="stayed, in"]'))
		.first()
		.waitFor();
	assert.ok((await bars()).every((t) => t.includes('stayed')));
	await page
		.getByRole('button', { name: /^line \d/ })
		.first()
		.click();
	await page.locator('.editor:focus').waitFor();
	assert.equal(await page.locator('.cm-activeLine').innerText(), CODE.split('\n')[1]);
	await tab(page, 'timing');
	await page.locator('.cm-heat[title*="self time"]').first().waitFor();
	assert.ok((await bars()).every((t) => t.includes('self time')));
});

test('memory: the curve has its peak where it was, and each part in words', async ({ page }) => {
	await onlyLens(page, 'Memory');
	const { timeline, peak, totals } = await memory(page);
	assert.equal(peak.via, 2);
	const said = await page.locator(`${PANEL} .band-mark`).innerText();
	assert.equal(said, `peak ${(peak.bytes / 2 ** 20).toFixed(2)} MiB, line 2`);
	const drawn = await page.locator(`${PANEL} .band svg`).evaluate((svg) => {
		const at = (path, n) => Number(/^M([\d.]+)/.exec(svg.querySelector(path).getAttribute('d'))[n]);
		const high = svg.querySelector('.high').getAttribute('d');
		return {
			mark: at('.mark-line', 1),
			ys: [...high.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map((m) => Number(m[1])),
		};
	});
	const n = timeline.bytes.length;
	assert.ok(Math.abs(drawn.mark - (1000 * peak.event) / (n * timeline.every)) < 1);
	// Two ends for each step; the highest is the peak's.
	assert.equal(drawn.ys.length, 2 * n);
	const highest = drawn.ys.indexOf(Math.min(...drawn.ys)) / 2;
	assert.equal(highest, Math.floor((peak.event - 1) / timeline.every));
	// It begins at the peak, and goes on by keyboard.
	const slider = page.getByRole('slider', { name: 'Allocations and frees' });
	assert.equal(Number(await slider.inputValue()), highest);
	await slider.focus();
	await page.keyboard.press('Home');
	assert.match(
		await slider.getAttribute('aria-valuetext'),
		new RegExp(`^after ${Math.min(timeline.every, totals.events).toLocaleString('en')}: `),
	);
	assert.equal(
		await page.locator(`${PANEL} .band output`).innerText(),
		await slider.getAttribute('aria-valuetext'),
	);
	// The same as a table, which has all of it.
	await page.getByText('Over time, as a table').click();
	for (let more = page.getByRole('button', { name: /more of/ }); await more.count(); )
		await more.first().click();
	assert.equal(await page.locator(`${PANEL} .as-table tbody tr`).count(), n);
	const marked = page.locator(`${PANEL} .as-table tbody tr`, { hasText: 'peak' });
	assert.equal(await marked.count(), 1);
	assert.equal(
		await marked.locator('td').first().innerText(),
		Math.min((highest + 1) * timeline.every, totals.events).toLocaleString('en'),
	);
});

test('memory: the pools by size, drawn and in numbers', async ({ page }) => {
	await onlyLens(page, 'Memory');
	// Of the smallest size some thousand, which more pools are for.
	const { allocator } = await memory(page, 'kept = [bytes(50) for _ in range(20_000)]\n');
	const rows = await cells(page, 'pools');
	const numbers = (text) => text.replace(/^[+−][\d,]+\s*/, '').replaceAll(',', '');
	assert.deepEqual(
		rows.map((r) => [r[0], ...r.slice(2).map(numbers)]),
		allocator.classes.map((c) => [`${c.size} B`, ...[c.pools, c.used, c.free].map(String)]),
	);
	const [size] = python(
		'import json, sys; print(json.dumps([-(-sys.getsizeof(bytes(50)) // 16) * 16]))',
	);
	const grown = allocator.classes.findIndex((c) => c.size === size);
	const { pools, pools_before } = allocator.classes[grown];
	assert.ok(pools > pools_before);
	assert.ok(rows[grown][2].startsWith(`+${(pools - pools_before).toLocaleString('en')}`));
	const most = Math.max(...allocator.classes.map((c) => Math.max(c.pools, c.pools_before)));
	const each = Math.ceil(most / 48);
	const row = page.locator(`${PANEL} .pools tbody tr`).nth(grown);
	assert.equal(await row.locator('.kept').count(), Math.ceil(pools_before / each));
	assert.equal(await row.locator('.kept, .came').count(), Math.ceil(pools / each));
});

test('memory: by keyboard alone', async ({ page }) => {
	await onlyLens(page, 'Memory');
	await memory(page);
	await page.locator('#tab-memory').focus();
	const at = () =>
		page.evaluate(() => {
			const e = document.activeElement;
			return e.dataset.line ?? e.getAttribute('aria-label') ?? e.textContent.trim();
		});
	const seen = [];
	for (let i = 0; i < 24; i++) {
		await page.keyboard.press('Tab');
		seen.push(await at());
		if (seen.at(-1) === '2' && seen.includes('Stayed')) break;
	}
	for (const what of [
		'line 2',
		'Allocations and frees',
		'Over time, as a table',
		'Allocated',
		'At the peak',
	])
		assert.ok(seen.includes(what), `${what} in ${seen.join(' | ')}`);
	assert.equal(seen.at(-1), '2', seen.join(' | '));
	await page.keyboard.press('ArrowDown');
	assert.equal(await at(), '5');
	assert.equal(await linkedLine(page), CODE.split('\n')[4]);
	await page.keyboard.press('Enter');
	await page.locator('.editor:focus').waitFor();
	assert.equal(await page.locator('.cm-activeLine').innerText(), CODE.split('\n')[4]);
	// The rows in another order, by a head.
	const head = page.getByRole('button', { name: /^Line/ }).first();
	await head.focus();
	await page.keyboard.press('Enter');
	assert.equal(
		await page.locator(`${PANEL} .memory-lines th[aria-sort]`).getAttribute('aria-sort'),
		'descending',
	);
	const lines = (await cells(page, 'memory-lines')).map((r) => Number(r[0])).filter((n) => n > 0);
	assert.deepEqual(
		lines,
		[...lines].sort((a, b) => b - a),
	);
});

test('memory: a run that was ended says what was known', async ({ page }) => {
	await onlyLens(page, 'Memory');
	const lens = await memory(
		page,
		'import os\nkept = [bytes(1000) for _ in range(50_000)]\nos.kill(os.getpid(), 9)\n',
	);
	assert.equal(lens.allocator, null);
	await page.getByText('Nothing is known of the allocator’s pools').waitFor();
	await page.getByText('this is what there was shortly before').waitFor();
	assert.equal(await page.locator(`${PANEL} .stayed-types`).count(), 0);
	assert.equal((await cells(page, 'memory-lines'))[0][0], '2');
});

for (const [what, options] of [
	['in light', { colorScheme: 'light' }],
	['in dark', { colorScheme: 'dark' }],
	['in high contrast', { contrast: 'more' }],
	['at 390 px', { ...phone, colorScheme: 'dark' }],
])
	test(
		`memory: axe finds nothing serious, targets are large enough, ${what}`,
		async ({ page }) => {
			await loadAxe(page);
			await memory(page);
			await page.getByText('Over time, as a table').click();
			for (const measure of ['Allocated', 'At the peak', 'Stayed']) {
				await show(page, measure);
				await page.locator(`${PANEL} .memory-lines tr[data-line]`).first().hover();
				await axe(page, measure);
				assert.deepEqual(await small(page), [], measure);
				if (options.viewport) {
					await fitsIn(page, 390, measure);
					// Nor does the panel scroll sideways.
					const over = await page
						.locator(`${PANEL} .panel-body`)
						.evaluate((box) => box.scrollWidth - box.clientWidth);
					assert.ok(over <= 0, `${measure}: ${over} px`);
				}
			}
		},
		options,
	);
