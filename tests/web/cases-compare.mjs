// One snippet on several runtimes: what is said of them, and what differs.
import assert from 'node:assert/strict';
import {
	aspect,
	compareCode,
	comparing,
	headed,
	IDS,
	row,
	said,
	summary,
} from './compare-page.mjs';
import { onlyLens, type } from './driver.mjs';
import { python } from './harness.mjs';
import { test } from './suite.mjs';

test('one click: each version, how it ended, what it printed, and that they are the same', async ({
	page,
}) => {
	await type(page, 'import sys\nprint(6 * 7)\nprint(sys.argv)\nsys.exit(3)\n');
	const asked = await comparing(page, () =>
		page.locator('.top').getByRole('button', { name: 'Compare on 3' }).click(),
	);
	assert.deepEqual(asked.runtimes, IDS);
	assert.ok('bytecode' in asked.lenses && !('runtime' in asked));
	const version = python('import json, platform; print(json.dumps(platform.python_version()))');
	for (const [n, text] of (await headed(page)).entries())
		assert.deepEqual(text.split(/\s*\n\s*/).slice(0, 3), [IDS[n], version, 'GIL']);
	assert.deepEqual(await row(page, 'ended'), Array(3).fill('✕ error'));
	assert.deepEqual(await row(page, 'exit'), Array(3).fill('3'));
	assert.deepEqual(await row(page, 'printed'), Array(3).fill('42 … 2 lines'));
	assert.deepEqual(await row(page, 'verdict'), ['the baseline', '= same', '= same']);
	assert.equal(await summary(page), 'the same');
	assert.equal(await said(page), 'the same');
	assert.equal(await page.locator('.compare-head progress').count(), 0);
	const chips = await page
		.locator('.chips [role="tab"]')
		.evaluateAll((all) => all.map((e) => e.innerText.replace(/\s+/g, ' ')));
	assert.deepEqual(chips.slice(0, 4), [
		'Overview',
		'verdict = same',
		'output = same',
		'bytecode = same',
	]);
	assert.ok(chips.includes('timing · not judged'));
	// Only differences: none is left but what is not judged.
	await page.getByLabel('Only differences').check();
	assert.equal(await page.locator('.chips [role="tab"]').count(), 2);
	assert.equal(await page.locator('.beside [data-row="verdict"]').count(), 0);
	await aspect(page, 'timing');
	assert.equal(await page.locator('#aspect-panel tbody tr').count(), 3);
});

test('what differs: chips, any two beside each other, in one, and as a table', async ({ page }) => {
	await onlyLens(page, 'Bytecode');
	await compareCode(page, 'print("same")\nprint(object())\n');
	assert.equal(await summary(page), 'they differ: output');
	assert.deepEqual(await row(page, 'output'), [
		'group A the baseline',
		'group B ≠ differs: stdout: addresses',
		'group C ≠ differs: stdout: addresses',
	]);
	assert.deepEqual(await row(page, 'bytecode'), ['the baseline', '= same', '= same']);
	await aspect(page, 'output');
	assert.match(await page.locator('.groups').innerText(), /A\s*3\.11 baseline/);
	// The two that nobody chose: the baseline, and the first that is not the same.
	const sides = page.locator('.merge .cm-content');
	/** The texts, once it is those of these two. */
	const beside = async (a, b) => {
		await page.locator(`.merge .cm-merge-a .cm-content[aria-label="${a}"]`).waitFor();
		await page.locator(`.merge .cm-merge-b .cm-content[aria-label="${b}"]`).waitFor();
		return sides.allInnerTexts();
	};
	const texts = await beside('3.11', '3.12');
	assert.equal(texts.length, 2);
	assert.ok(
		texts.every((t) => /^same\n<object object at 0x[0-9a-f]+>$/.test(t)),
		texts.join(),
	);
	assert.notEqual(texts[0], texts[1]);
	// Which side a line is on is said without colour.
	const marks = () =>
		page
			.locator('.merge .cm-changeGutter [class*="LineGutter"]')
			.evaluateAll((all) => all.map((e) => getComputedStyle(e, '::after').content));
	assert.deepEqual(await marks(), ['"−"', '"+"']);
	// Any two: 3.12 and 3.13.
	await page.getByLabel('The first').selectOption('3.13');
	assert.equal((await beside('3.13', '3.12'))[1], texts[1]);
	await page.getByRole('button', { name: 'Swap the two' }).click();
	const swapped = await beside('3.12', '3.13');
	assert.equal(swapped[0], texts[1]);
	// In one: what was, then what is.
	await page.getByRole('button', { name: 'Unified' }).click();
	await page.locator('.merge .cm-content[aria-label="3.12, changed to 3.13"]').waitFor();
	assert.equal(await sides.count(), 1);
	const line = (text) => text.split('\n')[1];
	const unified = await sides.innerText();
	assert.ok(unified.indexOf(line(swapped[0])) < unified.indexOf(line(swapped[1])), unified);
	assert.deepEqual(await marks(), ['"−"', '"+"']);
	// As a table.
	await page.getByText('The same as a table').click();
	const rows = await page
		.locator('.twin tbody tr')
		.evaluateAll((all) => all.map((tr) => [...tr.cells].map((td) => td.innerText.trim())));
	assert.deepEqual(rows, [
		['1', '1', 'both', 'same'],
		['2', '', '− 3.12', line(swapped[0])],
		['', '2', '+ 3.13', line(swapped[1])],
	]);
	// The server's own list, against the baseline.
	await page.getByText('All that differs from 3.11').click();
	assert.match(
		await page.locator('.against').first().innerText(),
		/but for the digits of addresses/,
	);
	// Of two that are the same there is nothing to be put beside each other.
	await aspect(page, 'bytecode');
	assert.match(await page.locator('.two').innerText(), /3\.\d+ and 3\.\d+ are the same here/);
	assert.equal(await page.locator('.merge').count(), 0);
});
