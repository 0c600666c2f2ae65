// Short links, which the server keeps: made, opened, over, taken back.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { axe, fitsIn, loadAxe, small } from './access.mjs';
import { type } from './driver.mjs';
import { source } from './source-module.mjs';
import { phone, serving, test } from './suite.mjs';

const { encode } = await source('share/format');
const permissions = ['clipboard-read', 'clipboard-write'];
const at = mkdtempSync(join(tmpdir(), 'vitrine-links-'));
serving.args = ['--links', at, '--links-per-client', '0'];

const lines = (page) =>
	page
		.locator('.cm-line')
		.allInnerTexts()
		.then((all) => all.map((l) => l.replace(/\n$/, '')).join('\n'));
const notice = (page) => page.locator('.link-notice');

async function menu(page) {
	await page.getByRole('button', { name: 'Share', exact: true }).click();
	await page.locator('.share-menu button:focus').waitFor();
}

/** The address that is copied. */
async function short(page) {
	await page.getByRole('button', { name: /^Short link/ }).click();
	await page.locator('.copied:not(:empty)').waitFor();
	return page.evaluate(() => navigator.clipboard.readText());
}

async function store(page, value) {
	const link = await encode(value);
	return page.evaluate(async (link) => {
		const reply = await fetch('/v1/links', {
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify({ link }),
		});
		return (await reply.json()).url;
	}, link);
}

test(
	'by keyboard: a short link is made, opened elsewhere, edited, and taken back here',
	async ({ page, server }) => {
		await type(page, 'print("short")\n');
		const posts = [];
		page.on('request', (r) => r.method() !== 'GET' && posts.push(r.method() + r.url()));
		await page.getByRole('button', { name: 'Share', exact: true }).focus();
		await page.keyboard.press('Enter');
		await page.locator('.share-menu button:focus').waitFor();
		// Nothing is stored by looking.
		assert.deepEqual([posts, readdirSync(at)], [[], []]);
		await page.keyboard.press('ArrowDown');
		await page.keyboard.press('Tab');
		const before = Date.now();
		await page.keyboard.press('ArrowDown');
		assert.equal(await page.getByLabel('Kept for').inputValue(), '1');
		await page.keyboard.press('Shift+Tab');
		await page.keyboard.press('Enter');
		await page.locator('.copied:not(:empty)').waitFor();
		const link = await page.evaluate(() => navigator.clipboard.readText());
		assert.match(link, new RegExp(`^${server.url}s/[0-9a-z]{26}$`));
		const [name] = readdirSync(at);
		assert.equal(link, `${server.url}s/${name}`);
		// The same once more is the same share.
		await page.keyboard.press('Enter');
		await page.locator('.copied', { hasText: String(link.length) }).waitFor();
		assert.equal(posts.length, 1);
		const [mine] = await page.evaluate(() => JSON.parse(localStorage.getItem('vitrine.links.1')));
		assert.equal(mine.title, 'print("short")');
		const year = (Date.parse(mine.until) - before) / 86_400_000;
		assert.ok(364.9 < year && year < 365.1, mine.until);

		const other = await page.context().browser().newContext();
		const there = await other.newPage();
		await there.goto(link);
		await notice(there).getByText('This came by a link.').waitFor();
		assert.equal(await lines(there), 'print("short")\n');
		assert.equal(there.url(), link);
		await notice(there).getByText('Nothing of it has run.').waitFor();
		await there.keyboard.press('Control+Enter');
		await there.locator('#panel-output', { hasText: 'short' }).waitFor();
		assert.equal(there.url(), link);
		await type(there, 'print(2)\n');
		await there.waitForURL(server.url);
		assert.equal(await there.evaluate(() => localStorage.getItem('vitrine.links.1')), null);

		// Taken back by who made it, by keyboard.
		await page.getByText('Your short links: 1').focus();
		await page.keyboard.press('Enter');
		await page.keyboard.press('Tab');
		await page.keyboard.press('Tab');
		assert.equal(
			await page.evaluate(() => document.activeElement.getAttribute('aria-label')),
			'Delete it: print("short")',
		);
		await page.keyboard.press('Enter');
		await page.locator('.copied', { hasText: 'It is taken back' }).waitFor();
		assert.deepEqual(readdirSync(at), []);
		assert.equal(await page.getByText(/Your short links/).count(), 0);
		await other.close();
		// Whoever has not read it lately, and so has it in no cache, is told.
		const third = await page.context().browser().newContext();
		const late = await third.newPage();
		await late.goto(link);
		await notice(late).getByText('The link could not be opened.').waitFor();
		await notice(late).getByText('it never was, it is over, or it was taken back').waitFor();
		await third.close();
	},
	{ permissions },
);

test(
	'a draft is kept, and the address of a short link goes with it',
	async ({ page, server }) => {
		await type(page, 'mine = 1\n');
		await page.waitForFunction(() =>
			(localStorage.getItem('vitrine.draft.1') ?? '').includes('mine = 1'),
		);
		const url = await store(page, { code: 'theirs = 2\n' });
		await page.goto(new URL(url, server.url).href);
		await notice(page).getByText('Your own draft is kept.').waitFor();
		assert.equal(await lines(page), 'theirs = 2\n');
		await page.getByRole('button', { name: 'Back to my draft' }).click();
		assert.equal(await lines(page), 'mine = 1\n');
		assert.equal(page.url(), server.url);
		// A long link that follows is shown.
		await page.goto(new URL(`${url}#${await encode({ code: 'long = 3\n' })}`, server.url).href);
		await page.locator('.cm-line', { hasText: 'long = 3' }).waitFor();
	},
	{ permissions },
);

test(
	'a link that is not there, or damaged, leaves the page as it is and says why',
	async ({ page, server }) => {
		await type(page, 'mine = 1\n');
		const url = await store(page, { code: 'theirs = 2\n' });
		for (const [name, says] of [
			['0'.repeat(26), 'There is no link of that name here'],
			[url.slice(3), 'it never was, it is over, or it was taken back'],
		]) {
			if (url.endsWith(name)) unlinkSync(join(at, name));
			await page.goto(new URL(`/s/${name}`, server.url).href);
			await notice(page).getByText(says).waitFor();
			assert.equal(await lines(page), 'mine = 1\n');
		}
	},
	{ permissions, allow: /404/ },
);

test(
	'a share that cannot be made, or taken back, is told in words',
	async ({ page }) => {
		await menu(page);
		await page.route('**/v1/links**', (route) => route.abort());
		await page.getByRole('button', { name: /^Short link/ }).click();
		await page
			.locator('.copied', { hasText: 'It was not stored. The server could not be' })
			.waitFor();
		await page.unroute('**/v1/links**');
		await page.route('**/v1/links', (route) =>
			route.fulfill({
				status: 507,
				contentType: 'application/problem+json',
				body: '{"title": "Full", "status": 507, "detail": "No room for it.", "type": "/problems/links-full"}',
			}),
		);
		await page.getByRole('button', { name: /^Short link/ }).click();
		await page.locator('.copied', { hasText: 'It was not stored. No room for it.' }).waitFor();
		await page.unroute('**/v1/links');
		await page.getByRole('button', { name: /^Short link/ }).click();
		await page.getByText('Your short links: 1').click();
		await page.route('**/v1/links/**', (route) => route.abort());
		await page.getByRole('button', { name: /^Delete it/ }).click();
		await page.locator('.copied', { hasText: 'It was not taken back.' }).waitFor();
		// It is still listed, to be tried again.
		await page.unroute('**/v1/links/**');
		await page.getByRole('button', { name: /^Delete it/ }).click();
		await page.locator('.copied', { hasText: 'It is taken back' }).waitFor();
	},
	{ permissions, allow: /507|net::ERR_FAILED/ },
);

for (const [where, device] of [
	['', {}],
	[' on a phone', phone],
])
	test(
		`axe finds nothing serious in the box with short links${where}`,
		async ({ page }) => {
			await loadAxe(page);
			await menu(page);
			await short(page);
			await page.getByText(/Your short links/).click();
			await axe(page, 'short links');
			assert.deepEqual(await small(page), []);
			if (device === phone) await fitsIn(page, 390, 'short links');
		},
		{ permissions, ...device },
	);

test(
	'a frame shows a stored link, and opens the page with it',
	async ({ page, server }) => {
		const url = await store(page, { code: 'print("framed")\n' });
		await page.goto(new URL(`/e/?link=${url.slice(3)}`, server.url).href);
		await page.locator('.cm-line', { hasText: 'framed' }).waitFor();
		assert.equal(
			await page.getByRole('link', { name: 'Open in Vitrine' }).getAttribute('href'),
			url,
		);
		await page.goto(new URL(`/e/?link=${'0'.repeat(26)}`, server.url).href);
		await notice(page).getByText('There is no link of that name here').waitFor();
	},
	{ permissions, allow: /404/ },
);
