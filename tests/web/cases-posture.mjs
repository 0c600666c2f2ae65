// The page at /posture: what holds, and attacks that anybody can watch.
import assert from 'node:assert/strict';
import { axe, fitsIn, loadAxe, small } from './access.mjs';
import { phone, test } from './suite.mjs';

const here = { path: '/posture', shows: 'tr[data-probe]' };
const rows = (page) =>
	page
		.locator('tr[data-probe]')
		.evaluateAll((all) =>
			all.map((r) => [r.dataset.probe, r.dataset.state, r.children[1].innerText]),
		);
const posture = async (page) =>
	(await page.request.get(new URL('/v1/posture', page.url()).href)).json();
const button = (page) => page.getByRole('button', { name: 'Attack this server' });
const made = (page) =>
	page.waitForFunction(() => !document.querySelector('tr[data-probe]:not([data-state="made"])'));

test(
	'shows the layers that hold, and what the probes came to at the start',
	async ({ page }) => {
		const said = await posture(page);
		const layers = await page
			.locator('section')
			.first()
			.locator('tbody tr')
			.evaluateAll((all) => all.map((r) => [r.children[0].innerText, r.children[1].innerText]));
		assert.deepEqual(
			layers,
			said.runtimes[0].layers.map((l) => [l.name, l.holds ? '✓ yes' : '✕ no']),
		);
		assert.deepEqual(
			await rows(page),
			said.probes.map((p) => [
				p.name,
				'at start',
				p.stopped_by.length ? `✓ stopped by ${p.stopped_by.join(', ')}` : '✓ as it must be',
			]),
		);
		const n = said.probes.length;
		assert.match(
			await page.getByRole('status').innerText(),
			new RegExp(`^${n} of ${n} .* started`),
		);
		await page.getByText('socket', { exact: true }).click();
		assert.match(await page.locator('tr[data-probe="socket"] pre').innerText(), /socket\.AF_INET/);
	},
	here,
);

test(
	'anybody can attack the server, and watches which layer stops each attack',
	async ({ page }) => {
		const before = await rows(page);
		const asked = [];
		page.on('request', (r) => {
			if (r.method() === 'POST') asked.push(new URL(r.url()).pathname);
		});
		// Held back until it was seen that the row says so.
		let go;
		const held = new Promise((done) => {
			go = done;
		});
		await page.route(/\/probes\/host-file\?runtime=3\.11$/, async (route) => {
			await held;
			await route.continue();
		});
		await button(page).click();
		await page.locator('tr[data-probe="host-file"][data-state="runs"]').waitFor();
		assert.equal((await rows(page)).find(([name]) => name === 'exec')[1], 'waits');
		// A second click while it attacks does nothing.
		await button(page).dispatchEvent('click');
		go();
		await made(page);
		assert.deepEqual(
			await rows(page),
			before.map(([name, , words]) => [name, 'made', words]),
		);
		assert.deepEqual(
			asked,
			before.map(([name]) => `/v1/posture/probes/${name}`),
		);
		assert.match(await page.getByRole('status').innerText(), /just now/);
	},
	here,
);

test(
	'an attack that gets through, and one that cannot be made, are said so',
	async ({ page }) => {
		const through = (name, missing) => ({
			json: {
				name,
				runtime: '3.11',
				what: '',
				passed: false,
				stopped_by: [],
				missing,
				got: 'done',
				wall_ns: 1,
			},
		});
		await page.route(/\/probes\/socket\?/, (route) => route.fulfill(through('socket', [])));
		await page.route(/\/probes\/fork\?/, (route) => route.fulfill(through('fork', ['rlimits'])));
		await page.route(/\/probes\/exec\?/, (route) =>
			route.fulfill({ status: 503, json: { title: 'Too busy', detail: 'Try again.' } }),
		);
		await button(page).click();
		await page.locator('tr[data-probe="privileges"][data-state="made"]').waitFor();
		const found = Object.fromEntries((await rows(page)).map(([name, , words]) => [name, words]));
		assert.match(found.socket, /✕ .*“done”/);
		assert.match(found.fork, /✕ got through: rlimits is missing, as the operator allowed.*“done”/s);
		assert.match(found.exec, /not made: Too busy\. Try again\./);
		const words = await page.getByRole('status').innerText();
		assert.match(words, /^6 of 9/);
		assert.match(await page.getByRole('status').getAttribute('class'), /bad/);
	},
	{ ...here, allow: /503/ },
);

for (const [where, options] of [
	['in light', {}],
	['in dark on a phone', { ...phone, colorScheme: 'dark' }],
	['in high contrast', { contrast: 'more' }],
])
	test(
		`/posture: axe finds nothing serious, targets are large enough, it fits, ${where}`,
		async ({ page }) => {
			await loadAxe(page);
			await page.locator('summary').first().click();
			await axe(page, 'posture');
			assert.deepEqual(await small(page), []);
			await fitsIn(page, page.viewportSize().width, 'posture');
		},
		{ ...here, ...options },
	);

test('the playground leads there and back', async ({ page }) => {
	await page.getByRole('link', { name: 'Confinement' }).click();
	await page.locator('tr[data-probe]').first().waitFor();
	await page.getByRole('link', { name: 'Vitrine' }).click();
	await page.locator('.cm-content').waitFor();
});
