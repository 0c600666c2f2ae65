// One snippet on several runtimes: without a mouse, on a phone, one by one, when something is
// lost; and where other CPythons are built, what those differ by.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { axe, fitsIn, loadAxe, small } from './access.mjs';
import {
	answering,
	aspect,
	byKey,
	compareCode,
	comparing,
	headed,
	PATH,
	row,
	summary,
} from './compare-page.mjs';
import { onlyLens, open, type } from './driver.mjs';
import { fetched, startServer } from './harness.mjs';
import { phone, test } from './suite.mjs';

test('with input and arguments, through the lenses that are ticked', async ({ page }) => {
	await page.getByText('Input and arguments').click();
	await page.getByLabel('Standard input').fill('one\n');
	await page.getByLabel('Arguments').fill('a b\nc');
	await onlyLens(page, 'GC');
	const asked = await compareCode(page, 'import sys\nprint(input(), sys.argv[1:])\n');
	assert.deepEqual(Object.keys(asked.lenses), ['gc']);
	assert.deepEqual(await row(page, 'printed'), Array(3).fill("one ['a b', 'c']"));
	assert.deepEqual(await row(page, 'gc'), ['the baseline', '= same', '= same']);
});

test('everything without a mouse', async ({ page }) => {
	const active = (name) => page.evaluate((n) => document.activeElement.getAttribute(n) ?? '', name);
	const reach = async (name, wanted) => {
		for (let i = 0; i < 20 && (await active(name)) !== wanted; i++)
			await page.keyboard.press('Tab');
		assert.equal(await active(name), wanted);
	};
	await reach('aria-label', 'Choose the CPythons to compare');
	// The choice opens, the first box has the focus, Escape leads back.
	await page.keyboard.press('Enter');
	await page.locator('.chooser input:focus').waitFor();
	await page.keyboard.press('Space');
	await page.locator('.chooser', { hasText: '2 of 3 are chosen.' }).waitFor();
	await page.keyboard.press('Tab');
	await page.keyboard.press('Space');
	await page.locator('.chooser', { hasText: 'Choose 2 at least.' }).waitFor();
	assert.ok(await page.locator('.chooser .run').isDisabled());
	await page.keyboard.press('Space');
	await page.keyboard.press('Escape');
	await page.locator('.chooser').waitFor({ state: 'hidden' });
	assert.equal(await active('aria-label'), 'Choose the CPythons to compare');
	await reach('class', 'editor');
	await page.keyboard.press('Control+a');
	await page.keyboard.type('print(object())');
	const asked = await comparing(page, byKey(page));
	assert.deepEqual(asked.runtimes, ['3.12', '3.13']);
	// The focus has not moved; F6 leads to the chips, arrows along them.
	assert.equal(await active('class'), 'editor');
	await page.keyboard.press('F6');
	await page.locator('[id="aspect-"]:focus').waitFor();
	await page.keyboard.press('ArrowRight');
	assert.equal(await active('id'), 'aspect-verdict');
	await page.keyboard.press('ArrowRight');
	assert.equal(await active('id'), 'aspect-output');
	await page.locator('.merge .cm-content').first().waitFor();
	// Both texts can be reached, to be read and scrolled.
	await reach('class', 'merge');
	await page.keyboard.press('Home');
	await page.locator('[id="aspect-output"]').focus();
	await page.keyboard.press('Home');
	assert.equal(await active('id'), 'aspect-');
	// To all that one run showed, and back.
	await reach('aria-label', 'All that the run on 3.12 showed');
	await page.keyboard.press('Enter');
	await page.locator('#back-to-comparison:focus').waitFor();
	assert.match(await page.locator('.part-of').innerText(), /The run on 3\.12, CPython 3\./);
	assert.match(await page.locator('#panel-output .stdout pre').innerText(), /object object at/);
	await page.keyboard.press('Enter');
	await page.locator('.beside').waitFor();
	assert.equal(await active('id'), 'aspect-');
	// The choice outlives a reload.
	await page.reload();
	await page.getByRole('button', { name: 'Compare on 2' }).waitFor();
});

test('results come one by one; Stop keeps those that came', async ({ page }) => {
	await onlyLens(page, 'Bytecode');
	await type(page, 'import time\ntime.sleep(1.5)\nprint(7)\n');
	await byKey(page)();
	await page.locator('.compare-head progress').waitFor();
	assert.deepEqual(await row(page, 'ended'), Array(3).fill('runs…'));
	await page.locator('.compare-summary', { hasText: '1 of 3 have answered' }).waitFor();
	assert.equal(await page.locator('.compare-head progress').getAttribute('value'), '1');
	assert.match(await page.locator('.status-line').innerText(), /Comparing: 1 of 3 answered/);
	const ended = (await row(page, 'ended')).sort();
	assert.deepEqual(ended, ['runs…', 'runs…', '✓ ok']);
	await page.getByRole('button', { name: 'Stop' }).click();
	await page.locator('.compare-summary', { hasText: 'stopped' }).waitFor();
	assert.equal(await summary(page), 'stopped: 1 of 3 had answered, and nothing was compared');
	assert.deepEqual((await row(page, 'ended')).sort(), [
		...Array(2).fill('stopped before it answered'),
		'✓ ok',
	]);
	assert.deepEqual((await row(page, 'printed')).sort(), ['', '', '7']);
	// The page goes on.
	await compareCode(page, 'print(8)\n');
	assert.deepEqual(await row(page, 'printed'), ['8', '8', '8']);
});

test('the page believes the server: what it says differs, differs', async ({ page }) => {
	await onlyLens(page, 'Bytecode');
	await answering(page, (events) => {
		for (const [event, data] of events) {
			if (event === 'result' && data.runtime === '3.13') {
				const [code] = data.run.lenses.bytecode.code_objects;
				code.instructions[0].op = 'NEW_OP';
			}
			if (event !== 'differences') continue;
			Object.assign(data, { all_same: false, same: { ...data.same, bytecode: false } });
			data.differences.bytecode = {
				groups: [['3.11', '3.12'], ['3.13']],
				incomplete: [],
				against_baseline: [
					{
						runtimes: ['3.13'],
						truncated: true,
						totals: { code_objects: { a: 1, b: 1 }, instructions: { a: 6, b: 8 } },
						code_objects: [
							{
								qualname: '<module>',
								first_line: 1,
								only: null,
								instructions: { a: 6, b: 8 },
								changes: [{ path: '/stack_size', a: 2, b: 3 }],
								edits: [
									{
										tag: 'replace',
										a_from: 0,
										a_to: 1,
										b_from: 0,
										b_to: 3,
										a: ['RESUME 0'],
										b: ['NEW_OP 0'],
									},
								],
							},
						],
					},
				],
			};
		}
		return events;
	});
	await compareCode(page, 'x = 1\n');
	assert.equal(await summary(page), 'they differ: bytecode');
	assert.deepEqual(await row(page, 'bytecode'), [
		'group A the baseline',
		'group A = same',
		'group B ≠ differs: 6 → 8 instructions',
	]);
	await aspect(page, 'bytecode');
	await page.locator('.merge .cm-merge-b .cm-content').waitFor();
	const [left, right] = await page.locator('.merge .cm-content').allInnerTexts();
	assert.match(left, /^<module>, line \d\n {4}RESUME 0\n/);
	assert.equal(right, left.replace('RESUME', 'NEW_OP'));
	await page.getByText('All that differs from 3.11').click();
	const list = (await page.locator('.against').innerText()).replace(/\s+/g, ' ');
	assert.equal(
		list,
		'− 3.11 + 3.13 <module> line 1, 6 → 8 instructions − stack_size 2 + stack_size 3 instruction 1 | 1 − RESUME 0 + NEW_OP 0 + … and 2 more … more differs than is shown here',
	);
});

test(
	'a stream that is cut off, a problem before it, and a server that is gone',
	async ({ page }) => {
		await onlyLens(page, 'GC');
		await answering(page, (events) => events.slice(0, 2));
		await compareCode(page, 'print(1)\n');
		assert.equal(
			await summary(page),
			'the connection broke off: 2 of 3 had answered, and nothing was compared',
		);
		assert.deepEqual((await row(page, 'ended')).sort(), ['no answer came', '✓ ok', '✓ ok']);
		await page.unroute(`**${PATH}`);
		await page.route(`**${PATH}`, (route) =>
			route.fulfill({
				status: 429,
				contentType: 'application/problem+json',
				headers: { 'Retry-After': '7' },
				body: JSON.stringify({
					title: 'Too many runs',
					status: 429,
					detail: 'All slots are taken.',
				}),
			}),
		);
		const alert = page.getByRole('alert').filter({ visible: true });
		await byKey(page)();
		await alert.filter({ hasText: /Too many runs.*in 7 seconds/s }).waitFor();
		await page.unroute(`**${PATH}`);
		await page.route(`**${PATH}`, (route) => route.abort());
		await byKey(page)();
		await alert.filter({ hasText: 'could not be reached' }).waitFor();
	},
	{ allow: /Failed to load resource/ },
);

const FULL = 'print("a" * 300)\nprint(object())\ndef f(x):\n    return [x, 1 / x]\nprint(f(2))\n';

for (const [name, options] of [
	['in light', { colorScheme: 'light' }],
	['in dark', { colorScheme: 'dark' }],
	['in high contrast', { contrast: 'more' }],
	['on a phone', { ...phone, colorScheme: 'light' }],
	[
		'on a phone of 320 px, in dark',
		{ ...phone, viewport: { width: 320, height: 640 }, colorScheme: 'dark' },
	],
])
	test(
		`axe finds nothing serious, targets are large enough, nothing sticks out, ${name}`,
		async ({ page }) => {
			const { width } = page.viewportSize();
			const narrow = width < 800;
			const bar = page.locator(narrow ? '.bottom' : '.top');
			const looks = async (what) => {
				await axe(page, what);
				assert.deepEqual(await small(page), [], what);
				await fitsIn(page, width, what);
			};
			await loadAxe(page);
			await type(page, FULL);
			await bar.getByRole('button', { name: 'Choose' }).click();
			await looks('chooser');
			const box = await page.locator('.chooser').boundingBox();
			assert.ok(
				box.x >= 0 && box.x + box.width <= width,
				`the chooser is at ${box.x}+${box.width}`,
			);
			await comparing(page, () => page.locator('.chooser .run').click());
			await page.locator('.beside [data-row="verdict"]').waitFor();
			await looks('overview');
			// With two sides and no room to spare, all of the head is there.
			for (const less of narrow ? [] : [1000, 820]) {
				await page.setViewportSize({ width: less, height: 700 });
				await fitsIn(page, less, `overview in ${less}`);
				const { x, width: wide } = await bar.locator('.run').boundingBox();
				assert.ok(x + wide <= less, `Run is at ${x}+${wide} of ${less}`);
				await page.setViewportSize({ width, height: 800 });
			}
			for (const id of await page
				.locator('.chips [role="tab"]')
				.evaluateAll((all) => all.slice(1).map((e) => e.id.slice(7)))) {
				await aspect(page, id);
				if (id === 'output') {
					await page.locator('.merge .cm-content').first().waitFor();
					assert.equal(await page.locator('.merge .cm-content').count(), narrow ? 1 : 2);
					await page.getByText('The same as a table').click();
				}
				for (const unfold of await page.locator('#aspect-panel .members > summary').all())
					if ((await unfold.locator('..').getAttribute('open')) === null) await unfold.click();
				await looks(id);
			}
			await aspect(page, '');
			await page.locator('.open').first().click();
			await looks('one of them');
		},
		options,
	);

test('a runtime that is lost is told beside the others', async ({ page, server }) => {
	const file = join(server.runners, 'dies-3.12');
	await onlyLens(page, 'Bytecode');
	writeFileSync(file, '');
	try {
		await compareCode(page, 'print(5)\n');
	} finally {
		rmSync(file);
	}
	assert.deepEqual(await row(page, 'ended'), ['✓ ok', '✕ no run', '✓ ok']);
	assert.deepEqual(await row(page, 'printed'), ['5', '', '5']);
	assert.deepEqual(await row(page, 'output'), ['the baseline', '', '= same']);
	assert.equal(await summary(page), 'what is there is the same, but not all is there');
	const told = await page.locator('#aspect-panel .card.bad').innerText();
	assert.match(told, /^3\.12: .*not the program’s fault|^3\.12: .*not the program's fault/s);
});

const real = fetched();
if (real.length > 0)
	test(`what versions differ by: 3.11 beside ${real.join(', ')}`, async ({ page: first }) => {
		const server = await startServer({ more: real });
		const browser = first.context().browser();
		const { page, context: own, complaints } = await open(browser, server.url);
		try {
			await compareCode(
				page,
				'import sys\nprint(*sys.version_info[:2])\ntry:\n    {}["x"]\nexcept KeyError:\n    pass\n',
			);
			const asked = [...real, '3.11'];
			// What each printed is its own version; so no two are the same but builds of one.
			const ids = (await headed(page)).map((text) => text.split(/\s*\n\s*/)[0]);
			assert.deepEqual([...ids].sort(), asked.sort());
			assert.deepEqual(
				await row(page, 'printed'),
				ids.map((id) => id.replace('t', '').replace('.', ' ')),
			);
			assert.match(await summary(page), /^they differ: output, bytecode/);
			await aspect(page, 'bytecode');
			await page.locator('.merge .cm-content').nth(1).waitFor();
			assert.deepEqual(complaints, []);
		} finally {
			await own.close();
			await server.stop();
		}
	});
