// Two snippets against each other: what is asked, drawn and said.
import assert from 'node:assert/strict';
import { axe, fitsIn, loadAxe, small } from './access.mjs';
import { running, type } from './driver.mjs';
import { phone, test } from './suite.mjs';

const PATH = '/v1/measurements';
const OVER = '.results[aria-busy="false"]';

const loop = (n) => `x = 0\nfor i in range(${n}):\n    x += i & 7\n`;

const opened = async (page) => {
	// Where there is little room its name is shorter.
	await page.locator('.measure').click();
	await page.locator('.measuring').waitFor();
};
const b = (page) => page.getByRole('textbox', { name: /^B/ });

/** Does what starts a measurement, and waits for its end; what was asked, and the events. */
async function measuring(page, start) {
	// The browser does not always keep what it streamed: it is handed on in one piece.
	let asked = null;
	let text = '';
	await page.route(`**${PATH}`, async (route) => {
		asked = route.request().postDataJSON();
		const response = await route.fetch();
		text = await response.text();
		await route.fulfill({ response, body: text });
	});
	await Promise.all([page.waitForResponse((r) => new URL(r.url()).pathname === PATH), start()]);
	await page.locator(OVER).waitFor({ state: 'attached' });
	await page.unroute(`**${PATH}`);
	const events = [...text.matchAll(/^event: (.+)\ndata: (.+)$/gm)].map(([, event, data]) => [
		event,
		JSON.parse(data),
	]);
	return {
		asked,
		rounds: events.filter(([e]) => e === 'round').map(([, r]) => r),
		whole: events.find(([e]) => e === 'result')?.[1],
	};
}

const press = (page) => () => page.getByRole('button', { name: 'Measure', exact: true }).click();

test('counts: what each does, and at sizes how it grows', async ({ page }) => {
	await type(page, loop(1000));
	await opened(page);
	await b(page).fill(loop(3000));
	await page.getByLabel('Rounds').fill('6');
	await page.getByLabel('Seconds').fill('3');
	const once = await measuring(page, press(page));
	const counted = page.getByRole('region', { name: 'What they do' });
	const row = (name) => counted.getByRole('row', { name: new RegExp(`^${name}`) }).locator('td');
	const [a, bb] = once.whole.snippets.map((s) => s.counts[0].instructions);
	const english = (n) => n.toLocaleString('en');
	assert.deepEqual((await row('Instructions').allInnerTexts()).slice(0, 2), [
		english(a),
		english(bb),
	]);
	assert.match((await row('Instructions').allInnerTexts())[2], /^(3$|2\.9)/);
	// A list that is emptied from its front, and one from its end.
	const queue = (from) =>
		`import sys\nn = int(sys.argv[-1])\nq = list(range(n))\nwhile q: q.pop(${from})\n`;
	await page.locator('.cm-content').fill(queue(0));
	await b(page).fill(queue(''));
	await page.getByLabel(/Count at sizes/).fill('64 128 x');
	await page.getByLabel(/Count at sizes/).blur();
	await page.getByText('these are left out').waitFor();
	await page.getByLabel(/Count at sizes/).fill('64, 128, 256, 512');
	const { asked, whole } = await measuring(page, press(page));
	assert.deepEqual(asked.sizes, [64, 128, 256, 512]);
	const grows = page.getByRole('region', { name: 'How what they do grows' });
	assert.deepEqual(
		whole.snippets.map((s) => s.growth.moved_bytes.class),
		['n^2', whole.snippets[1].growth.moved_bytes.class],
	);
	const text = await grows.getByRole('row', { name: /^A: moved/ }).innerText();
	assert.match(text, /n²/);
	assert.match(await grows.getByRole('row', { name: /^B: instructions/ }).innerText(), /\bn\b/);
	await loadAxe(page);
	await axe(page, 'a measurement with sizes');
});

test('by keyboard: B begins as a copy of A, and what the server says is drawn, said and in a table', async ({
	page,
}) => {
	await type(page, loop(20000));
	await page.getByRole('button', { name: 'Measure against…' }).focus();
	await page.keyboard.press('Enter');
	await page.locator('.measuring h2:focus').waitFor();
	await page.keyboard.press('Tab'); // Close
	await page.keyboard.press('Tab'); // what scrolls
	await page.keyboard.press('Tab');
	assert.equal(await b(page).evaluate((e) => e === document.activeElement && e.value), loop(20000));
	await page.keyboard.press('Control+a');
	await page.keyboard.insertText(loop(60000));
	await page.keyboard.press('Tab');
	await page.keyboard.press('Control+a');
	await page.keyboard.insertText('8');
	const { asked, rounds, whole } = await measuring(page, () =>
		page.keyboard.press('Control+Enter'),
	);
	assert.deepEqual(asked, {
		snippets: [
			{ name: 'A', code: loop(20000) },
			{ name: 'B', code: loop(60000) },
		],
		rounds: 8,
		budget_ms: 10000,
		runtime: '3.11',
	});
	assert.equal(rounds.length, 8);
	const [{ cpu, wall }] = whole.ratios;
	// It does three times the work.
	assert.equal(cpu.verdict, 'slower');
	const third = (x) => String(Number(x.toPrecision(3)));
	const [said, onWall] = await page.locator('.clock .said').allTextContents();
	assert.equal(said, `▴ B takes ${third(cpu.low)} to ${third(cpu.high)} times as long: slower`);
	assert.ok(onWall.includes(`${third(wall.low)} to ${third(wall.high)} times as long`), onWall);
	const line = await page.locator('.measured .summary').textContent();
	assert.match(line, /^8 rounds: by CPU time B is slower, on the wall /);
	assert.equal(await page.locator('.results > [role="status"]').textContent(), line);
	// Drawn: by two ticks of the axis all else has its place.
	const drawn = await page
		.locator('.clock svg')
		.first()
		.evaluate((svg) => {
			const x = (e, name) => Number.parseFloat(e.getAttribute(name));
			const all = (of) => [...svg.querySelectorAll(of)];
			return {
				ticks: all('text[text-anchor=middle]').map((e) => [
					x(e, 'x'),
					Number.parseFloat(e.textContent),
				]),
				bar: all('.interval line:not(.end)').map((e) => [x(e, 'x1'), x(e, 'x2')])[0],
				one: all('.one line').map((e) => x(e, 'x1'))[0],
				dots: all('.round').map((e) => x(e, 'cx')),
				label: svg.getAttribute('aria-label'),
			};
		});
	const [[x0, v0], [x1, v1]] = [drawn.ticks[0], drawn.ticks.at(-1)];
	const place = (v) => x0 + ((x1 - x0) * Math.log(v / v0)) / Math.log(v1 / v0);
	const near = (is, should, what) =>
		assert.ok(Math.abs(is - should) < 0.1, `${what} is at ${is} %, not ${should} %`);
	near(drawn.bar[0], place(cpu.low), 'low');
	near(drawn.bar[1], place(cpu.high), 'high');
	near(drawn.one, place(1), '1');
	for (const [n, r] of rounds.entries())
		near(drawn.dots[n], place(r.cpu_ns[1] / r.cpu_ns[0]), `round ${n}`);
	assert.equal(drawn.dots.length, 8);
	assert.match(drawn.label, /^CPU time: B takes .+: slower; 8 rounds, in which B took /);
	// The same as a table.
	const cells = await page
		.locator('.clock table')
		.first()
		.locator('tbody tr')
		.evaluateAll((all) => all.map((tr) => [...tr.cells].map((c) => c.innerText.trim())));
	const ms = (text) => Number(/^([\d.]+) ms$/.exec(text)?.[1]);
	for (const [n, s] of whole.snippets.entries()) {
		assert.equal(cells[n][0], s.name);
		for (const [k, name] of ['median', 'least', 'most'].entries())
			assert.ok(Math.abs(ms(cells[n][k + 1]) * 1e6 - s.cpu_ns[name]) / s.cpu_ns[name] < 0.01);
	}
	assert.equal(cells[1][4], third(cpu.ratio));
	assert.ok(cells[1][5].startsWith(`${third(cpu.low)} to ${third(cpu.high)}`), cells[1][5]);
	// Once something is edited, it is said which.
	await b(page).press('End');
	await page.keyboard.insertText('#');
	await page.getByText('B was edited since').waitFor();
});

test('a run that fails, of B and of A: in words, with its line', async ({ page }) => {
	await type(page, 'pass\n');
	await opened(page);
	await b(page).fill('x = 1\ndef f():\n    return 1 / 0\nf()\n');
	const { whole } = await measuring(page, press(page));
	const card = page.locator('.measured .card.bad');
	assert.equal(
		await card.locator('h3').textContent(),
		'B: ZeroDivisionError on line 3: division by zero',
	);
	assert.equal(await card.locator('code').textContent(), 'return 1 / 0');
	assert.deepEqual(await page.locator('.measured .notes li').allTextContents(), whole.notes);
	assert.equal(await page.locator('.clock').count(), 0);
	await card.getByRole('button', { name: 'line 3 of B' }).click();
	assert.equal(
		await b(page).evaluate((e) => e.value.slice(e.selectionStart, e.selectionEnd)),
		'    return 1 / 0',
	);
	await b(page).fill('pass');
	await type(page, 'pass\nraise KeyError("k")\n');
	await measuring(page, press(page));
	await card.getByRole('button', { name: 'line 2 of A' }).click();
	await page.locator('.editor:focus-within').waitFor();
	assert.match(await page.locator('.cm-activeLine').innerText(), /KeyError/);
});

test(
	'stopped, refused, closed: B stays, and so does the run that was shown',
	async ({ page }) => {
		await type(page, 'print(6 * 7)\nimport time\ntime.sleep(0)\n');
		await running(page, () => page.keyboard.press('Control+Enter'));
		await opened(page);
		await b(page).fill('import time\ntime.sleep(0.4)\n');
		await press(page)();
		// Rounds are drawn as they come.
		await page.locator('.clock .round').first().waitFor();
		assert.equal(await page.locator('.clock .said').count(), 0);
		await page.locator('.measuring').getByRole('button', { name: 'Stop' }).click();
		await page
			.getByText(/^Stopped after [1-9]\d* of 20 rounds/)
			.first()
			.waitFor();
		await page.route(`**${PATH}`, (route) =>
			route.fulfill({
				status: 429,
				contentType: 'application/problem+json',
				headers: { 'Retry-After': '2' },
				body: JSON.stringify({ title: 'Too many runs', status: 429, detail: 'Yours are many.' }),
			}),
		);
		await press(page)();
		await page.locator('.measuring .problem').getByText('Try again in 2 seconds.').waitFor();
		await page.getByRole('button', { name: 'Close' }).click();
		await page.locator('.measure:focus').waitFor();
		assert.match(await page.locator('#panel-output').innerText(), /42/);
		await page.reload();
		await opened(page);
		assert.equal(await b(page).inputValue(), 'import time\ntime.sleep(0.4)\n');
		await page.getByRole('button', { name: 'Copy A to B' }).click();
		assert.match(await b(page).inputValue(), /^print\(6 \* 7\)/);
	},
	{ allow: /429/ },
);

for (const [name, width, options] of [
	['wide and light', 1280, { colorScheme: 'light' }],
	['narrow and dark', 390, { ...phone, colorScheme: 'dark' }],
	['just wide enough for two', 800, { viewport: { width: 800, height: 700 }, colorScheme: 'dark' }],
])
	test(
		`${name}: it fits, targets are large enough, axe finds nothing`,
		async ({ page }) => {
			await loadAxe(page);
			await type(page, loop(9000));
			await fitsIn(page, width, 'the page');
			const head = page.locator('.pane-head');
			const [has, is] = await head.evaluate((e) => [e.scrollWidth, e.clientWidth]);
			assert.ok(has <= is, `what is above the editor: ${has} in ${is}`);
			await opened(page);
			await axe(page, 'the form');
			await b(page).fill(loop(3000));
			await page.getByRole('spinbutton', { name: 'Rounds' }).fill('6');
			await measuring(page, press(page));
			const said = page.locator('.clock .said').first();
			await said.waitFor();
			// What came of it is on the screen, however small that is.
			assert.ok(await said.evaluate((e) => e.getBoundingClientRect().bottom < innerHeight - 60));
			await axe(page, 'the result');
			await fitsIn(page, width, 'the result');
			assert.deepEqual(await small(page), []);
		},
		options,
	);
