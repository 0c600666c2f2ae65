// The program instruction by instruction: asked for at Bytecode, forth and back.
import assert from 'node:assert/strict';
import { axe, fitsIn, loadAxe, small } from './access.mjs';
import { runCode, running, tab, type } from './driver.mjs';
import { phone, test } from './suite.mjs';

const CODE = 'def f(a, b):\n    return a * b + 1\nx = f(3, 4)\nprint(x)\n';
const panel = (page) => page.locator('#panel-bytecode');

async function open(page) {
	await runCode(page, CODE);
	await tab(page, 'bytecode');
	const { body } = await running(page, () =>
		panel(page).getByRole('button', { name: 'Step through it' }).click(),
	);
	await panel(page).locator('.by-instruction').waitFor();
	return body.lenses.instructions;
}
const stack = (page) =>
	panel(page)
		.locator('.value-stack li')
		.evaluateAll((all) => all.map((li) => li.firstChild.textContent));
const next = (page) => panel(page).locator('[aria-current=step]').innerText();

test('instructions: forth and back by key, with the stack, and the line in the source', async ({
	page,
}) => {
	const lens = await open(page);
	const slider = panel(page).getByRole('slider');
	assert.equal(await slider.getAttribute('max'), String(lens.steps.length - 1));
	// By reasoning: in f 3 and 4 are multiplied, then 1 is added; the top is first.
	const seen = [];
	await slider.focus();
	for (let i = 0; i < lens.steps.length; i++) {
		seen.push(`${(await next(page)).replace(/^\s*\d+\s+\d+\s+/, '').trim()}: ${await stack(page)}`);
		await page.keyboard.press('ArrowRight');
	}
	for (const want of [
		'BINARY_OP *: 4,3',
		'BINARY_OP +: 1,12',
		'RETURN_VALUE: 13',
		'STORE_NAME x: 13',
	])
		assert.ok(seen.includes(want), `${want}: ${seen.join('\n')}`);
	const at = lens.steps.findIndex((s) => s.left === 'return');
	await slider.fill(String(at));
	assert.match(
		await panel(page).locator('output').innerText(),
		new RegExp(`^${at + 1} of ${lens.steps.length}\\. Frame 2, of f, returns 13\\.$`),
	);
	await panel(page).getByRole('button', { name: 'Back' }).click();
	assert.match(await panel(page).locator('output').innerText(), /RETURN_VALUE is next\.$/);
	assert.equal((await page.locator('.cm-stepLine').first().innerText()).trim(), 'return a * b + 1');
	await loadAxe(page);
	await axe(page, 'instructions');
	// Away from it the mark is gone; so it is when it is closed.
	await tab(page, 'output');
	assert.equal(await page.locator('.cm-stepLine').count(), 0);
	await tab(page, 'bytecode');
	await panel(page).getByRole('button', { name: 'Step through it' }).click();
	assert.ok((await panel(page).locator('.instructions').count()) > 0);
});

test('instructions: it is the program that ran; another run closes it', async ({ page }) => {
	await runCode(page, CODE);
	await tab(page, 'bytecode');
	await type(page, 'print("edited")\n');
	let asked = null;
	await page.route('**/v1/runs', async (route) => {
		asked = route.request().postDataJSON();
		await route.continue();
	});
	await running(page, () => panel(page).getByRole('button', { name: 'Step through it' }).click());
	assert.deepEqual([asked.code, asked.lenses], [CODE, { instructions: {} }]);
	await runCode(page, 'print("another")\n');
	await tab(page, 'bytecode');
	assert.equal(await panel(page).locator('.by-instruction').count(), 0);
	assert.ok((await panel(page).locator('.instructions').count()) > 0);
});

test(
	'instructions: on a phone',
	async ({ page }) => {
		await open(page);
		await panel(page).getByRole('slider').fill('12');
		await fitsIn(page, 390, 'instructions');
		assert.deepEqual(await small(page), []);
		await loadAxe(page);
		await axe(page, 'instructions, on a phone');
	},
	phone,
);
