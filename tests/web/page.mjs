// The page as people use it: what is typed, run and shown, by mouse, by
// keyboard alone, and on a phone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { caretTo, linkedLine, markedLines, open, runCode, running, tab, type } from './driver.mjs';
import {
	axeSource,
	hasBrowser,
	python,
	skipAll,
	startBrowser,
	startServer,
	tap,
} from './harness.mjs';

if (!hasBrowser()) skipAll('chromium is not installed');

const server = await startServer();
const browser = await startBrowser();
const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

const cases = [];
/** One case in a page of its own; it fails on any complaint of the browser
 * that `allow` does not expect. */
function test(name, body, { allow = /^$/, ...options } = {}) {
	cases.push({ name, body, allow, options });
}

const DIS = `
import dis, json, sys, types
def walk(code):
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from walk(const)
source = sys.stdin.read()
print(json.dumps([[[i.offset, i.opname, i.argrepr.split(' at 0x')[0], i.positions.lineno, i.positions.end_lineno,
    i.positions.col_offset, i.positions.end_col_offset, i.is_jump_target] for i in dis.get_instructions(c)]
    for c in walk(compile(source, '/box/main.py', 'exec'))]))
`;

// The é and the 🐍 make columns in bytes differ from columns in UTF-16.
const CODE = `def f(n):
    total = 0
    for i in range(n):
        total += len("é🐍" + str(i)) * 2
    return total


print(f(100))
`;

test('says the exact version that Debian’s Python has', async ({ page }) => {
	const version = python('import json, platform; print(json.dumps(platform.python_version()))');
	await page.getByText(`CPython ${version}`, { exact: true }).waitFor();
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

test('bytecode is what dis says', async ({ page }) => {
	await runCode(page, CODE);
	await tab(page, 'bytecode');
	const want = python(DIS, CODE).map((code) =>
		code.map(([offset, op, argrepr, , , , , target]) => [String(offset), op, argrepr, target]),
	);
	const got = await page
		.locator('#panel-bytecode .instructions')
		.evaluateAll((tables) =>
			tables.map((table) =>
				[...table.querySelectorAll('tbody tr')].map((row) => [
					row.querySelector('.offset').textContent,
					row.querySelector('.op').textContent,
					row.querySelector('.arg .raw') === null
						? row.querySelector('.arg').textContent.split(' at 0x')[0]
						: '',
					row.querySelector('.target').textContent === '»',
				]),
			),
		);
	assert.deepEqual(got, want);
});

test('the exception table is what dis says', async ({ page }) => {
	const code = 'try:\n    1 / 0\nexcept ZeroDivisionError:\n    print("no")\n';
	await runCode(page, code);
	await tab(page, 'bytecode');
	const want = python(
		`import dis, json, sys
c = compile(sys.stdin.read(), 'main.py', 'exec')
print(json.dumps([[e.start, e.end, e.target, e.depth] for e in dis._parse_exception_table(c)]))`,
		code,
	);
	const got = await page
		.locator('.exceptions tbody tr')
		.evaluateAll((rows) =>
			rows.map((r) => [...r.cells].slice(0, 4).map((c) => Number(c.textContent))),
		);
	assert.deepEqual(got, want);
});

test('the caret marks the instructions of its line', async ({ page }) => {
	await runCode(page, CODE);
	await tab(page, 'bytecode');
	await caretTo(page, 4);
	const want = python(DIS, CODE)
		.flat()
		.filter((i) => i[3] === 4).length;
	assert.ok(want > 5);
	assert.deepEqual(await markedLines(page, 'bytecode'), Array(want).fill(4));
	await page.locator('#panel-bytecode [aria-current]').first().isVisible();
	const seen = await page
		.locator('#panel-bytecode [aria-current]')
		.first()
		.evaluate((row) => {
			const box = row.closest('.panel-body').getBoundingClientRect();
			const at = row.getBoundingClientRect();
			return at.top >= box.top && at.bottom <= box.bottom;
		});
	assert.ok(seen, 'scrolled to the rows');
});

test('an instruction marks its line and its exact range', async ({ page }) => {
	await runCode(page, CODE);
	await tab(page, 'bytecode');
	const lines = CODE.split('\n');
	const call = python(DIS, CODE)[1].find((i) => i[1] === 'CALL' && i[3] === 4 && i[5] > 20);
	const part = Buffer.from(lines[3]).subarray(call[5], call[6]).toString();
	assert.equal(part, 'str(i)');
	const row = page
		.locator('.instructions')
		.nth(1)
		.locator('tr', {
			has: page.locator('.offset', { hasText: new RegExp(`^${call[0]}$`) }),
		});
	await row.hover();
	assert.equal(await linkedLine(page), lines[3]);
	assert.equal(await page.locator('.cm-linkedRange').innerText(), part);
	await page.locator('.status-line').hover();
	assert.equal(await page.locator('.cm-linkedLine').count(), 0);
});

test('refcounts: counts, deltas, and links both ways', async ({ page }) => {
	await runCode(page, 'a = []\nb = a\nc = [a, a]\ndel b\nc.clear()\n');
	await tab(page, 'refcounts');
	const head = await page.locator('.steps thead th').allInnerTexts();
	const cells = await page
		.locator('.steps tbody tr')
		.evaluateAll(
			(rows, at) => rows.map((r) => r.cells[at].innerText.replace(/\s+/g, ' ').trim()),
			head.indexOf('a'),
		);
	// By the assignments: one name; two names; two names and two list slots;
	// one name and two slots; one name.
	assert.deepEqual(cells.slice(0, 5), ['1', '+1 2', '+2 4', '−1 3', '−2 1']);
	await page.locator('.steps tbody tr').nth(2).hover();
	assert.equal(await linkedLine(page), 'c = [a, a]');
	await caretTo(page, 4);
	assert.deepEqual(await markedLines(page, 'refcounts'), [4]);
	const slider = page.getByRole('slider', { name: 'Step' });
	await slider.focus();
	await page.keyboard.press('ArrowRight');
	assert.match(await slider.getAttribute('aria-valuetext'), /^step 2 of \d+, line 2$/);
	assert.equal(await linkedLine(page), 'b = a');
	assert.match(await page.locator('.spark', { hasText: 'a' }).first().innerText(), /2$/);
});

test('gc: collections with their line, and links both ways', async ({ page }) => {
	const code = 'import gc\nclass N: pass\nn = N()\nn.me = n\ndel n\ngc.collect()\n';
	await runCode(page, code);
	await tab(page, 'gc');
	const row = page.locator('#panel-gc tr[data-line="6"]').last();
	await row.hover();
	assert.equal(await linkedLine(page), 'gc.collect()');
	await caretTo(page, 6);
	assert.ok((await markedLines(page, 'gc')).every((line) => line === 6));
	assert.ok((await markedLines(page, 'gc')).length >= 1);
	await page.getByText('Automatic collection was on.').waitFor();
});

test('timing: hits, and links both ways, and bars in the editor', async ({ page }) => {
	await runCode(page, CODE);
	await tab(page, 'timing');
	const row = page.locator('#panel-timing tr[data-line="4"]');
	// The body of a loop over range(100).
	assert.equal(await row.locator('td').nth(1).innerText(), '100');
	await row.hover();
	assert.equal(await linkedLine(page), CODE.split('\n')[3]);
	await caretTo(page, 5);
	assert.deepEqual(await markedLines(page, 'timing'), [5]);
	const bars = await page.locator('.cm-heat').allInnerTexts();
	assert.ok(bars.length >= 5 && bars.every((b) => /^<?\d+%$/.test(b)), bars.join());
});

test('lines keep their link while the text is edited', async ({ page }) => {
	await runCode(page, 'x = 1\ny = 2\nprint(x + y)\n');
	await tab(page, 'timing');
	await page.locator('.cm-content').focus();
	await page.keyboard.press('Control+Home');
	await page.keyboard.insertText('# a new first line\n');
	await page.getByText('Edited since this run').waitFor();
	await page.locator('#panel-timing tr[data-line="2"]').hover();
	assert.equal(await linkedLine(page), 'y = 2');
	await caretTo(page, 4);
	assert.deepEqual(await markedLines(page, 'timing'), [3]);
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
		assert.ok(reply.status() >= 400 && reply.status() < 500);
		const problem = await reply.json();
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

test('each example runs to the end that it is meant to have', async ({ page }) => {
	const select = page.getByRole('combobox', { name: 'Examples' });
	const ids = await select
		.locator('option:not([disabled])')
		.evaluateAll((o) => o.map((e) => e.value));
	assert.ok(ids.length >= 5);
	for (const id of ids) {
		await select.selectOption(id);
		const reply = await running(page, () => page.keyboard.press('Control+Enter'));
		const { status, exception } = await reply.json();
		// The one about exceptions ends in one on purpose.
		assert.equal(status, id === 'exceptions' ? 'error' : 'ok', `${id}: ${exception?.text}`);
	}
});

const active = (page) =>
	page.evaluate(() => {
		const e = document.activeElement;
		return e.id || e.className || e.tagName;
	});

test('everything can be done without a mouse', async ({ page }) => {
	// From the top of the page into the editor.
	for (let i = 0; i < 6 && (await active(page)) !== 'editor'; i++) await page.keyboard.press('Tab');
	assert.equal(await active(page), 'editor');
	await page.keyboard.press('Control+a');
	await page.keyboard.type('while True:\nbreak');
	// Tab indents, and stays.
	await page.keyboard.press('Home');
	await page.keyboard.press('Tab');
	assert.equal(await active(page), 'editor');
	await running(page, () => page.keyboard.press('Control+Enter'));
	// Escape, then Tab, leaves: to the drawer, and on to the tabs.
	await page.keyboard.press('Escape');
	await page.keyboard.press('Tab');
	assert.equal(await active(page), 'SUMMARY');
	await page.keyboard.press('Tab');
	assert.equal(await active(page), 'tab-output');
	await page.keyboard.press('ArrowRight');
	assert.equal(await active(page), 'tab-bytecode');
	assert.ok(await page.locator('#panel-bytecode').isVisible());
	await page.keyboard.press('End');
	assert.equal(await active(page), 'tab-timing');
	await page.keyboard.press('ArrowRight');
	assert.equal(await active(page), 'tab-output');
	await page.keyboard.press('ArrowLeft');
	// Into the rows; the arrows move, Enter goes to the source.
	const focusedLine = () => page.evaluate(() => document.activeElement.dataset.line);
	for (let i = 0; i < 6 && (await focusedLine()) === undefined; i++)
		await page.keyboard.press('Tab');
	await page.keyboard.press('End');
	const line = Number(await focusedLine());
	const text = await linkedLine(page);
	assert.equal(text.trim(), ['while True:', 'break'][line - 1]);
	await page.keyboard.press('Enter');
	await page.locator('.editor:focus').waitFor();
	assert.equal((await page.locator('.cm-activeLine').innerText()).trim(), text.trim());
	await page.keyboard.press('F6');
	await page.locator('#tab-timing:focus').waitFor();
});

const SMALL = `() => [...document.querySelectorAll('button, select, summary, input, textarea, [role=tab]')]
	.filter((e) => e.checkVisibility() && !e.classList.contains('link'))
	.map((e) => [e.outerHTML.slice(0, 80), (e.type === 'checkbox' ? e.parentElement : e).getBoundingClientRect()])
	.filter(([, r]) => r.height < 44 || r.width < 24).map(([html, r]) => html + ' ' + r.width + 'x' + r.height)`;

async function axe(page, what) {
	const { violations } = await page.evaluate(() =>
		window.axe.run(document, { resultTypes: ['violations'] }),
	);
	const bad = violations
		.filter((v) => v.impact === 'serious' || v.impact === 'critical')
		.map(
			(v) =>
				`${what}: ${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join('; ')}`,
		);
	assert.deepEqual(bad, []);
}

const FULL = `import gc
def f(x):
    try:
        return [x, 1 / x]
    finally:
        gc.collect()
for i in range(3, -1, -1):
    print(f(i))
`;

for (const [colorScheme, device] of [
	['light', {}],
	['dark', {}],
	['light', phone],
]) {
	const where = device === phone ? 'on a phone' : `in ${colorScheme}`;
	test(
		`axe finds nothing serious, targets are large enough, ${where}`,
		async ({ page }) => {
			// By the protocol, so past the page's CSP.
			await page.evaluate(readFileSync(axeSource(), 'utf8'));
			await axe(page, 'empty');
			await runCode(page, FULL);
			for (const id of ['output', 'bytecode', 'refcounts', 'gc', 'timing']) {
				await tab(page, id);
				await page.locator(`#panel-${id} [data-line]`).first().hover();
				await axe(page, id);
				assert.deepEqual(await page.evaluate(`(${SMALL})()`), [], id);
			}
		},
		{ colorScheme, ...device },
	);
}

for (const width of [390, 320])
	test(
		`a page of ${width} px has one column and does not scroll sideways`,
		async ({ page }) => {
			const fits = async (what) => {
				const [has, is] = await page.evaluate(() => {
					const e = document.scrollingElement;
					return [e.scrollWidth, innerWidth];
				});
				assert.ok(has <= is && is === width, `${what}: ${has} in ${is}`);
			};
			await fits('code');
			assert.ok(await page.locator('#side-code').isVisible());
			assert.ok(!(await page.locator('#side-result').isVisible()));
			await type(page, `${FULL}print("a" * 500)\n`);
			await running(page, () => page.locator('.bottom .run').click());
			assert.ok(!(await page.locator('#side-code').isVisible()));
			for (const id of ['output', 'bytecode', 'refcounts', 'gc', 'timing']) {
				await tab(page, id);
				await fits(id);
			}
			await tab(page, 'output');
			await page.getByRole('button', { name: 'Go to line 4' }).click();
			await page.locator('.editor:focus').waitFor();
			assert.equal(
				await page.getByRole('tab', { name: 'Code' }).getAttribute('aria-selected'),
				'true',
			);
			await fits('code again');
		},
		{ ...phone, viewport: { width, height: 700 } },
	);

test(
	'the policy allows no inline script and no inline style',
	async ({ page }) => {
		const reply = await page.request.get(server.url);
		const policy = reply.headers()['content-security-policy'] ?? '';
		assert.match(policy, /script-src 'self'(;|$)/);
		assert.ok(!policy.includes('unsafe'), policy);
		// That the browser heeds it: a violation is what proves the listener works.
		const blocked = await page.evaluate(
			() =>
				new Promise((done) => {
					document.addEventListener('securitypolicyviolation', (e) => done(e.violatedDirective));
					const script = document.createElement('script');
					script.textContent = 'window.ran = true';
					document.head.append(script);
				}),
		);
		assert.match(blocked, /^script-src/);
		assert.equal(await page.evaluate(() => window.ran), undefined);
	},
	{ allow: /CSP: script-src|Content Security Policy/ },
);

const failed = await tap(
	cases.map((c) => ({ name: c.name, run: c })),
	async ({ body, allow, options }) => {
		const { page, context, complaints } = await open(browser, server.url, options);
		try {
			await body({ page });
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
