// Makes docs/screenshot.png from the built page: `make screenshot`.
import { open, running, tab, type } from './driver.mjs';
import { startBrowser, startServer } from './harness.mjs';

const CODE = `class Node:
    pass

a = Node()
b = a                # a second name
pair = [a, b]        # two slots of a list
a.me = a             # an attribute: a cycle
del b
pair.clear()
print(a is a.me)
`;

const server = await startServer();
const browser = await startBrowser();
const { page } = await open(browser, server.url, {
	viewport: { width: 1200, height: 640 },
	deviceScaleFactor: 1.5,
	colorScheme: 'light',
});
await type(page, CODE);
await running(page, () => page.keyboard.press('Control+Enter'));
await tab(page, 'refcounts');
await page.locator('#rc-5').click();
await page.locator('.spark').first().scrollIntoViewIfNeeded();
await page.screenshot({ path: 'docs/screenshot.png' });
await browser.close();
await server.stop();
