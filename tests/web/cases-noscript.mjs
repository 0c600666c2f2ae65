// The page that needs no JavaScript, in a browser that has none, and in one that can look at it.
import assert from 'node:assert/strict';
import { axe, fitsIn, loadAxe, small } from './access.mjs';
import { phone, test } from './suite.mjs';

const result = (page) => page.locator('#result pre');

test(
	'without JavaScript: from the first page to a run, disassembled and compared',
	async ({ page }) => {
		await page.getByRole('link', { name: 'one that needs none' }).click();
		const code = 'a = [1]\nprint("<b>", input())\n';
		await page.getByLabel('Source').fill(code);
		await page.getByLabel('Standard input').fill('two\nlines');
		await page.getByLabel('gc', { exact: true }).check();
		await page.getByRole('button', { name: 'Run', exact: true }).click();
		await page.getByRole('heading', { name: 'Result' }).waitFor();
		assert.equal(await result(page).nth(1).textContent(), '<b> two\n');
		assert.match(await result(page).nth(2).textContent(), /LOAD_CONST.*gc/s);
		// What was sent is there to be changed.
		assert.equal(await page.getByLabel('Source').inputValue(), code);
		assert.equal(await page.getByLabel('Standard input').inputValue(), 'two\nlines');
		assert.ok(await page.getByLabel('gc', { exact: true }).isChecked());
		await page.getByRole('button', { name: 'Disassemble' }).click();
		await page.getByRole('heading', { name: 'Result' }).waitFor();
		assert.doesNotMatch(await result(page).last().textContent(), /gc/);
		await page.getByRole('button', { name: /^Compare/ }).click();
		await page.getByRole('heading', { name: 'Comparison' }).waitFor();
		assert.match(await result(page).first().textContent(), /3\.11/);
	},
	{ javaScriptEnabled: false, shows: '.noscript' },
);

for (const [where, options, width] of [
	['in the dark', { colorScheme: 'dark' }, 1280],
	['on a phone', phone, 390],
])
	test(
		`the page without JavaScript ${where}`,
		async ({ page }) => {
			await page.getByLabel('Source').fill(`print("x" * 500)\n`);
			await page.getByRole('button', { name: 'Run', exact: true }).click();
			await page.getByRole('heading', { name: 'Result' }).waitFor();
			await loadAxe(page);
			await axe(page, where);
			assert.deepEqual(await small(page), []);
			await fitsIn(page, width, where);
		},
		{ ...options, path: '/noscript', shows: '#code' },
	);
