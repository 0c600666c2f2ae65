// What is done with comparisons on the page, as functions, and the server that its cases have.
//
// Where there is one CPython the others are the same behind tests/http/relay,
// which gives it another id: so they differ in addresses and times alone.
import { type } from './driver.mjs';
import { serving } from './suite.mjs';

serving.others = ['3.12', '3.13'];
// One after the other, so that results come one by one.
serving.args = ['--slots', '1'];
export const IDS = ['3.11', '3.12', '3.13'];

export const PATH = '/v1/comparisons';
export const OVER = '.results[aria-busy="false"]';

/** Does what starts a comparison, and waits for its end; what was asked. */
export async function comparing(page, start) {
	const [request] = await Promise.all([
		page.waitForRequest((r) => new URL(r.url()).pathname === PATH),
		start(),
	]);
	await page.locator(OVER).waitFor({ state: 'attached' });
	await page.locator('.compare-summary').waitFor({ state: 'attached' });
	return request.postDataJSON();
}

export const byKey = (page) => () => page.keyboard.press('Control+Shift+Enter');

export async function compareCode(page, code) {
	await type(page, code);
	return comparing(page, byKey(page));
}

export const aspect = (page, name) => page.locator(`[id="aspect-${name}"]`).click();
export const summary = (page) => page.locator('.compare-summary').textContent();
/** The cells of a row of the overview, by its first. */
export const row = (page, name) =>
	page
		.locator(`.beside [data-row="${name}"] td`)
		.evaluateAll((all) => all.map((e) => e.innerText.replace(/\s+/g, ' ').trim()));
export const headed = (page) =>
	page.locator('.beside thead th').evaluateAll((all) => all.slice(1).map((e) => e.innerText));
export const said = (page) => page.locator('.results > [role="status"]').textContent();

/** Answers as the server did, but as `change` would have it. */
export async function answering(page, change) {
	await page.route(`**${PATH}`, async (route) => {
		const reply = await route.fetch();
		const events = (await reply.text())
			.split('\n\n')
			.filter((e) => e.startsWith('event:'))
			.map((e) => /^event: (.+)\ndata: (.+)$/s.exec(e))
			.map(([, event, data]) => [event, JSON.parse(data)]);
		const body = change(events)
			.map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
			.join('');
		await route.fulfill({ status: 200, contentType: 'text/event-stream', body });
	});
}
