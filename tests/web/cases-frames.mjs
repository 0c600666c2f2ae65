// Who called whom, how deep, and what overflowed.
import assert from 'node:assert/strict';
import { axe, fitsIn, loadAxe, small } from './access.mjs';
import { caretTo, linkedLine, onlyLens, runCode, tab } from './driver.mjs';
import { python } from './harness.mjs';
import { phone, test } from './suite.mjs';

const CODE = `def g(n):
    return n

def f(n):
    return g(n) + g(n)

def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

for i in range(3):
    f(i)
print(fib(8), sorted([3, 1, 2], key=lambda x: -x))
`;

// What a profile function of Python's own hears of the same.
const PROFILE = `
import collections, json, sys
code = compile(sys.stdin.read(), 'main.py', 'exec')
calls = collections.Counter()
def hear(frame, event, arg):
    if event == 'call' and frame.f_code.co_filename == 'main.py': calls[frame.f_code.co_name] += 1
class Null:
    def write(self, text): pass
    def flush(self): pass
out, sys.stdout = sys.stdout, Null()
sys.setprofile(hear); exec(code, {}); sys.setprofile(None)
sys.stdout = out
print(json.dumps(calls))
`;

const PANEL = '#panel-frames';

async function frames(page, code = CODE) {
	const reply = await runCode(page, code);
	await tab(page, 'frames');
	return reply.lenses.frames;
}

const items = (page) => page.locator(`${PANEL} [role=treeitem]`);
const item = (page, text) => items(page).filter({ hasText: text });
const activeLine = (page) => page.locator('.cm-activeLine').innerText();

test('frames: functions are called as often as sys.setprofile hears', async ({ page }) => {
	await onlyLens(page, 'Frames');
	await frames(page);
	const rows = await page
		.locator(`${PANEL} .functions tbody tr`)
		.evaluateAll((all) => all.map((r) => [...r.cells].map((c) => c.innerText.trim())));
	const heads = await page
		.locator(`${PANEL} .functions thead th`)
		.evaluateAll((all) => all.map((th) => th.innerText.replace(/\s*[↕▾▴]$/, '')));
	const calls = heads.indexOf('Calls');
	const got = Object.fromEntries(
		rows.filter((r) => !r[0].endsWith('C')).map((r) => [r[0], Number(r[calls])]),
	);
	assert.deepEqual(got, python(PROFILE, CODE));
	// fib(8) is eight deep: 8, 7 … 1.
	const fib = rows.find((r) => r[0] === 'fib');
	assert.equal(fib[heads.indexOf('At once')], '8');
});

test('frames: the tree has each path, and the picture the same', async ({ page }) => {
	await onlyLens(page, 'Frames');
	const lens = await frames(page);
	await item(page, /^▾?f /).waitFor();
	const level = (of) => of.getAttribute('aria-level').then(Number);
	assert.match(await item(page, /^▾?f /).innerText(), /3 calls\s*by line 11/);
	assert.match(await item(page, /^g /).innerText(), /6 calls\s*by line 5/);
	assert.equal(await level(item(page, /^g /)), 3);
	// Each level of fib(8) is a path of its own, and all but the first were running already.
	assert.equal(await item(page, /^▾?fib /).count(), 8);
	assert.equal(await item(page, '↻').count(), 7);
	// Boxes are as wide as the calls in them: f has 3 + 6 of all.
	const total = lens.tree.reduce((sum, n) => sum + n.calls + n.resumes, 0);
	const box = page.locator('.icicle [title^="f: 3 calls"]');
	const width = await box.evaluate(
		(b) => b.getBoundingClientRect().width / b.parentElement.clientWidth,
	);
	assert.ok(Math.abs(width - 9 / total) < 0.002, `${width}, not ${9 / total}`);
	const dashed = await page
		.locator('.icicle [title^="sorted: "]')
		.evaluate((b) => getComputedStyle(b).borderTopStyle);
	assert.equal(dashed, 'dashed');
});

test('frames: a node leads to its line, and the caret to its nodes', async ({ page }) => {
	await onlyLens(page, 'Frames');
	await frames(page);
	const lines = CODE.split('\n');
	// In the picture: pointed at, and clicked.
	await page.locator('.icicle [title^="f: "]').hover();
	assert.equal(await linkedLine(page), lines[10]);
	await page.locator('.icicle [title^="f: "]').click();
	assert.equal(await activeLine(page), lines[10]);
	assert.equal(await page.locator(`${PANEL} [aria-selected=true]`).count(), 1);
	assert.match(await page.locator(`${PANEL} [aria-selected=true]`).innerText(), /\bf\b/);
	assert.match(await page.locator('.icicle-now').innerText(), /^f by line 11: 3 calls/);
	// In the tree, by keyboard.
	await page.locator(`${PANEL} [role=treeitem][tabindex="0"]`, { hasText: /^▾?f / }).focus();
	await page.locator('[role=treeitem]:focus', { hasText: /^▾?f / }).waitFor();
	await page.keyboard.press('ArrowDown');
	await page.locator('[role=treeitem]:focus', { hasText: /^g / }).waitFor();
	assert.equal(await linkedLine(page), lines[4]);
	await page.keyboard.press('Enter');
	await page.locator('.editor:focus').waitFor();
	assert.equal(await activeLine(page), lines[4]);
	// C called the lambda: it is where it begins. So is what print and sorted are called by.
	await caretTo(page, 12);
	const marked = page.locator(`${PANEL} [role=treeitem][aria-current]`);
	await marked.first().waitFor();
	const names = (await marked.allInnerTexts()).map((t) => /[\w<>]+/.exec(t)[0]);
	assert.deepEqual(names.sort(), ['<lambda>', 'fib', 'print', 'sorted']);
	assert.equal(await page.locator('.icicle [data-linked]').count(), 4);
});

test('frames: what was chosen stays chosen when the pointer leaves', async ({ page }) => {
	await onlyLens(page, 'Frames');
	await frames(page);
	const deep = page.locator('.icicle [title^="fib: "]').nth(3);
	const node = await deep.getAttribute('data-node');
	await deep.click();
	assert.equal(await activeLine(page), CODE.split('\n')[7]);
	const chosen = () => page.locator(`${PANEL} [aria-selected=true]`).getAttribute('data-node');
	assert.equal(await chosen(), node);
	// Away from the picture, and from what is linked to it: the line is now only where the caret is.
	await page.locator('.icicle').dispatchEvent('pointerleave');
	await page.mouse.move(0, 0);
	await page.locator('.icicle [data-linked]').nth(6).waitFor();
	assert.equal(await chosen(), node);
	// The caret leads to the first of another line's.
	await caretTo(page, 11);
	await page.locator(`${PANEL} [aria-selected=true]`, { hasText: /^▾?f / }).waitFor();
});

test('frames: nearer and farther', async ({ page }) => {
	await onlyLens(page, 'Frames');
	await frames(page);
	const boxes = () => page.locator('.icicle [data-node]').count();
	const all = await boxes();
	const farther = page.getByRole('button', { name: 'Farther' });
	assert.ok(await farther.isDisabled());
	await page.locator('.icicle [title^="f: "]').click();
	await page.getByRole('button', { name: 'Nearer' }).click();
	// f and g, each as wide as it can be.
	assert.equal(await boxes(), 2);
	const wide = await page
		.locator('.icicle [title^="f: "]')
		.evaluate((b) => b.getBoundingClientRect().width / b.parentElement.clientWidth);
	assert.ok(wide > 0.99);
	assert.ok(await page.getByRole('button', { name: 'Nearer' }).isDisabled());
	await farther.click();
	await farther.click();
	assert.equal(await boxes(), all);
	assert.ok(await farther.isDisabled());
});

const DEEP = `def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)

try:
    deep(100_000)
except RecursionError:
    print("caught")
`;

test('frames: the limit of recursion, and the depth on the way to it', async ({ page }) => {
	await onlyLens(page, 'Frames');
	const lens = await frames(page, DEEP);
	const [limit] = python('import json, sys; print(json.dumps([sys.getrecursionlimit()]))');
	assert.equal(lens.threads[0].depth, limit);
	const card = page.locator('.frames-trouble');
	// All of the frames but the module's.
	assert.match(
		await card.innerText(),
		new RegExp(`${limit.toLocaleString('en')} frames at one time, ${limit - 1} of them of deep`),
	);
	await card.getByRole('button', { name: 'line 2' }).click();
	await page.locator('.editor:focus').waitFor();
	assert.equal(await activeLine(page), DEEP.split('\n')[1]);
	assert.equal(
		await page.locator(`${PANEL} .band-mark`).innerText(),
		`${limit.toLocaleString('en')} frames deep`,
	);
	// The picture has one box for what is the same again and again.
	assert.match(
		await page.locator('.icicle .folded').getAttribute('title'),
		/^deep: \d+ levels of recursion$/,
	);
	const slider = page.getByRole('slider', { name: 'Calls and returns' });
	assert.match(
		await slider.getAttribute('aria-valuetext'),
		new RegExp(`to ${limit.toLocaleString('en')} frames$`),
	);
	await slider.focus();
	await page.keyboard.press('End');
	const [, least] = /: (\d+) to/.exec(await slider.getAttribute('aria-valuetext'));
	assert.ok(Number(least) <= 1, 'it has come back by the end');
	await page.getByText('Depth as a table').click();
	assert.equal(
		await page.locator(`${PANEL} .as-table tbody tr`).count(),
		Math.min(100, lens.threads[0].depths.length),
	);
	assert.match(await page.locator('.two-stacks tbody').innerText(), /1,000 of 1,000/);
	assert.match(await page.locator('.call-stack caption').innerText(), /1,000 frames of Python/);
});

test('frames: a C stack that overflows, in plain words', async ({ page }) => {
	await onlyLens(page, 'Frames');
	const code = `import sys
sys.setrecursionlimit(10**6)
class Nest:
    def __init__(self, inner): self.inner = inner
    def __repr__(self):
        return f"<{self.inner!r}>"
nest = None
for _ in range(60_000): nest = Nest(nest)
print(len(repr(nest)))
`;
	const lens = await frames(page, code);
	assert.equal(lens.crash.overflow, true);
	const card = page.locator('.frames-trouble');
	const said = await card.innerText();
	assert.match(said, /^The C stack overflowed/);
	for (const part of [
		`${lens.crash.stack.depth.toLocaleString('en')} frames of Python`,
		'of them of Nest.__repr__',
		'SIGSEGV',
		'sys.getrecursionlimit() was 1,000,000, which was not reached',
	])
		assert.ok(said.includes(part), `${part} in ${said}`);
	// What two frames in a row are apart is what each is said to take.
	const used = lens.crash.stack.innermost.map((e) => e.c_used);
	assert.ok(said.includes(`took ${used[1] - used[0]} B of the C stack`), said);
	await card.getByRole('button', { name: 'line 6' }).click();
	await page.locator('.editor:focus').waitFor();
	assert.equal((await activeLine(page)).trim(), 'return f"<{self.inner!r}>"');
	assert.match(await page.locator('.call-stack').first().innerText(), /more between/);
});

test('frames: a program that calls nothing, and one with threads', async ({ page }) => {
	await onlyLens(page, 'Frames');
	await frames(page, 'x = 1\n');
	await page.getByText('1 call by 1 path').waitFor();
	await page.locator('#tab-output').click();
	const code = `import threading
def work(n): return n if n == 0 else work(n - 1)
all = [threading.Thread(target=work, args=(n,)) for n in (3, 9)]
for one in all: one.start()
for one in all: one.join()
`;
	const lens = await frames(page, code);
	const bands = page.getByRole('slider', { name: /Calls and returns$/ });
	assert.equal(await bands.count(), lens.threads.length);
	assert.ok(lens.threads.length >= 3);
	assert.equal(await page.locator('.two-stacks tbody tr').count(), lens.threads.length);
});

for (const [what, options] of [
	['in light', { colorScheme: 'light' }],
	['in dark', { colorScheme: 'dark' }],
	['at 390 px', { ...phone, colorScheme: 'light' }],
])
	test(
		`frames: axe finds nothing serious, targets are large enough, ${what}`,
		async ({ page }) => {
			await loadAxe(page);
			for (const [name, code] of Object.entries({ CODE, DEEP })) {
				await page
					.locator('#side-tab-code')
					.click({ timeout: 1000 })
					.catch(() => {});
				await frames(page, code);
				await items(page).nth(1).hover();
				await axe(page, name);
				await items(page).nth(1).click();
				await page.getByText('Depth as a table').click();
				await axe(page, `${name}, chosen`);
				assert.deepEqual(await small(page), [], name);
				if (options.viewport) {
					await fitsIn(page, 390, name);
					const over = await page
						.locator(`${PANEL} .panel-body`)
						.first()
						.evaluate((box) => box.scrollWidth - box.clientWidth);
					assert.ok(over <= 0, `${name}: ${over} px`);
				}
			}
		},
		options,
	);

// What cProfile counts of the same: calls of each function of the program's, and those in which it was running already.
const CPROFILE = `
import cProfile, io, json, pstats, sys
code = compile(sys.stdin.read(), 'main.py', 'exec')
out, sys.stdout = sys.stdout, io.StringIO()
p = cProfile.Profile(); p.enable(); exec(code, {}); p.disable()
sys.stdout = out
stats = pstats.Stats(p, stream=io.StringIO()).stats
print(json.dumps({name: [calls, calls - primitive]
	for (file, _, name), (primitive, calls, *_) in stats.items() if file == 'main.py'}))
`;

// f is long enough in g to have a box of its own.
const BUSY = `def g(n):
    while n > 0:
        n -= 1

def f(n):
    g(n)
    g(n)

def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

for i in range(3):
    f(20000)
print(fib(8), sorted([3, 1, 2], key=lambda x: -x))
`;

test('profile: calls are cProfile’s, shares are of all, paths are as wide as their time', async ({
	page,
}) => {
	await onlyLens(page, 'Profile');
	const reply = await runCode(page, BUSY);
	await tab(page, 'profile');
	const panel = page.locator('#panel-profile');
	await panel.locator('.functions tbody tr').first().waitFor();
	const heads = await panel
		.locator('.functions thead th')
		.evaluateAll((all) => all.map((th) => th.innerText.replace(/\s*[↕▾▴]$/, '')));
	assert.deepEqual(heads, ['Function', 'Line', 'Calls', 'Nested', 'Own', 'Each', 'All', 'Share']);
	const rows = await panel
		.locator('.functions tbody tr')
		.evaluateAll((all) => all.map((r) => [...r.cells].map((c) => c.innerText.trim())));
	const got = Object.fromEntries(
		rows.filter((r) => !r[0].endsWith('C')).map((r) => [r[0], [Number(r[2]), Number(r[3])]]),
	);
	assert.deepEqual(got, python(CPROFILE, BUSY));
	// The most of its own time comes first.
	const { functions, tree, totals } = reply.lenses.profile;
	const most = functions.reduce((a, f) => (f.own_ns > a.own_ns ? f : a));
	assert.ok(rows[0][0].startsWith(most.name));
	assert.equal(
		totals.ns,
		functions.reduce((sum, f) => sum + f.own_ns, 0),
	);
	// Widths: main is all, and what f took with g in it its part of that.
	const width = (of) =>
		panel
			.locator(`.icicle [title^="${of}: "]`)
			.first()
			.evaluate((b) => b.getBoundingClientRect().width / b.parentElement.clientWidth);
	assert.ok((await width('<module>')) > 0.99);
	const f = tree.findIndex((n) => functions[n.function].name === 'f');
	const own = tree
		.filter((n, i) => i === f || n.parent === f)
		.reduce((sum, n) => sum + n.own_ns, 0);
	assert.ok(Math.abs((await width('f')) - own / totals.ns) < 0.002);
	// A row leads to where the function begins, a box to where it was called.
	await panel.locator('.functions tbody th code', { hasText: /^f$/ }).hover();
	assert.equal(await linkedLine(page), BUSY.split('\n')[4]);
	await panel.locator('.icicle [title^="f: "]').hover();
	assert.equal(await linkedLine(page), BUSY.split('\n')[12]);
	await loadAxe(page);
	await axe(page, 'profile');
});

for (const [what, options] of [
	['in dark', { colorScheme: 'dark' }],
	['at 390 px', { ...phone, colorScheme: 'light' }],
])
	test(
		`profile: axe finds nothing serious, targets are large enough, ${what}`,
		async ({ page }) => {
			await onlyLens(page, 'Profile');
			await runCode(page, BUSY);
			await tab(page, 'profile');
			await page.locator('#panel-profile [role=treeitem]').nth(1).click();
			await loadAxe(page);
			await axe(page, what);
			assert.deepEqual(await small(page), [], what);
			if (options.viewport) {
				await fitsIn(page, 390, what);
				const over = await page
					.locator('#panel-profile .panel-body')
					.first()
					.evaluate((box) => box.scrollWidth - box.clientWidth);
				assert.ok(over <= 0, `${over} px`);
			}
		},
		options,
	);
