// The panel of the objects: what it says is what CPython says of them, and all
// of it can be asked by keyboard and read on a phone.
import assert from 'node:assert/strict';
import { axe, fitsIn, loadAxe, small } from './access.mjs';
import { caretTo, linkedLine, markedLines, runCode, running, tab } from './driver.mjs';
import { python } from './harness.mjs';
import { phone, test } from './suite.mjs';

const name = (page, text) =>
	page.locator('.obj-names [role=option]').filter({ has: page.getByText(text, { exact: true }) });

/** Runs it and looks at what a name is bound to. */
async function look(page, code, which) {
	await runCode(page, code);
	await tab(page, 'objects');
	await name(page, which).click();
}

const section = (page, title) =>
	page.locator('.obj-section').filter({ has: page.getByRole('heading', { name: title }) });

const cells = (table) =>
	table
		.locator('tbody tr')
		.evaluateAll((rows) =>
			rows.map((r) => [...r.cells].map((c) => c.innerText.replace(/\s+/g, ' ').trim())),
		);

const facts = async (page) =>
	Object.fromEntries(
		await page
			.locator('.obj-detail .facts > div')
			.evaluateAll((all) => all.map((e) => [...e.children].map((c) => c.textContent))),
	);

/** Asks again, by the keyboard alone. */
async function ask(page, label, text) {
	await page.getByLabel(label, { exact: true }).fill(text);
	await running(page, () => page.keyboard.press('Enter'));
}

test('objects: sizes and types are CPython’s, and two names are one object', async ({ page }) => {
	const code = 'a = [1, 2]\nb = a\nt = tuple(a)\nword = "café"\nbig = 2 ** 70\npi = 3.14\n';
	await look(page, code, 'b');
	const want = python(
		`import json, sys
space = {}
exec(sys.stdin.read(), space)
print(json.dumps([[n, type(v).__name__, sys.getsizeof(v)] for n, v in space.items() if n != '__builtins__']))`,
		code,
	);
	const got = await page
		.locator('.obj-names [role=option]')
		.evaluateAll((all) => all.map((e) => [...e.children].map((c) => c.textContent)));
	// All of them own what sys.getsizeof says.
	assert.deepEqual(
		got,
		want.map(([n, type, size]) => [n, `${type} · ${size} B`]),
	);
	assert.equal((await facts(page))['References to it'], '2');
	await page.getByText('2 names for one object: a is b').waitFor();
	await name(page, 't').click();
	assert.equal((await facts(page))['References to it'], '1');
});

test('objects: a list’s room over time, as sys.getsizeof has it', async ({ page }) => {
	const code = 'rows = []\nfor i in range(40):\n    rows.append(i)\n';
	await look(page, code, 'rows');
	const want = python(`import json, sys
rows, all = [], []
room = lambda: (sys.getsizeof(rows) - sys.getsizeof([])) // 8
for i in range(40):
    before = room()
    rows.append(i)
    if room() != before: all.append([len(rows), before, room()])
print(json.dumps([all, room()]))`);
	const table = section(page, 'Room over time').locator('.twin');
	await table.locator('summary').click();
	const [first, ...changes] = await cells(table);
	assert.deepEqual(first.slice(0, 5), ['1', 'rows = []', '0', 'first seen: 0', '0']);
	assert.deepEqual(
		changes.map((row) => [Number(row[0]), Number(row[2]), row[3], Number(row[4])]),
		want[0].map(([length, from, to]) => [3, length, `${from} → ${to}`, to * 8]),
	);
	await page.getByText(`40 items in room for ${want[1]}`).waitFor();
	assert.match(
		await page.locator('.growth svg').getAttribute('aria-label'),
		new RegExp(`room for ${want[1]} items in the end`),
	);
	// The rows speak of source lines.
	await table.locator('tbody tr').nth(1).hover();
	assert.equal((await linkedLine(page)).trim(), 'rows.append(i)');
	await caretTo(page, 1);
	assert.deepEqual(await markedLines(page, 'objects'), [1]);
});

/** The slots that CPython looks at for an int of that hash (Objects/dictobject.c,
 * "perturb"): first hash & mask, then i*5 + perturb + 1 as perturb loses five bits. */
function path(hash, mask, stop) {
	const slots = [hash & mask];
	let perturb = hash;
	while (!stop(slots.at(-1))) {
		perturb >>= 5;
		slots.push((slots.at(-1) * 5 + perturb + 1) & mask);
	}
	return slots;
}

test('objects: a dict’s table, and the path of a key that is asked', async ({ page }) => {
	await look(page, 'd = {0: "a", 8: "b", 16: "c"}\ndel d[8]\n', 'd');
	// Eight slots: 0 has slot 0; 8 meets it and goes on; 16 meets both.
	const eight = path(8, 7, (slot) => slot !== 0);
	const sixteen = path(16, 7, (slot) => slot !== 0 && slot !== eight.at(-1));
	const taken = [0, eight.at(-1), sixteen.at(-1)];
	const asked = path(24, 7, (slot) => !taken.includes(slot));
	const slots = page.locator('.slots').first();
	const shown = () => slots.locator('.slot-in').allInnerTexts();
	const want = Array(8).fill('');
	want[0] = '0';
	want[eight.at(-1)] = '✕';
	want[sixteen.at(-1)] = '2';
	assert.deepEqual(await shown(), want);
	const entries = await cells(page.getByRole('table', { name: 'Entries' }));
	assert.deepEqual(
		entries.map((row) => row.slice(0, 4)),
		[
			['0', '0', "'a'", '0'],
			['1', 'deleted', '', ''],
			['2', '16', "'c'", sixteen.join(' → ')],
		],
	);
	await page.getByRole('button', { name: /the slots looked at for 16$/ }).click();
	const orders = async () =>
		Object.fromEntries(
			await slots
				.locator('.on-path')
				.evaluateAll((all) =>
					all.map((e) => [
						e.querySelector('.slot-at').textContent,
						e.querySelector('.slot-order').textContent,
					]),
				),
		);
	// One after the other, in the order in which they are looked at; not for who wants no motion.
	const delays = () =>
		slots.locator('.on-path').evaluateAll((all) =>
			all
				.map((e) => [Number(e.querySelector('.slot-order').textContent), getComputedStyle(e)])
				.sort(([a], [b]) => a - b)
				.map(([, style]) => `${style.animationName} ${Number.parseFloat(style.animationDelay)}`),
		);
	assert.deepEqual(
		await delays(),
		[0, 0.45, 0.9].map((s) => `look-at-slot ${s}`),
	);
	await page.emulateMedia({ reducedMotion: 'reduce' });
	assert.deepEqual(await delays(), Array(3).fill('none 0'));
	await page.emulateMedia({ reducedMotion: null });
	const numbered = (list) => Object.fromEntries(list.map((slot, n) => [slot, String(n + 1)]));
	assert.deepEqual(await orders(), numbered(sixteen));
	await ask(page, 'Keys', "24, 16, '16'");
	const probe = page.locator('.probe');
	assert.match(
		await probe.first().innerText(),
		new RegExp(`24: it is not there, after ${asked.length} slots`),
	);
	assert.deepEqual(
		(await cells(probe.first())).map((row) => [Number(row[1]), row[2].split(/[;,:]/)[0]]),
		[
			[asked[0], 'another hash'],
			[asked[1], 'a deleted entry'],
			[asked[2], 'another hash'],
			[asked[3], 'empty'],
		],
	);
	assert.match(await probe.nth(1).innerText(), /16: it is in the table, after 3 slots/);
	assert.match(await probe.nth(2).innerText(), /'16': it is not there/);
	// What was asked first is what the slots show.
	assert.deepEqual(await orders(), numbered(asked));
});

test('objects: a set’s slots, and hashes to the last digit', async ({ page }) => {
	await look(page, 's = {3, 11}\nd = {0.1: 1}\n', 's');
	// Sets look at the slots that follow first (Objects/setobject.c, LINEAR_PROBES)
	// when they fit; in a table of eight they do not, so it is perturb again.
	const want = python(`import json
print(json.dumps([[h & 7 for h in map(hash, (3, 11))], str(hash(0.1))]))`);
	const rows = await cells(page.getByRole('table', { name: 'Items by slot' }));
	for (const row of rows) assert.equal(Number(row[2].split(' → ')[0]), want[0][0]);
	assert.deepEqual(rows.map((r) => r[1]).sort(), ['11', '3']);
	await name(page, 'd').click();
	const entries = await cells(page.getByRole('table', { name: 'Entries' }));
	assert.equal(entries[0].at(-1), want[1]);
});

const DIAMOND = `class A:
    def who(self): return "A"
class B(A): pass
class C(A):
    def who(self): return "C"
class D(B, C): pass
d = D()
d.name = "dee"
`;

test('objects: the MRO, and how it was merged', async ({ page }) => {
	await look(page, DIAMOND, 'D');
	const mro = python(
		`import json, sys
space = {}
exec(sys.stdin.read(), space)
print(json.dumps([c.__name__ for c in space['D'].__mro__]))`,
		DIAMOND,
	);
	assert.deepEqual(await page.locator('.mro li').allInnerTexts(), mro);
	const steps = await cells(page.getByRole('table', { name: 'Steps of the merge' }));
	assert.deepEqual(
		steps.map((row) => row[2]),
		mro.slice(1),
	);
	// After B its list begins with A, which C's has further back.
	assert.match(steps[1][3], /^A must wait: it stands further back in another list; C is /);
	assert.equal(await page.locator('.merge-name.passed').count(), 1);
});

test('objects: an attribute is looked up place by place', async ({ page }) => {
	await look(page, DIAMOND, 'd');
	await ask(page, 'Lookups', 'd.who d.name nobody.x');
	const places = (n) => page.locator('.lookup').nth(n).locator('.tried li').allInnerTexts();
	// The classes of the MRO until one has it, then the object's own.
	assert.deepEqual(
		(await places(0)).map((t) => t.replace(/\s*[:,].*$/s, '')),
		['class D', 'class B', 'class C', 'the object’s own values'],
	);
	assert.match(
		await page.locator('.lookup').nth(0).innerText(),
		/it becomes a method bound to the object/,
	);
	assert.equal((await places(1)).length, 5 + 1);
	await page.getByText('Not looked up, as there is no such name: nobody.x').waitFor();
});

test('objects: a closure is followed by keyboard alone, and back', async ({ page }) => {
	const code = `def outer(step=[2]):
    n = 5
    def inner():
        return n + step[0]
    return inner
f = outer()
def numbers(top):
    for i in range(top):
        yield i
g = numbers(3)
next(g)
`;
	await runCode(page, code);
	await tab(page, 'objects');
	await name(page, 'f').waitFor();
	await page.keyboard.press('Tab');
	await page.keyboard.press('Tab');
	assert.equal(await page.evaluate(() => document.activeElement.role), 'option');
	await page.keyboard.press('ArrowDown');
	assert.equal(await page.locator('[role=option][aria-selected=true] .obj-name').innerText(), 'f');
	const rows = await cells(page.getByRole('table', { name: 'Closure' }));
	assert.deepEqual(
		rows.map((r) => [r[0], r[2]]),
		[
			['n', '5'],
			['step', '[2]'],
		],
	);
	// Into the first group of references, along it with the arrows, and on.
	const focused = () => page.evaluate(() => document.activeElement.textContent);
	for (let i = 0; i < 5 && !(await focused()).startsWith('<code'); i++)
		await page.keyboard.press('Tab');
	await page.keyboard.press('End');
	assert.equal(await focused(), '[2]');
	await page.keyboard.press('Enter');
	await page.locator('h2.obj-title:focus').filter({ hasText: '[2]' }).waitFor();
	await page.getByRole('button', { name: '‹ f' }).press('Enter');
	await page.locator('h2.obj-title:focus').filter({ hasText: 'inner' }).waitFor();
	await name(page, 'g').click();
	await page.getByText('suspended: it waits, and keeps its frame').waitFor();
	assert.deepEqual(await cells(page.getByRole('table', { name: 'Local' })), [
		['top', '3'],
		['i', '0'],
	]);
	await page.getByRole('button', { name: 'line 9' }).click();
	await page.locator('.cm-activeLine', { hasText: 'yield i' }).waitFor();
});

test('objects: bytes, drawn and as a table', async ({ page }) => {
	await look(page, 'word = "café"\nclass P:\n    __slots__ = ("x",)\np = P()\np.x = 7\n', 'word');
	const latin = [...Buffer.from('café', 'latin1')].map((b) => b.toString(16));
	assert.deepEqual(await page.locator('.spot-hex').allInnerTexts(), latin);
	const drawn = page.locator('.byte-field', { hasText: 'characters' });
	assert.deepEqual(await drawn.locator('.byte-hex span').allInnerTexts(), [...latin, '00']);
	const bytes = section(page, 'Bytes of the object');
	await bytes.locator('.twin summary').click();
	const fields = await cells(bytes);
	const [size, basic] = python(`import json, sys
class P: __slots__ = ("x",)
print(json.dumps([sys.getsizeof("café"), P.x.__class__ is not None and P.__basicsize__]))`);
	const last = fields.at(-1);
	// The characters end where the object ends.
	assert.equal(Number(last[0]) + Number(last[1]), size);
	await name(page, 'p').click();
	await bytes.locator('.twin summary').click();
	const own = await cells(section(page, 'Bytes of the object'));
	const slot = own.find((row) => row[2] === 'x');
	assert.deepEqual([Number(slot[0]) + Number(slot[1]), slot[3]], [basic, '7']);
});

test('objects: at a line, some names only, and what is not understood', async ({ page }) => {
	const code = 'total = 0\nother = 1\nfor n in (5, 6):\n    total += n\n';
	await look(page, code, 'total');
	await page.getByText('Looked at', { exact: true }).click();
	await page.getByLabel('Names', { exact: true }).fill('total 1x');
	await page.getByText('Left out: 1x.').waitFor();
	await caretTo(page, 4);
	await page.getByRole('button', { name: 'Add line 4' }).click();
	await ask(page, 'Before lines', '4 77');
	await page.getByText('Never about to run: line 77.').waitFor();
	const when = page.getByLabel('When');
	assert.deepEqual(await when.locator('option').allInnerTexts(), [
		'Before line 4, 1st time',
		'Before line 4, 2nd time',
		'At the end',
	]);
	assert.equal(
		await page
			.getByRole('option')
			.filter({ has: page.locator('.obj-name') })
			.count(),
		1,
	);
	const value = () => page.locator('.obj-title code').innerText();
	assert.equal(await value(), '11');
	await when.selectOption('1');
	assert.equal(await value(), '5');
	await when.selectOption('0');
	assert.equal(await value(), '0');
});

test('objects: much is cut with words, and markup stays text', async ({ page }) => {
	await look(
		page,
		'many = list(range(100000))\nd = {i: i for i in range(1000)}\nbad = "<img src=x onerror=alert(1)>"\n',
		'many',
	);
	await page.getByText('99,936 items more, not shown').waitFor();
	assert.ok((await page.locator('.spot').count()) < 200);
	await name(page, 'd').click();
	assert.ok((await page.locator('.slot').count()) <= 256);
	await page.getByText('1,792 slots more, not shown').waitFor();
	await page.getByText('936 entries more, not shown').waitFor();
	await name(page, 'bad').click();
	assert.match(await page.locator('.obj-title').innerText(), /<img src=x/);
	assert.equal(await page.locator('img').count(), 0);
});

test('objects: a program that did not come to its end says so', async ({ page }) => {
	// No line is the last one of a program that leaves by _exit.
	await runCode(page, 'import os\nx = [1]\nos._exit(0)\n');
	await tab(page, 'objects');
	await page.getByText('did not come to its last line').waitFor();
	assert.equal(await page.locator('.obj-names').count(), 0);
});

for (const [colorScheme, device] of [
	['light', {}],
	['dark', {}],
	['light', phone],
])
	test(
		`objects: axe finds nothing serious, ${device === phone ? '390 px' : colorScheme}`,
		async ({ page }) => {
			await loadAxe(page);
			const code = `${DIAMOND}ages = {"ann": 1, "bob": 2}\ndel ages["ann"]\nrows = []\nfor i in range(9): rows.append(i)\n`;
			await runCode(page, code);
			await tab(page, 'objects');
			for (const which of ['D', 'd', 'ages', 'rows', 'Room over time']) {
				await name(page, which).click();
				await page.locator('.twin').evaluateAll((all) => {
					for (const twin of all) twin.open = true;
				});
				await axe(page, which);
				assert.deepEqual(await small(page), [], which);
				if (device === phone) await fitsIn(page, 390, which);
			}
		},
		{ colorScheme, ...device },
	);
