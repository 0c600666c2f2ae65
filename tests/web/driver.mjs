// What a person does on the page, as functions.
import assert from 'node:assert/strict';

/** Opens the page at `path`, which is there once `shows` is, in a context of its own, listening for complaints. */
export async function open(browser, url, { path = '/', shows = '.cm-content', ...options } = {}) {
	const context = await browser.newContext({
		viewport: { width: 1280, height: 800 },
		...options,
	});
	const page = await context.newPage();
	const complaints = [];
	page.on('console', (m) => {
		if (m.type() === 'error' || m.type() === 'warning') complaints.push(m.text());
	});
	page.on('pageerror', (e) => complaints.push(`uncaught: ${e.message}`));
	await page.exposeFunction('complain', (text) => complaints.push(text));
	await page.addInitScript(() => {
		document.addEventListener('securitypolicyviolation', (e) =>
			window.complain(
				`CSP: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`,
			),
		);
	});
	// The browser's own tools do not keep what is read as it comes.
	await page.addInitScript(() => {
		const { fetch } = window;
		window.fetch = async (path, init) => {
			const reply = await fetch(path, init);
			if (path === '/v1/runs')
				window.lastRun = reply
					.clone()
					.text()
					.catch(() => '');
			return reply;
		};
	});
	page.setDefaultTimeout(15_000);
	await page.goto(new URL(path, url).href);
	await page.locator(shows).first().waitFor();
	return { page, context, complaints };
}

export async function type(page, code) {
	await page.locator('.cm-content').click({ position: { x: 60, y: 14 } });
	await page.keyboard.press('Control+a');
	await page.keyboard.insertText(code);
}

/** Does what starts a run, and waits until the page shows its reply: the status, and the result, or the problem. */
export async function running(page, start) {
	const [reply] = await Promise.all([
		page.waitForResponse((r) => new URL(r.url()).pathname === '/v1/runs'),
		start(),
	]);
	await page.locator('.results[aria-busy="false"]').waitFor({ state: 'attached' });
	const text = await page.evaluate(() => window.lastRun);
	const [, result = text] = text.match(/^event: result\ndata: ([^\n]*)$/m) ?? [];
	return { status: reply.status(), body: JSON.parse(result) };
}

export async function runCode(page, code) {
	await type(page, code);
	const { status, body } = await running(page, () => page.keyboard.press('Control+Enter'));
	assert.equal(status, 200, JSON.stringify(body));
	return body;
}

/** Has `change` alter what the server answers to runs, which then comes as one reply. */
export const altered = (page, change) =>
	page.route('**/v1/runs', async (route) => {
		const headers = { ...route.request().headers(), accept: 'application/json' };
		const response = await route.fetch({ headers });
		const result = await response.json();
		change(result);
		await route.fulfill({ response, json: result });
	});

/** Unticks all lenses but one: a long program under all of them takes its time. */
export async function onlyLens(page, title) {
	await page.getByText('Lenses', { exact: true }).click();
	for (const box of await page.locator('.drawer-checks input').all()) {
		const own = (await box.locator('..').innerText()).trim();
		if (own !== title) await box.uncheck();
	}
}

/** Opens a tab, and waits for what it shows: that is loaded when it is first looked at. */
export async function tab(page, id) {
	await page.locator(`#tab-${id}`).click();
	await page.locator(`#panel-${id} > :not([aria-busy])`).first().waitFor({ state: 'attached' });
}

/** Puts the caret on a line with the keyboard. */
export async function caretTo(page, line) {
	await page.locator('.cm-content').focus();
	await page.keyboard.press('Control+Home');
	for (let i = 1; i < line; i++) await page.keyboard.press('ArrowDown');
}

/** The rows of a panel that are marked as being about the current line. */
export const markedLines = (page, id) =>
	page
		.locator(`#panel-${id} [aria-current="true"]`)
		.evaluateAll((rows) => rows.map((row) => Number(row.dataset.line)));

export const linkedLine = (page) => page.locator('.cm-linkedLine').innerText();
