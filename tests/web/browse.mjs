// Runs the cases that were gathered, each in a page of its own: the built
// server, a real browser.
import assert from 'node:assert/strict';
import { open } from './driver.mjs';
import { hasBrowser, skipAll, startBrowser, startServer, tap } from './harness.mjs';
import { cases, serving } from './suite.mjs';

if (!hasBrowser()) skipAll('chromium is not installed');

const server = await startServer(serving);
const browser = await startBrowser();
const failed = await tap(
	cases.map((c) => ({ name: c.name, run: c })),
	async ({ body, allow, options }) => {
		const { page, context, complaints } = await open(browser, server.url, options);
		try {
			await body({ page, server });
			assert.deepEqual(
				complaints.filter((text) => !allow.test(text)),
				[],
				'the browser complained',
			);
		} finally {
			await context.close();
		}
	},
);
await browser.close();
await server.stop();
process.exit(failed > 0 ? 1 : 0);
