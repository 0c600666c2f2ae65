// A run while it goes on: output as it is written, Stop, how far the extra runs are.
import assert from 'node:assert/strict';
import { axe, loadAxe } from './access.mjs';
import { onlyLens, runCode, tab, type } from './driver.mjs';
import { phone, test } from './suite.mjs';

const start = (page) => page.keyboard.press('Control+Enter');
const live = (page) => page.locator('#panel-output .live');
const verdict = (page) => page.locator('#panel-output .verdict strong');

/** Ends by itself only after longer than the browser's patience. */
const WAITS = `import sys, time
print('one <b>', flush=True)
print('two', file=sys.stderr, flush=True)
time.sleep(9)
`;

test('output comes while the program runs; Stop ends it and keeps what came', async ({ page }) => {
	await runCode(page, 'print("before")\n');
	await tab(page, 'gc');
	await type(page, WAITS);
	await start(page);
	await tab(page, 'output');
	await live(page).locator('.stderr pre', { hasText: 'two' }).waitFor();
	assert.equal(await live(page).locator('.stdout pre').textContent(), 'one <b>\n');
	assert.equal(await verdict(page).innerText(), 'Running');
	assert.equal(await page.locator('.results').getAttribute('aria-busy'), 'true');
	await page.getByRole('button', { name: 'Stop' }).first().click();
	await page.getByText('Stopped by you').first().waitFor();
	assert.equal(await live(page).locator('.stdout pre').textContent(), 'one <b>\n');
	assert.equal(await live(page).locator('.stderr pre').textContent(), 'two\n');
	assert.equal(await page.locator('.status-line').innerText(), 'Stopped by you');
	assert.equal(await page.getByRole('status').first().textContent(), 'Stopped by you.');
	// The others have nothing of a run that did not end, nor of the one before.
	await tab(page, 'gc');
	await page.locator('#panel-gc').getByText('when a run has come to its end').waitFor();
	// The slot is free again at once.
	await runCode(page, 'print("again")\n');
	assert.equal(await page.locator('.stdout pre').textContent(), 'again\n');
	assert.equal(await live(page).count(), 0);
});

test('stopped before there was anything: the run before stays', async ({ page }) => {
	await runCode(page, 'print("kept")\n');
	let go;
	const asked = new Promise((resolve) => {
		go = resolve;
	});
	// A server that has not taken it in yet.
	await page.route('**/v1/runs', () => go());
	await start(page);
	await asked;
	await page.getByRole('button', { name: 'Stop' }).first().click();
	await page.getByRole('button', { name: 'Run', exact: false }).first().waitFor();
	assert.equal(await page.locator('.stdout pre').textContent(), 'kept\n');
	assert.equal(await page.locator('.results').getAttribute('aria-busy'), 'false');
});

test('much of it: the end is in sight, until somebody scrolls away', async ({ page }) => {
	await onlyLens(page, 'GC');
	await type(
		page,
		`import time
for i in range(30000): print('line', i)
print('pause', flush=True)
time.sleep(3)
for i in range(100): print('more', i)
print('end', flush=True)
time.sleep(9)
`,
	);
	await start(page);
	const pre = live(page).locator('.stdout pre');
	await pre.filter({ hasText: 'pause' }).waitFor();
	const box = () =>
		pre.evaluate((e) => [e.scrollTop, e.scrollHeight - e.scrollTop - e.clientHeight]);
	assert.ok((await box())[1] < 24, `${await box()}`);
	// Some hundred thousand characters were written; its end is here, from the beginning of a line.
	const text = await pre.textContent();
	assert.ok(text.length < 140_000 && /^line \d+\n/.test(text), text.slice(0, 40));
	const [, before] = (await live(page).locator('.stdout .tag').innerText()).match(/([\d,]+) char/i);
	const whole = Array.from({ length: 30000 }, (_, i) => `line ${i}\n`).join('').length;
	assert.equal(Number(before.replaceAll(',', '')) + text.length, whole + 'pause\n'.length);
	const [end] = await box();
	await pre.hover();
	await page.mouse.wheel(0, -400);
	await page.waitForFunction((y) => document.querySelector('.live pre').scrollTop < y, end);
	const [there] = await box();
	await pre.filter({ hasText: 'end' }).waitFor();
	assert.equal((await box())[0], there);
	await page.getByRole('button', { name: 'Stop' }).first().click();
	await page.getByText('Stopped by you').first().waitFor();
});

test('the program is over: how far its extra runs are, and then all of it', async ({ page }) => {
	await type(page, 'import time\ntime.sleep(0.4)\nprint("slept")\n');
	await start(page);
	await page.getByText('The program is over').waitFor();
	assert.equal(await live(page).locator('.stdout pre').textContent(), 'slept\n');
	assert.match(
		await page.locator('.status-line').innerText(),
		/^Running… \d+ of \d+ runs for what is shown are over$/,
	);
	await page.locator('.results[aria-busy="false"]').waitFor({ state: 'attached' });
	assert.equal(await live(page).count(), 0);
	assert.equal(await page.locator('.stdout pre').textContent(), 'slept\n');
	assert.match(await verdict(page).innerText(), /Finished|ok|exit/i);
});

test('a limit ends it: what it printed is there, and the limit in words', async ({ page }) => {
	await onlyLens(page, 'none of them');
	await type(page, 'print("so far", flush=True)\nwhile True: pass\n');
	await start(page);
	await live(page).locator('.stdout pre', { hasText: 'so far' }).waitFor();
	// Which of the two comes first, the machine decides.
	await page
		.getByText(
			/Stopped: it (used more processor time|took longer than the time) allowed|than allowed/,
		)
		.first()
		.waitFor({ timeout: 40_000 });
	assert.equal(await page.locator('.stdout pre').textContent(), 'so far\n');
});

test('an answer that is cut off, and one that comes as a whole', async ({ page }) => {
	const events = (list) =>
		list.map(([e, d]) => `event: ${e}\ndata: ${JSON.stringify(d)}\n\n`).join('');
	const answer = (body) =>
		page.route('**/v1/runs', (route) => route.fulfill({ contentType: 'text/event-stream', body }));
	await answer(
		events([
			['started', { id: 'run_1', runtime: '3.11', queue_ns: 1 }],
			['output', { stream: 'stdout', text: 'void\n' }],
			['again', {}],
			['started', { id: 'run_1', runtime: '3.11', queue_ns: 1 }],
			['output', { stream: 'stdout', text: 'a\n' }],
			['output', { stream: 'stdout', base64: '/2IK' }],
		]),
	);
	await type(page, 'print(1)\n');
	await start(page);
	await page.getByText('The server’s answer was cut off').first().waitFor();
	assert.equal(await live(page).locator('.stdout pre').textContent(), 'a\n\ufffdb\n');
	await page.unroute('**/v1/runs');
	const problem = { title: 'The run could not be made', status: 503, detail: 'It was lost.' };
	await answer(
		events([
			['problem', problem],
			['done', { id: 'run_1' }],
		]),
	);
	await start(page);
	const alert = page.getByRole('alert').filter({ visible: true });
	assert.match(await alert.innerText(), /could not be made.*It was lost.*Try again/s);
});

for (const [where, options] of [
	['in the dark', { colorScheme: 'dark' }],
	['on a phone', phone],
])
	test(
		`live output ${where}`,
		async ({ page }) => {
			await loadAxe(page);
			await type(page, WAITS);
			await page.locator('.run').filter({ visible: true }).first().click();
			await live(page).locator('.stderr pre', { hasText: 'two' }).waitFor();
			await axe(page);
			const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
			assert.ok(wide <= 0, `${wide} px too wide`);
			await page.getByRole('button', { name: 'Stop' }).filter({ visible: true }).first().click();
			await page.getByText('Stopped by you').first().waitFor();
			await axe(page);
		},
		options,
	);
