// Makes the README's pictures of the built page: `make screenshot`.
import { open, running, tab, type } from './driver.mjs';
import { fetched, startBrowser, startServer } from './harness.mjs';

const NAMES = `class Node:
    pass

a = Node()
b = a                # a second name
pair = [a, b]        # two slots of a list
a.me = a             # an attribute: a cycle
del b
pair.clear()
print(a is a.me)
`;

const VERSIONS = `import gc

def squares(numbers):
    return [n * n for n in numbers]

print(squares([1, 2, 3]))
print(gc.get_threshold())
`;

const server = await startServer({ more: fetched() });
const browser = await startBrowser();
const look = (colorScheme) =>
	open(browser, server.url, {
		viewport: { width: 1200, height: 640 },
		deviceScaleFactor: 1.5,
		colorScheme,
	});

async function references() {
	const { page } = await look('light');
	await type(page, NAMES);
	await running(page, () => page.keyboard.press('Control+Enter'));
	await tab(page, 'refcounts');
	await page.locator('#rc-5').click();
	await page.locator('.spark').first().scrollIntoViewIfNeeded();
	await page.screenshot({ path: 'docs/screenshot.png' });
}

async function versions() {
	const { page } = await look('dark');
	await type(page, VERSIONS);
	await page.keyboard.press('Control+Shift+Enter');
	await page.locator('.results[aria-busy="false"] .compare-summary').waitFor();
	await page.screenshot({ path: 'docs/screenshot-compare.png' });
}

await references();
if (fetched().length > 0) await versions();
else console.log('docs/screenshot-compare.png stays: there is one CPython here; make runtimes');
await browser.close();
await server.stop();
