// The lenses: what they show, and their links with the source both ways.
import assert from 'node:assert/strict';
import { axe, loadAxe } from './access.mjs';
import { altered, caretTo, linkedLine, markedLines, runCode, running, tab } from './driver.mjs';
import { python } from './harness.mjs';
import { test } from './suite.mjs';

const DIS = `
import dis, json, re, sys, types
def walk(code):
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from walk(const)
source = sys.stdin.read()
print(json.dumps([[[i.offset, i.opname, re.sub(r' at 0x[0-9a-f]+, file "[^"]*"', '', i.argrepr), i.positions.lineno, i.positions.end_lineno,
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
					row.querySelector('.arg .raw') === null ? row.querySelector('.arg').textContent : '',
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

test("refcounts: Python's own names last, its own objects in words", async ({ page }) => {
	// A class body sets __module__ first; CPython 3.11 makes small integers
	// with a count of 999,999,999.
	await runCode(page, 'class C:\n    one = 1\n    other = object()\n');
	await tab(page, 'refcounts');
	const head = await page.locator('.steps thead th').allInnerTexts();
	assert.deepEqual(head.slice(3), ['one', 'other', 'C', '__module__', '__qualname__']);
	const one = page.locator('.steps td', { hasText: 'static' }).first();
	assert.ok(Number(await one.getAttribute('title')) > 999_999_999);
	await page.getByText('CPython has had the object from the start').waitFor();
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

test('counts: by line and by function, in order, linked, and as bars in the editor', async ({
	page,
}) => {
	await runCode(
		page,
		'def f(n):\n    return n + 1\nfor i in [0] * 50:\n    f(i)\nsorted([3, 1, 2])\n',
	);
	await tab(page, 'counts');
	const panel = page.locator('#panel-counts');
	const cells = (row) => row.locator('td').allInnerTexts();
	const line = (n) => panel.locator(`table >> nth=0 >> tr[data-line="${n}"]`);
	const [, body] = await cells(line(2));
	// Called fifty times: as many instructions each time.
	assert.equal(Number(body.replace(/,/g, '')) % 50, 0, body);
	// Sorted by comparing each with the one before, and then by insertion: three of them.
	await panel.getByText('Comparisons').first().waitFor();
	assert.deepEqual(
		(await panel.locator('table').nth(1).locator('tbody th').allInnerTexts()).sort(),
		['<module>', 'f'],
	);
	await panel
		.getByRole('button', { name: /^Instructions/ })
		.first()
		.click();
	const most = await panel.locator('table >> nth=0 >> tbody tr').first().getAttribute('data-line');
	assert.ok(['2', '3', '4'].includes(most ?? ''), most);
	await line(2).hover();
	assert.equal(await linkedLine(page), '    return n + 1');
	const bars = await page.locator('.cm-heat').allInnerTexts();
	assert.ok(bars.length >= 4 && bars.every((b) => /^<?\d+%$/.test(b)), bars.join());
	const title = await page.locator('.cm-heat').nth(1).getAttribute('title');
	assert.match(title ?? '', /instructions/);
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

test('refcounts: the caret brings up steps that are far away', async ({ page }) => {
	await runCode(page, 'n = 0\nfor i in range(400):\n    n += 1\ndone = [n]\n');
	await tab(page, 'refcounts');
	await caretTo(page, 4);
	await page.locator('.steps [aria-current="true"][data-line="4"]').waitFor();
	assert.ok((await page.locator('.steps tbody tr').count()) <= 200);
});

test('a panel whose data is broken fails alone', async ({ page }) => {
	await altered(page, (result) => {
		result.lenses.bytecode = { code_objects: [{}] };
	});
	await runCode(page, 'print("still here")\n');
	assert.equal(await page.locator('.stdout pre').textContent(), 'still here\n');
	await tab(page, 'bytecode');
	await page.getByText('cannot be read').waitFor();
	await page.unroute('**/v1/runs');
	await runCode(page, 'print("again")\n');
	assert.ok((await page.locator('#panel-bytecode .instructions tbody tr').count()) > 0);
});

test('threads: who had the GIL, with lines, nearer, and the tables that say the same', async ({
	page,
}) => {
	const code = `import threading, time
def work():
    time.sleep(0.01)
t = threading.Thread(target=work, name="worker")
t.start()
t.join()
`;
	await runCode(page, code);
	await tab(page, 'threads');
	const panel = page.locator('#panel-threads');
	await panel.locator('.lane').first().waitFor();
	assert.deepEqual(await panel.locator('.lane-name').allTextContents(), ['MainThread', 'worker']);
	assert.match(
		await panel.locator('.prose').innerText(),
		/^The GIL was let go \d+ times: \d+ forced/,
	);
	// By reasoning: it is started in line 5, and lets go to sleep in line 3.
	const row = panel.locator('tr', { hasText: 'worker' }).first();
	assert.equal(await row.getAttribute('data-line'), '5');
	assert.ok((await panel.locator('tr[data-line="3"]').count()) >= 1);
	await row.hover();
	assert.equal(await linkedLine(page), 't.start()');
	const shown = () => panel.locator('figcaption').innerText();
	const all = await shown();
	await panel.getByRole('button', { name: 'Nearer' }).click();
	assert.notEqual(await shown(), all);
	await panel.getByRole('button', { name: 'Farther' }).click();
	assert.equal(await shown(), all);
});

test('tasks: with a virtual clock sleeping takes no time', async ({ page }) => {
	await runCode(page, 'import asyncio\nasyncio.run(asyncio.sleep(0.01))\n');
	await tab(page, 'tasks');
	const panel = page.locator('#panel-tasks');
	assert.ok(!(await panel.innerText()).includes('The clock is virtual'));
	const { body } = await running(page, () => panel.getByRole('checkbox').check());
	assert.equal(body.lenses.tasks.totals.skipped_ns > 0, true);
	// A quarter of an hour, for which no run may last.
	await runCode(page, 'import asyncio\nasyncio.run(asyncio.sleep(900))\nprint("over")\n');
	assert.equal(await page.locator('.stdout pre').textContent(), 'over\n');
	await panel.getByText('The clock is virtual: 900 s of waiting took no time.').waitFor();
});

const table = (panel, caption) =>
	panel.locator('table', { has: panel.page().locator('caption', { hasText: caption }) });

test('line numbers stay beside their lines when heat makes one of them wrap', async ({ page }) => {
	// At 1280 pixels the second line has room to spare, and not for the share of time beside it.
	const width = 62;
	await runCode(page, `x = 1\nprint(${'1'.repeat(width - 7)})\nprint(x)\n`);
	const tops = (of) =>
		page.locator('.cm-content').evaluate((c, of) => {
			const all = [...c.getRootNode().querySelectorAll(of)];
			return all.slice(-4).map((e) => Math.round(e.getBoundingClientRect().top));
		}, of);
	await page.locator('.cm-heat').first().waitFor();
	const lines = await tops('.cm-line');
	assert.ok(lines[2] - lines[1] > 1.5 * (lines[1] - lines[0]), `it does not wrap: ${lines}`);
	assert.deepEqual(await tops('.cm-lineNumbers .cm-gutterElement'), lines);
});

test('bytecode: how deep the stack is, and where basic blocks begin', async ({ page }) => {
	await runCode(page, 'for i in ():\n    print(i)\n');
	await tab(page, 'bytecode');
	const rows = await page
		.locator('#panel-bytecode .instructions tbody tr')
		.evaluateAll((all) =>
			all.map((row) => [
				row.querySelector('.op').textContent,
				row.querySelector('.depth').textContent,
				row.classList.contains('block'),
			]),
		);
	// By the documents of dis: FOR_ITER pushes the next item, or takes the iterator away and jumps behind the loop;
	// the loop is jumped to again, and what is behind it is jumped to.
	const loop = rows.findIndex(([op]) => op === 'FOR_ITER');
	assert.deepEqual(rows[loop], ['FOR_ITER', '1→2/0', true]);
	assert.deepEqual(rows[loop + 1], ['STORE_NAME', '2→1', true]);
	assert.deepEqual(rows.at(-3).slice(0, 2), ['JUMP_BACKWARD', '1→1']);
	assert.deepEqual(rows.at(-2), ['LOAD_CONST', '0→1', true]);
	assert.deepEqual(rows.at(-1), ['RETURN_VALUE', '1', false]);
	assert.equal(rows.filter(([, , block]) => block).length, 3);
});

test('bytecode: jumps lead to their targets', async ({ page }) => {
	await runCode(page, 'for i in ():\n    print(i)\n');
	await tab(page, 'bytecode');
	const panel = page.locator('#panel-bytecode');
	const jump = panel.locator('tr', { hasText: 'JUMP_BACKWARD' }).getByRole('button');
	assert.match(await jump.innerText(), /^to \d+$/);
	await jump.click();
	assert.match(await page.evaluate(() => document.activeElement.innerText), /FOR_ITER/);
});

test('processes: who started whom, lanes, what was sent, and the lines', async ({ page }) => {
	const code = `import multiprocessing
def work(c):
    c.send(b"x" * 1000)
a, b = multiprocessing.Pipe()
p = multiprocessing.Process(target=work, args=(b,), name="worker")
p.start()
a.recv()
p.join()
`;
	await runCode(page, code);
	await tab(page, 'processes');
	const panel = page.locator('#panel-processes');
	await panel.locator('.lane').first().waitFor();
	assert.deepEqual(await panel.locator('.lane-name').allTextContents(), [
		'the program',
		'· worker',
	]);
	// By reasoning: one message, of a thousand bytes and what pickle puts around them.
	assert.match(
		await panel.locator('.prose').innerText(),
		/^2 processes, with the program itself\. 1 message between them, /,
	);
	const row = table(panel, 'Processes').locator('tr[data-line="6"]', { hasText: 'worker' });
	assert.match(await row.innerText(), /multiprocessing\.fork[\s\S]*exit 0/);
	await row.hover();
	assert.equal(await linkedLine(page), 'p.start()');
	const lane = (name) => panel.locator('.lane', { hasText: name });
	assert.equal(await lane('worker').locator('rect.runs').count(), 1);
	assert.equal(await lane('the program').locator('rect.blocked').count(), 1);
	for (const line of [3, 7])
		assert.equal(
			await table(panel, 'Where messages').locator(`tr[data-line="${line}"]`).count(),
			1,
		);
	await loadAxe(page);
	await axe(page, 'processes');
});

test('processes: a program that starts none says so', async ({ page }) => {
	await runCode(page, 'print(1)');
	await tab(page, 'processes');
	const panel = page.locator('#panel-processes');
	assert.equal(await panel.locator('.prose').innerText(), 'The program started no process.');
	assert.equal(await panel.locator('.lane').count(), 0);
});

test('tasks: how they ended and what held the loop up, lanes, and tables that lead to the lines', async ({
	page,
}) => {
	const code = `import asyncio, time
async def work(n):
    await asyncio.sleep(n / 100)
    time.sleep(0.1)
async def main():
    other = asyncio.create_task(work(2), name="other")
    await asyncio.gather(work(1), other)
asyncio.run(main())
`;
	await runCode(page, code);
	await tab(page, 'tasks');
	const panel = page.locator('#panel-tasks');
	await panel.locator('.lane').first().waitFor();
	// By reasoning: main, other and the one that gather makes, and what asyncio.run has its loop do at its end;
	// both sleeps are longer than 50 ms, and are called in line 4.
	const summary = await panel.locator('.prose').innerText();
	assert.match(summary, /^(\d+) tasks: \1 returned\. The loop ran for /);
	assert.match(
		summary,
		/held up 2 times .*longest for \d+ ms, in time\.sleep, called at line 4\.$/,
	);
	const names = await panel.locator('.lane-name').allTextContents();
	assert.deepEqual(names.slice(0, 2), ['loop held up', 'Task-1']);
	const lane = (name) => panel.locator('.lane', { hasText: name });
	assert.equal(await lane('loop held up').locator('rect.held-up').count(), 2);
	for (const kind of ['runs', 'ready', 'waits'])
		assert.ok((await lane('other').locator(`rect.${kind}`).count()) >= 1, kind);
	const row = panel.locator('tr[data-line="6"]', { hasText: 'other' });
	assert.equal(await row.locator('code').innerText(), 'work');
	await row.hover();
	assert.equal(
		(await linkedLine(page)).trim(),
		'other = asyncio.create_task(work(2), name="other")',
	);
	assert.equal(await table(panel, 'What held the loop up').locator('tr[data-line="4"]').count(), 2);
	assert.equal(await table(panel, 'What tasks waited for').locator('tr[data-line="7"]').count(), 1);
	assert.equal(await table(panel, 'Who still waited').count(), 0);
	await loadAxe(page);
	await axe(page, 'tasks');
	// The line of the summary by the keyboard, once the mouse points at nothing: the caret is there.
	await page.mouse.move(1, 1);
	await panel.getByRole('button', { name: 'line 4' }).focus();
	await page.keyboard.press('Enter');
	await panel.locator('tr[data-line="4"][aria-current="true"]').first().waitFor();
	assert.equal(
		await page.locator('.cm-content').evaluate((e) => e.getRootNode().activeElement === e),
		true,
	);
});

test('tasks: a circle of those that wait for each other; a program without any', async ({
	page,
}) => {
	const code = `import asyncio
async def one(a, b):
    async with a:
        await asyncio.sleep(0.01)
        async with b:
            pass
async def main():
    a, b = asyncio.Lock(), asyncio.Lock()
    tasks = [asyncio.create_task(one(a, b), name="ab"), asyncio.create_task(one(b, a), name="ba")]
    await asyncio.wait(tasks, timeout=0.05)
    return tasks
left = asyncio.new_event_loop().run_until_complete(main())
`;
	await runCode(page, code);
	await tab(page, 'tasks');
	const panel = page.locator('#panel-tasks');
	await panel
		.getByText(/In a circle, each waits for the next: (ab → ba → ab|ba → ab → ba)\./)
		.waitFor();
	// Each waits in line 5 for the lock that the other has.
	const rows = table(panel, 'Who still waited').locator('tbody tr[data-line="5"]');
	assert.deepEqual(
		await rows.evaluateAll((all) => all.map((tr) => [0, 1, 2].map((i) => tr.cells[i].innerText))),
		[
			['ab', 'lock, Lock.acquire', 'ba'],
			['ba', 'lock, Lock.acquire', 'ab'],
		],
	);
	await runCode(page, 'print(1)\n');
	await panel.getByText('No event loop of asyncio ran: there are no tasks.').waitFor();
	assert.equal(await panel.locator('table, .lane').count(), 0);
});

test('gc: a film of a collection, forth and back, drawn and as a table', async ({ page }) => {
	const { lenses } = await runCode(
		page,
		`import gc
class Node:
    def __del__(self): pass
def ring():
    a, b = Node(), Node()
    a.other, b.other = b, a
keep = Node()
ring()
gc.collect()
`,
	);
	const [film] = lenses.gc.films;
	await tab(page, 'gc');
	const panel = page.locator('#panel-gc');
	// By reasoning: asked for in line 9, it frees both of the ring and not what has a name.
	const row = panel.locator('tr[data-line="9"]').first();
	assert.match(await row.innerText(), /gc\.collect\(\)/);
	const slider = panel.getByRole('slider');
	const rows = () =>
		table(panel, 'The objects at this point')
			.locator('tbody tr')
			.evaluateAll((all) => all.map((r) => [...r.children].map((c) => c.innerText.trim())));
	const so = async () =>
		Object.fromEntries((await rows()).map(([, name, , , fate]) => [name, fate]));
	const lost = film.objects.filter((o) => o.verdict === 'garbage').map((o) => `Node ${o.object}`);
	assert.equal(lost.length, 2);
	assert.deepEqual(new Set(Object.values(await so())), new Set(['']));
	await slider.focus();
	await page.keyboard.press('End');
	const end = await so();
	assert.deepEqual(
		lost.map((name) => end[name]),
		['freed', 'freed'],
	);
	assert.equal(end.keep, 'reached');
	assert.match(await panel.locator('.film output').innerText(), /freed 2 objects\.$/);
	assert.equal(await panel.locator('.film .node.freed').count(), 2);
	await panel.getByRole('button', { name: 'Back' }).click();
	assert.match(await panel.locator('.film output').innerText(), /The finalizer of Node \d+ runs/);
	assert.equal(await panel.locator('.film tr.now').count(), 1);
	// Of each object what is left is what the lens says of it.
	for (const [n, , references, left] of await rows()) {
		const o = film.objects.find((one) => one.object === Number(n));
		assert.deepEqual([references, left], [String(o.refcount), String(o.gc_refs)]);
	}
	const few = (await rows()).length;
	await panel.getByRole('button', { name: /more, the interpreter/ }).click();
	assert.equal((await rows()).length, film.objects.length);
	assert.ok(film.objects.length > few);
	await loadAxe(page);
	await axe(page, 'a film');
});

test('refcounts: what changed each count, and who holds the references', async ({ page }) => {
	const code = `a = [1]
def f(x):
    return x
b = f(a)
c = {'k': a}
`;
	await runCode(page, code);
	await tab(page, 'refcounts');
	const panel = page.locator('#panel-refcounts');
	await panel.locator('input[type=text]').first().fill('a');
	await running(page, () => panel.getByLabel('What changed them').check());
	const { body } = await running(page, () => panel.getByLabel('Who holds them').check());
	const lens = body.lenses.refcounts;
	const rows = (caption) =>
		table(panel, caption)
			.locator('tbody tr')
			.evaluateAll((all) => all.map((r) => [...r.children].map((c) => c.innerText.trim())));
	// By reasoning: line 1 binds it; line 5 loads it for the dict.
	const at = (line) => lens.steps.findIndex((s) => s.line === line && s.changes.length > 0);
	const slider = panel.getByRole('slider');
	await slider.fill(String(at(1)));
	assert.deepEqual(
		await rows(/What changed counts/),
		[['a', '– → 2', 'STORE_NAME', '1', 'a']].map((row) =>
			row.map((cell, i) => (i === 1 ? `– → ${lens.steps[at(1)].counts.a}` : cell)),
		),
	);
	await slider.fill(String(at(5)));
	const [first] = await rows(/What changed counts/);
	assert.deepEqual([first[0], first[2], first[3], first[4]], ['a', 'LOAD_NAME', '5', 'a']);
	// a and b are one object: two keys of the module's dict, one of c.
	const held = await rows('Who holds the references at the end');
	assert.deepEqual(held.map((r) => r.at(-1)).sort(), [
		"['a'], ['b'] of dict, module __main__.__dict__",
		"['k'] of dict",
	]);
	assert.equal(held[0][2], '3');
	await loadAxe(page);
	await axe(page, 'changes and holders');
});

test('bytecode: as compiled, and beside it what the run made of it', async ({ page }) => {
	const code = 'def f(n):\n    t = 0\n    for i in range(n): t = t + i\n    return t\nf(1000)\n';
	await runCode(page, code);
	await tab(page, 'bytecode');
	const panel = page.locator('#panel-bytecode');
	const heads = () => panel.locator('.instructions').nth(1).locator('thead th').allInnerTexts();
	assert.ok(!(await heads()).includes('After the run'));
	const { body } = await running(page, () =>
		panel.getByLabel('Specialised forms after the run').check(),
	);
	const f = body.lenses.bytecode.code_objects[1];
	const column = (await heads()).indexOf('After the run');
	const made = await panel
		.locator('.instructions')
		.nth(1)
		.locator('tbody tr')
		.evaluateAll((rows, n) => rows.map((r) => r.children[n].innerText.trim()), column);
	assert.deepEqual(
		made,
		f.instructions.map((i) => (i.specialized && i.specialized !== i.op ? i.specialized : '·')),
	);
	// By reasoning: two ints are added a thousand times.
	assert.ok(made.includes('BINARY_OP_ADD_INT'), made.join(' '));
	const n = made.filter((m) => m !== '·').length;
	assert.match(
		await panel.locator('.code-object > summary').nth(1).innerText(),
		new RegExp(`· ${n} specialised`),
	);
});
