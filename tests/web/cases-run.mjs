// Running: what is typed, what comes out, and what is said when it cannot.
import assert from 'node:assert/strict';
import { runCode, running, type } from './driver.mjs';
import { python } from './harness.mjs';
import { test } from './suite.mjs';

test('says the exact version that Debian’s Python has', async ({ page }) => {
	const version = python('import json, platform; print(json.dumps(platform.python_version()))');
	await page.getByText(`CPython ${version}`, { exact: true }).waitFor();
});

test('with one CPython there is nothing to compare, and it is said how to have more', async ({
	page,
}) => {
	const empty = page.locator('#panel-output .empty');
	await empty.getByText('One CPython is installed here.').waitFor();
	assert.match(await empty.innerText(), /have more of them \(\s*make runtimes\s*\)/);
	assert.equal(await page.locator('.compare, .chooser, .runtimes').count(), 0);
	// Nor by its keys.
	await page.keyboard.press('Control+Shift+Enter');
	assert.ok(await page.getByText('Nothing has run yet').first().isVisible());
});

test('runs by the button and shows the output', async ({ page }) => {
	await type(page, 'print(6 * 7)\n');
	await running(page, () => page.getByRole('button', { name: 'Run' }).click());
	assert.equal(await page.locator('.stdout pre').textContent(), '42\n');
	assert.match(await page.locator('.status-line').innerText(), /exit 0.*cpu \d.*wall \d.*peak \d/s);
	assert.match(await page.getByRole('status').innerText(), /Finished, exit code 0\. 1 line/);
});

test('runs by Ctrl+Enter, with input and arguments', async ({ page }) => {
	await page.getByText('Input and arguments').click();
	await page.getByLabel('Standard input').fill('one\ntwo\n');
	await page.getByLabel('Arguments').fill('a b\nc');
	await runCode(page, 'import sys\nprint(input(), input(), sys.argv[1:])\n');
	assert.equal(await page.locator('.stdout pre').textContent(), "one two ['a b', 'c']\n");
});

test('keeps the two streams apart', async ({ page }) => {
	await runCode(page, 'import sys\nprint("out")\nprint("err", file=sys.stderr)\nsys.exit(3)\n');
	assert.equal(await page.locator('.stdout pre').textContent(), 'out\n');
	assert.equal(await page.locator('.stderr pre').textContent(), 'err\n');
	assert.match(await page.locator('.verdict').innerText(), /exit code 3/);
});

test('a syntax error is marked at its line', async ({ page }) => {
	const code = 'x = 1\nif x\n    print(x)\n';
	const [line, message] = python(
		`import json, sys
try:
    compile(sys.stdin.read(), 'main.py', 'exec')
except SyntaxError as e:
    print(json.dumps([e.lineno, e.msg]))`,
		code,
	);
	await runCode(page, code);
	assert.equal(await page.locator('.cm-errorLine').innerText(), code.split('\n')[line - 1]);
	assert.match(
		await page.locator('.cm-errorNote').innerText(),
		new RegExp(`SyntaxError: ${message}`),
	);
	assert.match(
		await page.locator('.verdict').innerText(),
		/SyntaxError on line 2.*did not compile/s,
	);
});

test('an exception leads to its line, markup in it stays text', async ({ page }) => {
	await runCode(page, 'def f():\n    raise ValueError("<img src=x onerror=alert(1)>")\n\nf()\n');
	assert.equal(await page.locator('.exc-message').innerText(), '<img src=x onerror=alert(1)>');
	assert.equal(await page.locator('img').count(), 0);
	await page.getByRole('button', { name: 'Go to line 2' }).click();
	await page.locator('.cm-activeLine', { hasText: 'raise ValueError' }).waitFor();
	await page.getByRole('button', { name: 'line 4, in <module>' }).click();
	await page.locator('.cm-activeLine', { hasText: /^f\(\)$/ }).waitFor();
});

test(
	'a problem of the server’s is shown in words',
	async ({ page }) => {
		// A lone surrogate cannot be JSON text, so the server must refuse it.
		await page.locator('.cm-content').click();
		await page.evaluate(() => document.execCommand('insertText', false, 'x = "\ud800"'));
		const reply = await running(page, () => page.keyboard.press('Control+Enter'));
		assert.ok(reply.status >= 400 && reply.status < 500);
		const problem = reply.body;
		const said = await page.getByRole('alert').filter({ visible: true }).innerText();
		assert.ok(said.includes(problem.title) && said.includes(problem.detail), said);
	},
	{ allow: /Failed to load resource.*4\d\d/ },
);

test(
	'a busy server and a lost one are told apart',
	async ({ page }) => {
		const pattern = '**/v1/runs';
		await page.route(pattern, (route) =>
			route.fulfill({
				status: 429,
				contentType: 'application/problem+json',
				headers: { 'Retry-After': '7' },
				body: JSON.stringify({
					title: 'Too many runs',
					status: 429,
					detail: 'All slots are taken.',
					errors: [{ pointer: '/limits/wall_ms', detail: 'at most 10000' }],
				}),
			}),
		);
		const alert = page.getByRole('alert').filter({ visible: true });
		await running(page, () => page.getByRole('button', { name: 'Run' }).click());
		assert.match(
			await alert.innerText(),
			/Too many runs.*All slots.*limits › wall_ms at most 10000.*in 7 seconds/s,
		);
		await page.unroute(pattern);
		await page.route(pattern, (route) => route.abort());
		await page.getByRole('button', { name: 'Run' }).click();
		await alert.filter({ hasText: 'could not be reached' }).waitFor();
		await page.unroute(pattern);
		await running(page, () => page.getByRole('button', { name: 'Run' }).click());
		await page.locator('.verdict').waitFor();
	},
	{ allow: /Failed to load resource/ },
);

test('the draft and the theme outlive a reload', async ({ page }) => {
	await type(page, 'kept = True\n');
	await page.getByRole('button', { name: /^Theme: system/ }).click();
	await page.getByRole('button', { name: /^Theme: light/ }).click();
	await page.getByRole('button', { name: /^Theme: dark/ }).waitFor();
	await page.reload();
	await page.locator('.cm-line', { hasText: 'kept = True' }).waitFor();
	assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
	const light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
	assert.equal(light, 'rgb(13, 16, 19)');
});

test(
	'high contrast: chosen, kept, and what the system asks for',
	async ({ page }) => {
		const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
		const shown = () => page.locator('html').getAttribute('data-theme');
		await page.emulateMedia({ colorScheme: 'dark' });
		for (const name of ['system', 'light', 'dark'])
			await page.getByRole('button', { name: new RegExp(`^Theme: ${name}`) }).click();
		await page.getByRole('button', { name: /^Theme: high contrast/ }).waitFor();
		assert.equal(await paper(), 'rgb(0, 0, 0)');
		// Before the page's own script, so that nothing flashes.
		await page.route('**/assets/main-*.js', (route) => route.abort());
		await page.reload();
		assert.deepEqual([await shown(), await paper()], ['contrast', 'rgb(0, 0, 0)']);
		await page.unroute('**/assets/main-*.js');
		await page.reload();
		await page.getByRole('button', { name: /^Theme: high contrast/ }).waitFor();
		await page.emulateMedia({ colorScheme: 'light' });
		assert.equal(await paper(), 'rgb(255, 255, 255)');
		// The system asks for it while the page is open; what was chosen goes before.
		await page.getByRole('button', { name: /^Theme: high contrast/ }).click();
		await page.getByRole('button', { name: /^Theme: system/ }).waitFor();
		assert.equal(await shown(), null);
		await page.emulateMedia({ contrast: 'more' });
		await page.locator('html[data-theme="contrast"]').waitFor();
		await page.reload();
		assert.equal(await shown(), 'contrast');
		await page.getByRole('button', { name: /^Theme: system/ }).click();
		await page.locator('html[data-theme="light"]').waitFor();
		await page.reload();
		assert.equal(await shown(), 'light');
	},
	{ allow: /net::ERR_FAILED/ },
);

test('each example runs to the end that it is meant to have', async ({ page }) => {
	const select = page.getByRole('combobox', { name: 'Examples' });
	const ids = await select
		.locator('option:not([disabled])')
		.evaluateAll((o) => o.map((e) => e.value));
	assert.ok(ids.length >= 5);
	for (const id of ids) {
		await select.selectOption(id);
		const reply = await running(page, () => page.keyboard.press('Control+Enter'));
		const { status, exception } = reply.body;
		// The one about exceptions ends in one on purpose.
		assert.equal(status, id === 'exceptions' ? 'error' : 'ok', `${id}: ${exception?.text}`);
	}
});
