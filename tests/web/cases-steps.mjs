// The panel of the steps: forth and back by slider, keys, buttons and line
// numbers, as a picture and as a table, at 390 px, and when not all is there.
import assert from 'node:assert/strict';
import { axe, fitsIn, loadAxe, small } from './access.mjs';
import { altered, onlyLens, runCode, running, tab, type } from './driver.mjs';
import { python } from './harness.mjs';
import { phone, test } from './suite.mjs';

const CODE = `def add(a, b):
    total = a + b
    return total

x = 1
for i in range(3):
    x = add(x, i)
print("sum", x)
`;

// Lines about to run, calls and returns, as sys.settrace is told of them; the
// module is not entered by a call of the program's, so its own is none of them.
const TRACE = `
import json, sys
source = sys.stdin.read()
out = []
def trace(frame, event, arg):
    if frame.f_code.co_filename != 'main.py': return None
    if not (event == 'call' and frame.f_code.co_name == '<module>'): out.append([event, frame.f_lineno])
    return trace
code = compile(source, 'main.py', 'exec')
space = {'print': lambda *a: None}
sys.settrace(trace)
exec(code, space)
sys.settrace(None)
print(json.dumps(out))`;

const slider = (page) => page.locator('#panel-steps').getByRole('slider', { name: 'Step' });

async function steps(page, code) {
	const reply = await runCode(page, code);
	await tab(page, 'steps');
	await slider(page).waitFor();
	return reply;
}

/** Where the panel says that it is: the step's number and its line. */
const place = async (page) =>
	/^step ([\d,]+), line (\d+)/
		.exec(await slider(page).getAttribute('aria-valuetext'))
		.slice(1)
		.map((n) => Number(n.replace(/,/g, '')));

const press = (page, name) =>
	page.locator('#panel-steps').getByRole('button', { name, exact: true }).click();

test('steps: forth and back by the slider’s keys, as sys.settrace has it', async ({ page }) => {
	await steps(page, CODE);
	const want = python(TRACE, CODE);
	await slider(page).focus();
	await page.keyboard.press('Home');
	const seen = [];
	for (let i = 0; i < want.length; i++) {
		seen.push((await place(page))[1]);
		await page.keyboard.press('ArrowRight');
	}
	assert.deepEqual(
		seen,
		want.map(([, line]) => line),
	);
	// There is nothing behind the last.
	assert.equal((await place(page))[0], want.length);
	const back = [];
	for (let i = 0; i < want.length; i++) {
		back.push((await place(page))[1]);
		await page.keyboard.press('ArrowLeft');
	}
	assert.deepEqual(back, seen.reverse());
	assert.equal((await place(page))[0], 1);
	await page.keyboard.press('End');
	assert.equal((await place(page))[0], want.length);
});

test('steps: the editor marks the line, the frames have the values', async ({ page }) => {
	await steps(page, CODE);
	const want = python(TRACE, CODE);
	const into = want.findIndex(([event, line]) => event === 'line' && line === 3);
	await slider(page).fill(String(into));
	assert.deepEqual(await place(page), [into + 1, 3]);
	assert.equal((await page.locator('.cm-stepLine').innerText()).trim(), 'return total');
	// The first call is add(1, 0).
	const frame = page.locator('.frame.current');
	assert.match((await frame.innerText()).replace(/\s+/g, ' '), /add.* a 1 b 0 total new 1/);
	await press(page, 'Step back');
	assert.doesNotMatch(await frame.innerText(), /total/);
	await press(page, 'Step out of this function');
	assert.equal((await place(page))[1], want[into + 2][1]);
	assert.match(await frame.innerText(), /module/);
	await tab(page, 'output');
	await page.locator('.cm-stepLine').waitFor({ state: 'detached' });
});

test('steps: a click on a line’s number goes to its next visit', async ({ page }) => {
	await steps(page, CODE);
	const want = python(TRACE, CODE);
	const visits = want.flatMap(([, line], n) => (line === 2 ? [n + 1] : []));
	assert.equal(visits.length, 3);
	const number = page.locator('.cm-lineNumbers .cm-gutterElement', { hasText: /^2$/ });
	for (const visit of visits) {
		await number.click();
		assert.deepEqual(await place(page), [visit, 2]);
	}
	// A line that never ran is no place to go to.
	await page.locator('.cm-lineNumbers .cm-gutterElement', { hasText: /^4$/ }).click();
	assert.deepEqual(await place(page), [visits.at(-1), 2]);
});

test('steps: the table is the same steps, and is gone through by keyboard', async ({ page }) => {
	await steps(page, CODE);
	const want = python(TRACE, CODE);
	await press(page, 'Table');
	const rows = page.locator('.steps-table tr[data-step]');
	assert.deepEqual(
		await rows.evaluateAll((all) => all.map((r) => Number(r.cells[1].textContent))),
		want.map(([, line]) => line),
	);
	await rows.nth(0).focus();
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('ArrowDown');
	assert.equal(
		await page.evaluate(() => document.activeElement.getAttribute('aria-current')),
		'step',
	);
	assert.equal((await place(page))[0], 3);
	assert.match(await rows.nth(2).innerText(), /for i in range/);
	await rows.nth(5).click();
	await press(page, 'Picture');
	assert.equal((await place(page))[0], 6);
});

test('steps: what was left out of a long run is said, and how much', async ({ page }) => {
	await onlyLens(page, 'Steps');
	page.setDefaultTimeout(60_000);
	const { lenses } = await steps(page, 'n = 0\nfor i in range(51000):\n    n += i\nprint(n)\n');
	// Two steps a round, the first line, the loop’s end, the last line, the return.
	const all = 1 + 2 * 51_000 + 1 + 1 + 1;
	assert.equal(lenses.steps.total, all);
	const kept = lenses.steps.steps.length;
	assert.ok(kept < all);
	const english = new Intl.NumberFormat('en');
	await page
		.getByText(
			`${english.format(kept)} of ${english.format(all)} steps are here; ${english.format(all - kept)} were left out.`,
		)
		.waitFor();
	await slider(page).focus();
	await page.keyboard.press('End');
	// The numbers are those of the run, not of what is kept.
	assert.equal((await place(page))[0], all);
	await press(page, 'Table');
	const gap = page.locator('.steps-table .gap-note').first();
	for (let i = 0; i < 40 && (await gap.count()) === 0; i++) await page.keyboard.press('ArrowLeft');
	assert.match(await gap.innerText(), /^\+[\d,]+$/);
	assert.ok((await page.locator('.steps-table tr[data-step]').count()) < 100);
});

test('steps: a record that ends before the program does says where', async ({ page }) => {
	await altered(page, (result) => {
		// As of a program that was ended: nobody counted to its end.
		result.lenses.steps.total = null;
		result.lenses.steps.truncated = true;
	});
	await steps(page, CODE);
	const n = python(TRACE, CODE).length;
	await page
		.getByText(`The record ends after step ${n}; what the program did then is not in it.`)
		.waitFor();
});

test(
	'steps: on a phone, one column, by the thumb',
	async ({ page }) => {
		await loadAxe(page);
		await type(page, CODE);
		await running(page, () => page.locator('.bottom .run').click());
		await tab(page, 'steps');
		await slider(page).waitFor();
		for (const mode of ['Table', 'Picture']) {
			await press(page, mode);
			await fitsIn(page, 390, mode);
			await axe(page, mode);
			assert.deepEqual(await small(page), [], mode);
		}
		for (let i = 0; i < 4; i++) await press(page, 'Step forward');
		// The editor is on the other side: the lines around are here.
		assert.equal((await page.locator('.around .now code').innerText()).trim(), 'def add(a, b):');
		await press(page, 'Step back');
		assert.equal((await page.locator('.around .now code').innerText()).trim(), 'x = add(x, i)');
	},
	phone,
);
