// Race on purpose: what is asked of the program that ran, and what came of it.
import assert from 'node:assert/strict';
import { axe, fitsIn, loadAxe, small } from './access.mjs';
import { linkedLine, runCode, running, tab, type } from './driver.mjs';
import { phone, test } from './suite.mjs';

const COUNTER = `import threading
n = 0
def work():
    global n
    for i in range(50):
        n += 1
ts = [threading.Thread(target=work) for i in range(3)]
for t in ts: t.start()
for t in ts: t.join()
print(n)
`;
const LOCKS = `import threading
a, b = threading.Lock(), threading.Lock()
def one():
    with a:
        with b: pass
def two():
    with b:
        with a: pass
ts = [threading.Thread(target=f, daemon=True) for f in (one, two)]
for t in ts: t.start()
for t in ts: t.join()
print("done")
`;

const panel = (page) => page.locator('#panel-threads');
const rows = (page, caption) =>
	panel(page)
		.locator('table', { has: page.locator('caption', { hasText: caption }) })
		.locator('tbody tr')
		.evaluateAll((all) => all.map((r) => [...r.children].map((c) => c.innerText.trim())));

async function ran(page, code) {
	const result = await runCode(page, code);
	await tab(page, 'threads');
	return result;
}

const raced = async (page) => {
	const { body } = await running(page, () =>
		panel(page).getByRole('button', { name: 'Race' }).click(),
	);
	await panel(page).locator('.races [role=status]').waitFor();
	return body.lenses.races;
};

test('races: what updates come to, and by which switches; the run stays', async ({ page }) => {
	const { id } = await ran(page, COUNTER);
	const lens = await raced(page);
	// By reasoning: this CPython looks for other threads as a loop goes back, and not amid an update.
	const [most, ...others] = await rows(page, 'What came of it');
	assert.deepEqual(most.slice(1, 4), ['150', '20', '20']);
	assert.equal(most[5], 'exit 0');
	assert.ok(others.length > 0);
	for (const [n, output, asIs, atBreaks, inside, end] of others) {
		assert.deepEqual([asIs, atBreaks, inside, end], ['·', '·', n, 'exit 0']);
		assert.ok(Number(output) < 150);
	}
	assert.match(
		await panel(page).locator('.races [role=status]').innerText(),
		/^60 runs with 4 threads came to \d+ outcomes\. .* between any two instructions/,
	);
	assert.deepEqual(await rows(page, 'Where another thread may come between'), [
		['6', 'n += 1', 'n', 'read, then written', lens.windows[0].switches.toLocaleString('en')],
	]);
	// At first the one that took the fewest forced switches: who stops where, in the column of that thread.
	const forced = lens.outcomes.filter((o) => o.example.forced > 0).map((o) => o.example);
	const fewest = forced.reduce((a, b) => (b.forced < a.forced ? b : a));
	const caption = () => panel(page).locator('.turns caption').innerText();
	assert.match(await caption(), new RegExp(`^Run ${fewest.schedule},`));
	const heads = await panel(page).locator('.turns thead th').allInnerTexts();
	const turns = await rows(page, 'forced switch');
	assert.equal(turns.length, fewest.switches.length);
	const column = (thread) => heads.indexOf(thread === 0 ? 'main' : `thread ${thread}`);
	for (const [i, s] of fewest.switches.entries()) {
		assert.equal(turns[i][column(s.from)], `stops in line ${s.line}, before ${s.op}`);
		assert.equal(turns[i][column(s.to)], 'goes on');
		assert.equal(turns[i].at(-1), s.window === null ? '' : 'n');
	}
	// Another one, when it is asked for: the row says which.
	const how = panel(page).getByRole('button', { name: /^How it came about/, pressed: false });
	const output = (await how.first().getAttribute('aria-label')).replace(/.*, /, '');
	await how.first().click();
	const other = lens.outcomes.find((o) => o.stdout.text.trim() === output).example;
	assert.match(await caption(), new RegExp(`^Run ${other.schedule},`));
	await panel(page).locator('.turns tbody tr[data-line="6"]').first().hover();
	assert.equal((await linkedLine(page)).trim(), 'n += 1');
	// It is another request: what is shown of the first is still that.
	assert.equal(await page.locator('.run-id').innerText(), id);
	await loadAxe(page);
	await axe(page, 'races');
});

test('races: threads that wait for each other are an outcome, with their lines', async ({
	page,
}) => {
	await ran(page, LOCKS);
	const lens = await raced(page);
	const stuck = lens.outcomes.find((o) => o.end.how === 'stuck');
	assert.ok(stuck, JSON.stringify(lens.outcomes.map((o) => o.end.how)));
	await panel(page)
		.getByRole('button', { name: /^How it came about: stuck/ })
		.first()
		.click();
	const places = await rows(page, 'Where its threads were');
	// By reasoning: each has its first lock and waits for its second.
	assert.deepEqual(
		places.filter(([thread]) => thread !== 'main').map(([thread, line]) => [thread, line]),
		[
			['thread 1', '5'],
			['thread 2', '8'],
		],
	);
});

test('races: what is asked is the program that ran, on its runtime; it can be stopped', async ({
	page,
}) => {
	await ran(page, COUNTER);
	await type(page, 'print("edited")\n');
	await panel(page).getByLabel('Schedules').selectOption('1,000');
	await panel(page).getByLabel('Seed').fill('7');
	let asked = null;
	await page.route('**/v1/runs', async (route) => {
		asked = route.request().postDataJSON();
		await route.continue();
	});
	await Promise.all([
		page.waitForRequest('**/v1/runs'),
		panel(page).getByRole('button', { name: 'Race' }).click(),
	]);
	await panel(page).getByRole('button', { name: 'Stop' }).click();
	await panel(page).getByText('Stopped by you.').waitFor();
	assert.equal(asked.code, COUNTER);
	assert.equal(asked.runtime, '3.11');
	assert.deepEqual(asked.lenses, { races: { schedules: 1000, seed: 7 } });
	assert.ok((await panel(page).locator('.lane').count()) > 0, 'the lanes are still there');
});

test(
	'races: a refusal is said in its place, and one without threads is not asked for',
	async ({ page }) => {
		await ran(page, COUNTER);
		await page.route('**/v1/runs', (route) =>
			route.fulfill({
				status: 503,
				contentType: 'application/problem+json',
				headers: { 'retry-after': '3' },
				body: JSON.stringify({ status: 503, title: 'The queue is full', detail: 'Try later' }),
			}),
		);
		await panel(page).getByRole('button', { name: 'Race' }).click();
		await panel(page).getByText('Try again in 3 seconds.').waitFor();
		assert.ok((await panel(page).locator('.lane').count()) > 0);
		await page.unroute('**/v1/runs');
		await ran(page, 'print(1)\n');
		assert.equal(await panel(page).locator('.races').count(), 0);
	},
	{ allow: /503/ },
);

test(
	'races: on a phone',
	async ({ page }) => {
		await ran(page, COUNTER);
		await raced(page);
		await fitsIn(page, 390, 'races');
		assert.deepEqual(await small(page), []);
		await loadAxe(page);
		await axe(page, 'races, on a phone');
	},
	phone,
);
