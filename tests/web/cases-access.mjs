// Without a mouse, with a screen reader, on a phone, under a strict policy.
import assert from 'node:assert/strict';
import { axe, fitsIn, loadAxe, small } from './access.mjs';
import { linkedLine, runCode, running, tab, type } from './driver.mjs';
import { phone, test } from './suite.mjs';

/** The ids of the lenses that the page has a tab for, and of the output's. */
const tabs = (page) =>
	page
		.locator('.results > [role="tablist"] > [role="tab"]')
		.evaluateAll((all) => all.map((one) => one.id.replace(/^tab-/, '')));

const active = (page) =>
	page.evaluate(() => {
		const e = document.activeElement;
		return e.id || e.className || e.tagName;
	});

test('everything can be done without a mouse', async ({ page }) => {
	// From the top of the page into the editor.
	for (let i = 0; i < 8 && (await active(page)) !== 'editor'; i++) await page.keyboard.press('Tab');
	assert.equal(await active(page), 'editor');
	await page.keyboard.press('Control+a');
	await page.keyboard.type('while True:\nbreak');
	// Tab indents, and stays.
	await page.keyboard.press('Home');
	await page.keyboard.press('Tab');
	assert.equal(await active(page), 'editor');
	await running(page, () => page.keyboard.press('Control+Enter'));
	// Escape, then Tab, leaves: to the two drawers, and on to the tabs.
	await page.keyboard.press('Escape');
	for (let i = 0; i < 2; i++) {
		await page.keyboard.press('Tab');
		assert.equal(await active(page), 'SUMMARY');
	}
	await page.keyboard.press('Tab');
	assert.equal(await active(page), 'tab-output');
	// Through all of them, and round.
	const all = await tabs(page);
	for (const id of [...all.slice(1), all[0]]) {
		await page.keyboard.press('ArrowRight');
		assert.equal(await active(page), `tab-${id}`);
		assert.ok(await page.locator(`#panel-${id}`).isVisible());
	}
	await page.keyboard.press('End');
	assert.equal(await active(page), `tab-${all.at(-1)}`);
	for (let at = all.length - 1; all[at] !== 'timing'; at--) await page.keyboard.press('ArrowLeft');
	assert.equal(await active(page), 'tab-timing');
	// Into the rows, once they are there; the arrows move, Enter goes to the source.
	await page.locator('#panel-timing tr[data-line]').first().waitFor();
	const focusedLine = () => page.evaluate(() => document.activeElement.dataset.line);
	for (let i = 0; i < 6 && (await focusedLine()) === undefined; i++)
		await page.keyboard.press('Tab');
	await page.keyboard.press('End');
	const line = Number(await focusedLine());
	const text = await linkedLine(page);
	assert.equal(text.trim(), ['while True:', 'break'][line - 1]);
	await page.keyboard.press('Enter');
	await page.locator('.editor:focus').waitFor();
	assert.equal((await page.locator('.cm-activeLine').innerText()).trim(), text.trim());
	await page.keyboard.press('F6');
	await page.locator('#tab-timing:focus').waitFor();
});

const FULL = `import gc
def f(x):
    try:
        return [x, 1 / x]
    finally:
        gc.collect()
for i in range(3, -1, -1):
    print(f(i))
`;

for (const [colorScheme, device] of [
	['light', {}],
	['dark', {}],
	['light', phone],
	['light', { contrast: 'more' }],
	['dark', { contrast: 'more' }],
]) {
	const where =
		device === phone
			? 'on a phone'
			: `in ${colorScheme}${device.contrast === 'more' ? ', with high contrast' : ''}`;
	test(
		`axe finds nothing serious, targets are large enough, ${where}`,
		async ({ page }) => {
			await loadAxe(page);
			assert.equal(
				await page.locator('html').getAttribute('data-theme'),
				device.contrast === 'more' ? 'contrast' : null,
			);
			await axe(page, 'empty');
			await runCode(page, FULL);
			for (const id of await tabs(page)) {
				await tab(page, id);
				const row = page.locator(`#panel-${id} [data-line]:visible`).first();
				if (await row.count()) await row.hover();
				await axe(page, id);
				assert.deepEqual(await small(page), [], id);
			}
		},
		{ colorScheme, ...device },
	);
}

test(
	'where the system has the colours, what is linked, chosen or wrong is still seen',
	async ({ page }) => {
		const line = (selector) =>
			page
				.locator(selector)
				.first()
				.evaluate((e) => getComputedStyle(e).outlineStyle);
		await runCode(page, 'x = 1\ny = x\n1 / 0\n');
		assert.equal(await line('.cm-errorLine'), 'dashed');
		await tab(page, 'bytecode');
		await page.locator('#panel-bytecode [data-line="2"]').first().hover();
		await page.locator('.cm-linkedLine').waitFor();
		assert.equal(await line('.cm-linkedLine'), 'solid');
		await tab(page, 'memory');
		assert.equal(await line('#panel-memory [aria-pressed="true"]'), 'solid');
		assert.equal(await line('#panel-memory [aria-pressed="false"]'), 'none');
	},
	{ forcedColors: 'active' },
);

for (const width of [390, 320])
	test(
		`a page of ${width} px has one column and does not scroll sideways`,
		async ({ page }) => {
			const fits = (what) => fitsIn(page, width, what);
			await fits('code');
			assert.ok(await page.locator('#side-code').isVisible());
			assert.ok(!(await page.locator('#side-result').isVisible()));
			await type(page, `${FULL}print("a" * 500)\n`);
			await running(page, () => page.locator('.bottom .run').click());
			assert.ok(!(await page.locator('#side-code').isVisible()));
			for (const id of await tabs(page)) {
				await tab(page, id);
				await fits(id);
			}
			await tab(page, 'output');
			await page.getByRole('button', { name: 'Go to line 4' }).click();
			await page.locator('.editor:focus').waitFor();
			assert.equal(
				await page.getByRole('tab', { name: 'Code' }).getAttribute('aria-selected'),
				'true',
			);
			await fits('code again');
		},
		{ ...phone, viewport: { width, height: 700 } },
	);

test(
	'the policy allows no inline script and no inline style',
	async ({ page }) => {
		const reply = await page.request.get(page.url());
		const policy = reply.headers()['content-security-policy'] ?? '';
		assert.match(policy, /script-src 'self'(;|$)/);
		assert.ok(!policy.includes('unsafe'), policy);
		// That the browser heeds it: a violation is what proves the listener works.
		const blocked = await page.evaluate(
			() =>
				new Promise((done) => {
					document.addEventListener('securitypolicyviolation', (e) => done(e.violatedDirective));
					const script = document.createElement('script');
					script.textContent = 'window.ran = true';
					document.head.append(script);
				}),
		);
		assert.match(blocked, /^script-src/);
		assert.equal(await page.evaluate(() => window.ran), undefined);
	},
	{ allow: /CSP: script-src|Content Security Policy/ },
);
