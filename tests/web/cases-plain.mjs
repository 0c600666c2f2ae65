// The code in a plain field of text, as screen readers know it: without a mouse, and without the editor.
import assert from 'node:assert/strict';
import { axe, fitsIn, loadAxe, small } from './access.mjs';
import { tab, type } from './driver.mjs';
import { python } from './harness.mjs';
import { phone, test } from './suite.mjs';

const field = (page) => page.getByRole('textbox', { name: 'Python source, main.py', exact: true });
const button = (page) => page.getByRole('button', { name: 'Plain text' });
const focused = (page, selector) => page.locator(`${selector}:focus`).waitFor();
/** What the page names for the editor, and what of it was asked for. */
const parts = (page) =>
	page.evaluate(async () => {
		const source = await (await fetch('/')).text();
		const named = [...source.matchAll(/<link rel="later" href="(.+?)">/g)].map((m) => m[1]);
		const asked = performance.getEntriesByType('resource').map((e) => new URL(e.name).pathname);
		return [named.length, named.filter((path) => asked.includes(path)).length];
	});

const SOURCE = 'x = 1\nfor i in range(2):\n    x = x / (1 - i)\n';

test('by keyboard: switched on, typed into, run, and left', async ({ page }) => {
	for (let i = 0; i < 10; i++) {
		await page.keyboard.press('Tab');
		if (await button(page).evaluate((b) => b === document.activeElement)) break;
	}
	assert.equal(await button(page).getAttribute('aria-pressed'), 'false');
	const before = await page.locator('.cm-content').innerText();
	await page.keyboard.press('Enter');
	assert.equal(await button(page).getAttribute('aria-pressed'), 'true');
	// What was in the editor is in the field.
	assert.equal((await field(page).inputValue()).split('\n')[0], before.split('\n')[0]);
	await page.keyboard.press('Tab');
	await page.keyboard.press('Tab');
	await focused(page, '#plain-code');
	await page.keyboard.press('Control+a');
	await page.keyboard.type(SOURCE);
	assert.equal(await field(page).inputValue(), SOURCE);
	assert.equal(await page.locator('#plain-code-at').innerText(), 'Line 4 of 4');
	await page.keyboard.press('Control+Enter');
	// The words are CPython's own.
	const said = python(
		`import json, traceback\ntry:\n exec(compile(${JSON.stringify(SOURCE)}, "main.py", "exec"))\nexcept Exception as e:\n print(json.dumps(f"Line {e.__traceback__.tb_next.tb_lineno}: {type(e).__name__}: {e}"))`,
	);
	await page.locator('#plain-code-error', { hasText: said }).waitFor();
	assert.equal(await page.locator('#plain-code-error').innerText(), said);
	const described = await field(page).getAttribute('aria-describedby');
	assert.ok(described.split(' ').includes('plain-code-error'));
	// Still in the field; Tab leaves it, and indents nothing.
	await focused(page, '#plain-code');
	await page.keyboard.press('Tab');
	await focused(page, 'summary');
	assert.equal(await field(page).inputValue(), SOURCE);
	await page.keyboard.press('Shift+Tab');
	await focused(page, '#plain-code');
	// To the result and back; from there to the line.
	await page.keyboard.press('F6');
	await focused(page, '#tab-output');
	await page.keyboard.press('F6');
	await focused(page, '#plain-code');
	await page.getByRole('button', { name: 'Go to line 3' }).focus();
	await page.keyboard.press('Enter');
	await focused(page, '#plain-code');
	assert.equal(
		await field(page).evaluate((f) => f.value.slice(f.selectionStart, f.selectionEnd)),
		'    x = x / (1 - i)',
	);
	assert.equal(await page.locator('#plain-code-at').innerText(), 'Line 3 of 4');
	// Edited, the result is of what was there before; it is said, and the next one is of this.
	await page.keyboard.type('    print(x)');
	await page.getByText('Edited since this run.').waitFor();
	await page.keyboard.press('Control+Enter');
	await page.locator('#panel-output', { hasText: '1' }).waitFor();
	await page.waitForFunction(() => document.getElementById('plain-code-error').textContent === '');
});

test('it is kept, without the editor, and the text goes along both ways', async ({ page }) => {
	const [named, asked] = await parts(page);
	assert.ok(named >= 2);
	assert.equal(asked, named, 'with the editor all of its parts come');
	await type(page, 'kept = 1\n');
	await button(page).click();
	assert.equal(await field(page).inputValue(), 'kept = 1\n');
	await page.waitForFunction(() => (localStorage['vitrine.draft.1'] ?? '').includes('kept = 1'));
	await page.reload();
	await field(page).waitFor();
	assert.equal(await field(page).inputValue(), 'kept = 1\n');
	assert.deepEqual(await parts(page), [named, 0]);
	// What is put in the editor's place is put in the field's.
	await page.getByRole('combobox', { name: 'Examples' }).selectOption({ index: 2 });
	await focused(page, '#plain-code');
	const example = await field(page).inputValue();
	assert.notEqual(example, 'kept = 1\n');
	await field(page).fill('again = 2\n');
	await button(page).click();
	await page.locator('.cm-line', { hasText: 'again = 2' }).waitFor();
	await page.reload();
	await page.locator('.cm-line', { hasText: 'again = 2' }).waitFor();
});

test(
	'an editor that cannot be loaded: the plain field, and it is said',
	async ({ page }) => {
		await page.route('**/assets/editor-*.js', (route) => route.abort());
		await page.reload();
		await field(page).fill('print(6 * 7)\n');
		await page.getByText('The editor could not be loaded').waitFor();
		await page.keyboard.press('Control+Enter');
		await page.locator('#panel-output', { hasText: '42' }).waitFor();
	},
	{ allow: /net::ERR_FAILED/ },
);

for (const [where, device] of [
	['', {}],
	[' in high contrast', { contrast: 'more', colorScheme: 'dark' }],
	[' on a phone', phone],
])
	test(
		`plain: axe finds nothing serious, targets are large enough${where}`,
		async ({ page }) => {
			await loadAxe(page);
			await button(page).click();
			await field(page).fill(SOURCE);
			await axe(page, 'before');
			await page.locator('.run:visible').first().click();
			await page.locator('#plain-code-error:not(:empty)').waitFor({ state: 'attached' });
			if (device === phone) await page.getByRole('tab', { name: 'Code', exact: true }).click();
			await axe(page, 'after');
			assert.deepEqual(await small(page), []);
			await fitsIn(page, page.viewportSize().width, 'plain');
			if (device !== phone) await tab(page, 'bytecode');
		},
		device,
	);
