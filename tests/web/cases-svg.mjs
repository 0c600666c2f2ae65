// Pictures that are saved: read by Python's XML parser, opened alone by the browser, and held against the page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { runCode, tab } from './driver.mjs';
import { python } from './harness.mjs';
import { test } from './suite.mjs';

/** What is in a file: elements by class, its words, and whatever could lead elsewhere. */
const READ = `
import collections, json, sys, xml.etree.ElementTree as E
root = E.fromstring(sys.stdin.buffer.read())
S = "{http://www.w3.org/2000/svg}"
count, leads, ids = collections.Counter(), [], set()
for e in root.iter():
    assert e.tag.startswith(S), e.tag
    count[e.tag[len(S):] + "." + e.get("class", "")] += 1
    ids.add(e.get("id"))
    leads += [f"{k}={v}" for k, v in e.attrib.items()
              if "href" in k or k in ("src", "style") or k.startswith("on") or "url(" in v and not v.startswith("url(#")]
    leads += [v for v in e.attrib.values() if v.startswith("url(#") and v[5:-1] not in ids and root.find(f".//*[@id='{v[5:-1]}']") is None]
    leads += [e.tag] if e.tag[len(S):] in ("script", "style", "image", "use", "foreignObject") else []
print(json.dumps({"root": root.tag[len(S):], "count": count, "leads": leads, "label": root.get("aria-labelledby"),
    "title": root.findtext(S + "title"), "desc": root.findtext(S + "desc"), "texts": [t.text for t in root.iter(S + "text")],
    "paths": [p.get("d") for p in root.iter(S + "path")]}))`;

async function saved(page, panel) {
	const [download] = await Promise.all([
		page.waitForEvent('download'),
		page.locator(`#panel-${panel} .save-svg`).click(),
	]);
	assert.equal(download.suggestedFilename(), `vitrine-${panel}.svg`);
	const path = await download.path();
	const read = python(READ, readFileSync(path, 'utf8'));
	assert.deepEqual([read.root, read.leads, read.label], ['svg', [], 'title desc']);
	const drawn = page.locator(`#panel-${panel} svg[aria-label]`);
	const sentence = (await drawn.count())
		? await drawn.first().getAttribute('aria-label')
		: await page.locator(`#panel-${panel} .prose p`).first().innerText();
	assert.ok(read.desc.startsWith(sentence), read.desc);
	return { path, ...read };
}

/** The colours of the first of each kind, in the file alone. */
async function alone(page, path, kinds) {
	const other = await page.context().browser().newContext({ offline: true });
	const there = await other.newPage();
	const asked = [];
	there.on('request', (r) => asked.push(r.url()));
	// A name that says what it is: the browser's own has none.
	const { href } = new URL(`file://${path}`);
	await there.route('**/picture.svg', (route) =>
		route.fulfill({ contentType: 'image/svg+xml', body: readFileSync(new URL(href), 'utf8') }),
	);
	await there.goto('http://picture.invalid/picture.svg');
	const seen = await there.evaluate(
		(kinds) => [
			document.documentElement.nodeName,
			...kinds.map((kind) => {
				const e = document.querySelector(kind);
				const { fill, stroke } = getComputedStyle(e);
				return [fill, stroke, e.getBoundingClientRect().width > 0];
			}),
		],
		kinds,
	);
	await other.close();
	assert.deepEqual(asked, ['http://picture.invalid/picture.svg']);
	assert.equal(seen[0], 'svg');
	return seen.slice(1);
}

const looks = (page, panel, kinds) =>
	page.evaluate(
		([panel, kinds]) =>
			kinds.map((kind) => {
				const { fill, stroke } = getComputedStyle(document.querySelector(`#${panel} ${kind}`));
				return [fill, stroke, true];
			}),
		[`panel-${panel}`, kinds],
	);

const NAME = '<a href="x">&"\'\u0001]]>é';
const THREADS = `import threading, time
def work():
    for _ in range(3):
        time.sleep(0.002)
t = threading.Thread(target=work, name=${JSON.stringify(NAME)})
t.start(); t.join()
`;

for (const colorScheme of ['light', 'dark'])
	test(
		`threads, in ${colorScheme}: as many spans as the table has rows, in the colours of the page`,
		async ({ page }) => {
			await runCode(page, THREADS);
			await tab(page, 'threads');
			await page.locator('#panel-threads .lane').nth(1).waitFor();
			const file = await saved(page, 'threads');
			const rows = page.locator('table', { hasText: 'Who had it, one after the other' });
			const holds = await rows.locator('tbody tr').count();
			assert.ok(holds > 3);
			// One more is in the key.
			assert.equal(file.count['rect.held'], holds + 1);
			assert.equal(file.title, 'Threads of main.py');
			assert.ok(file.texts.includes(NAME.replace('\u0001', '\ufffd')), file.texts.join('|'));
			assert.ok(!file.texts.includes('Nearer') && !file.texts.includes('Save as SVG'));
			// Words as the page has them, each where it stands there.
			assert.deepEqual(file.texts.slice(0, 2).concat(file.texts[2].split(' ')[1]), [
				'0 ns',
				'to',
				(await page.locator('#panel-threads figcaption').innerText()).split(/\s+/)[4],
			]);
			const kinds = ['rect.held', 'line.life'];
			assert.deepEqual(await alone(page, file.path, kinds), await looks(page, 'threads', kinds));
			// A part: what is shown is saved, and its time stands there.
			await page.locator('#panel-threads').getByRole('button', { name: 'Nearer' }).click();
			const part = await saved(page, 'threads');
			const on = await page.locator('#panel-threads .lane rect.held').count();
			assert.equal(part.count['rect.held'], on + 1);
			assert.notDeepEqual(part.texts, file.texts);
		},
		{ colorScheme },
	);

test('tasks: a span for each step of each task, with the pattern that is used', async ({
	page,
}) => {
	await runCode(
		page,
		'import asyncio\nasync def one(n):\n    for _ in range(n):\n        await asyncio.sleep(0)\nasync def main():\n    await asyncio.gather(one(2), one(3))\nasyncio.run(main())\n',
	);
	await tab(page, 'tasks');
	await page.locator('#panel-tasks .lane').nth(2).waitFor();
	const file = await saved(page, 'tasks');
	const table = page.locator('table', { hasText: 'Tasks, in the order in which they were made' });
	const heads = await table.locator('thead th').allInnerTexts();
	const at = heads.findIndex((h) => h.startsWith('Steps'));
	const steps = await table
		.locator('tbody tr')
		.evaluateAll((all, at) => all.map((r) => Number(r.children[at].innerText)), at);
	assert.equal(file.count['rect.runs'], steps.reduce((a, b) => a + b) + 1);
	assert.equal(file.count['pattern.'], 1);
});

test('memory, frames and references: the same curves, with what they say', async ({ page }) => {
	await runCode(page, 'a = []\nfor i in range(50):\n    a.append([i] * 1000)\nb = a\ndel a[10:]\n');
	for (const id of ['memory', 'refcounts']) {
		await tab(page, id);
		const svg = page.locator(`#panel-${id} svg[aria-label]`);
		await svg.first().waitFor();
		const file = await saved(page, id);
		const drawn = await page
			.locator(`#panel-${id} :is(.band, .sparks) svg path`)
			.evaluateAll((all) => all.map((p) => p.getAttribute('d')));
		assert.ok(drawn.length >= 3);
		assert.deepEqual(file.paths, drawn, id);
		assert.equal(
			file.desc,
			(await svg.evaluateAll((all) => all.map((s) => s.ariaLabel))).join('. '),
		);
	}
});
