// The page at /e/ in the frame of a page of another origin.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { axe, fitsIn, loadAxe, small } from './access.mjs';
import { source } from './source-module.mjs';
import { test } from './suite.mjs';

const { encode } = await source('share/format');
const { embedOf } = await source('share/quote');

/** A page of another origin, which is another port, with that HTML in it; closes it at the end. */
async function within(html, body) {
	const server = createServer((_, reply) => {
		reply.setHeader('Content-Type', 'text/html; charset=utf-8');
		reply.end(
			`<!doctype html><html lang="en"><title>Another</title><main><h1>A</h1>${html}</main>`,
		);
	});
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	try {
		await body(`http://127.0.0.1:${server.address().port}/`);
	} finally {
		server.closeAllConnections();
		server.close();
	}
}

const SHARED = {
	code: 'import sys\nrow = [1, 2]\nprint(len(row), sys.argv[1:], input())\n',
	stdin: 'in\n',
	args: ['one'],
	lenses: { bytecode: { adaptive: true }, gc: {}, steps: {} },
	panel: 'gc',
	runtime: '3.11',
};

const frameOf = async (page) => {
	const frame = page.frameLocator('iframe');
	await frame.locator('.cm-content').waitFor();
	return frame;
};

/** Storage is refused to frames of others in some browsers: each look at it fails. */
const refuseStorage = (page) =>
	page.context().addInitScript(() => {
		if (window.top === window) return;
		Object.defineProperty(window, 'localStorage', {
			get() {
				throw new DOMException('Access is denied for this document.', 'SecurityError');
			},
		});
	});

for (const refused of [false, true])
	test(`in a frame of another origin${refused ? ', without storage' : ''}: nothing runs until Run is pressed, and nothing is kept`, async ({
		page,
		server,
	}) => {
		if (refused) await refuseStorage(page);
		const posts = [];
		page.on('request', (r) => {
			if (r.method() === 'POST') posts.push(r.postDataJSON());
		});
		const link = await encode(SHARED);
		const html = embedOf(`${server.url}e/#${link}`);
		await within(html, async (other) => {
			await page.goto(other);
			const frame = await frameOf(page);
			assert.equal((await frame.locator('.cm-line').allInnerTexts())[1], 'row = [1, 2]');
			await frame.getByText('Not run yet').waitFor();
			await frame.getByText('CPython 3.11').waitFor();
			assert.deepEqual(posts, []);
			// What the link holds, and not only what is seen of it, is in the whole page.
			const open = frame.getByRole('link', { name: 'Open in Vitrine' });
			assert.equal(await open.getAttribute('href'), `/#${link}`);
			await frame.getByRole('button', { name: /^Run/ }).click();
			await frame.locator('#panel-gc').waitFor();
			await frame.getByRole('tab', { name: 'Output' }).click();
			await frame.locator('#panel-output pre', { hasText: "2 ['one'] in" }).waitFor();
			const { code, stdin, args, runtime } = SHARED;
			assert.deepEqual(posts, [{ code, lenses: { gc: {} }, stdin, args, runtime }]);
			assert.deepEqual(await frame.getByRole('tab').allInnerTexts(), ['Output', 'GC']);
			await frame.getByRole('tab', { name: 'Output' }).press('ArrowRight');
			assert.equal(
				await frame.getByRole('tab', { name: 'GC' }).getAttribute('aria-selected'),
				'true',
			);
			// Edited, it is the edited one that the whole page is opened with.
			await frame.locator('.cm-content').click();
			await page.keyboard.press('Control+a');
			await page.keyboard.insertText('print(7)\n');
			await frame.getByText('Edited since this run.').waitFor();
			const popup = page.waitForEvent('popup');
			await frame.getByRole('link', { name: 'Open in Vitrine' }).click();
			const whole = await popup;
			await whole.locator('.link-notice').waitFor();
			assert.equal(await whole.locator('.cm-line').first().innerText(), 'print(7)');
			assert.match(await whole.locator('.drawer').nth(1).innerText(), /Steps · Bytecode · GC/);
			assert.match(await whole.locator('.drawer').nth(0).innerText(), /1 line · 1 argument/);
			await whole.close();
			// Control and Enter run it, as on the page.
			await frame.locator('.cm-content').press('Control+Enter');
			await frame.getByRole('tab', { name: 'Output' }).click();
			await frame.locator('#panel-output pre', { hasText: '7' }).waitFor();
			// It is of one site with the page, which is open at first and keeps its draft.
			if (!refused) {
				const inside = page.frames().find((f) => f.url().startsWith(server.url));
				const kept = await inside.evaluate(() => JSON.stringify(localStorage));
				assert.ok(kept.includes('vitrine.draft.1') && !kept.includes('print(7)'), kept);
			}
		});
	});

test('what the address asks for: a lens, a runtime, a theme, and to be read only', async ({
	page,
	server,
}) => {
	const link = await encode(SHARED);
	await page.goto(`${server.url}e/?theme=contrast#${link}`);
	assert.equal(await page.locator('html').getAttribute('data-theme'), 'contrast');
	const ask = (query) =>
		`<iframe src="${server.url}e/?${query}#${link}" title="x" width="600" height="400"></iframe>`;
	await within(ask('lens=bytecode&runtime=3.12&theme=dark&readonly=1'), async (other) => {
		await page.goto(other);
		const frame = await frameOf(page);
		assert.equal(await frame.locator('html').getAttribute('data-theme'), 'dark');
		await frame.locator('.cm-content').press('Control+a');
		await page.keyboard.type('x');
		assert.equal((await frame.locator('.cm-line').allInnerTexts())[1], 'row = [1, 2]');
		const [posted] = await Promise.all([
			page.waitForRequest((r) => r.method() === 'POST'),
			frame.getByRole('button', { name: /^Run/ }).click(),
		]);
		const { lenses, runtime } = posted.postDataJSON();
		assert.deepEqual([lenses, runtime], [{ bytecode: { adaptive: true } }, '3.12']);
		await frame.locator('#panel-bytecode [data-line]').first().waitFor();
	});
	for (const [query, words] of [
		['lens=flux', 'the lens flux'],
		['runtime=3.99', 'CPython 3.99, which is not installed here'],
	])
		await within(ask(query), async (other) => {
			await page.goto(other);
			await (await frameOf(page)).locator('.link-notice').getByText(words).waitFor();
		});
	for (const [hash, words] of [
		['', 'There is no snippet in the address'],
		['#1:abc', 'damaged or not whole'],
	])
		await within(`<iframe src="${server.url}e/${hash}" title="x"></iframe>`, async (other) => {
			await page.goto(other);
			const frame = await frameOf(page);
			await frame.getByRole('alert').getByText(words).waitFor();
			assert.equal((await frame.locator('.cm-content').innerText()).trim(), '');
		});
});

test(
	'the page itself is not for frames',
	async ({ page, server }) => {
		for (const path of ['', 'posture', 'index.html'])
			await within(`<iframe src="${server.url}${path}" title="x"></iframe>`, async (other) => {
				const refused = page.waitForEvent('console', (m) => m.text().includes('frame-ancestors'));
				await page.goto(other);
				await refused;
				assert.equal(await page.frameLocator('iframe').locator('#app').count(), 0, path);
			});
	},
	{ allow: /frame-ancestors|chrome-error/ },
);

for (const [colorScheme, width, height] of [
	['light', 1280, 460],
	['dark', 390, 460],
	['light', 320, 400],
])
	test(
		`a frame of ${width} px, ${colorScheme}: it fits, targets are large enough, axe finds nothing`,
		async ({ page, server }) => {
			await loadAxe(page);
			await page.goto(`${server.url}e/?lens=bytecode#${await encode(SHARED)}`);
			await loadAxe(page);
			await page.locator('.cm-content').waitFor();
			await fitsIn(page, width, 'before the run');
			await axe(page, 'before the run');
			await page.getByRole('button', { name: /^Run/ }).click();
			await page.locator('#panel-bytecode [data-line]').first().waitFor();
			await fitsIn(page, width, 'after the run');
			await axe(page, 'after the run');
			assert.deepEqual(await small(page), []);
			// By keyboard: the link, Run, the editor; Escape and Tab leave it.
			await page.locator('.open').focus();
			await page.keyboard.press('Tab');
			await page.locator('.run:focus').waitFor();
			await page.keyboard.press('Tab');
			await page.locator('.editor:focus').waitFor();
			await page.keyboard.press('Escape');
			await page.keyboard.press('Tab');
			await page.locator('summary:focus').waitFor();
			await page.keyboard.press('Tab');
			await page.locator('#tab-bytecode:focus').waitFor();
		},
		{ colorScheme, viewport: { width, height } },
	);
