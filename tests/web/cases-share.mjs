// Sharing: what is copied and what it holds, a link that is opened, and the reader's draft, which stays.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { axe, fitsIn, loadAxe, small } from './access.mjs';
import { running, tab, type } from './driver.mjs';
import { python } from './harness.mjs';
import { source } from './source-module.mjs';
import { phone, test } from './suite.mjs';

const { decode, encode } = await source('share/format');

const permissions = ['clipboard-read', 'clipboard-write'];
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());
const code = (page) =>
	page
		.locator('.cm-line')
		.allInnerTexts()
		.then((lines) => lines.map((l) => l.replace(/\n$/, '')).join('\n'));
const notice = (page) => page.locator('.link-notice');

async function menu(page) {
	await page.getByRole('button', { name: 'Share' }).click();
	await page.locator('.share-menu button:focus').waitFor();
}

async function copied(page, name) {
	await menu(page);
	await page.getByRole('button', { name: new RegExp(`^${name}`) }).click();
	await page.locator('.copied:not(:empty)').waitFor();
	const text = await clipboard(page);
	await page.keyboard.press('Escape');
	return text;
}

/** Opens a link anew, as somebody does who has this browser. */
async function goTo(page, server, fragment) {
	await page.goto('about:blank');
	await page.goto(`${server.url}#${fragment}`);
	await page.locator('.cm-content').waitFor();
}

/** Waits until the browser keeps such a draft. */
const kept = (page, text) =>
	page.waitForFunction(
		(text) => JSON.parse(localStorage.getItem('vitrine.draft.1') ?? '{}').code === text,
		text,
	);

/** Everything that the page asks for a run for, from now on. */
function runsOf(page) {
	const asked = [];
	page.on('request', (r) => {
		if (r.method() === 'POST') asked.push(r.postDataJSON());
	});
	return asked;
}

const SNIPPET = 'import sys\nrow = [1]\nprint(sys.argv[1:], input(), "é😀")\n';

test(
	'by keyboard: a link is copied, and opened it shows the same and asks for the same',
	async ({ page, server }) => {
		await type(page, SNIPPET);
		await page.getByText('Input and arguments').click();
		await page.getByLabel('Standard input').fill('hé\n');
		await page.getByLabel('Arguments, one a line').fill('a b\n\n-x');
		await page.getByText('Lenses', { exact: true }).click();
		for (const name of ['Steps', 'Frames', 'Threads'])
			await page.getByRole('checkbox', { name, exact: true }).uncheck();
		await page.getByLabel('Run on').selectOption('3.12');
		const asked = runsOf(page);
		await running(page, () => page.keyboard.press('Control+Enter'));
		await tab(page, 'bytecode');
		await running(page, () => page.getByLabel('Specialised forms after the run').check());
		await tab(page, 'tasks');
		await running(page, () => page.getByLabel(/^Virtual clock/).check());
		await tab(page, 'refcounts');
		await page.locator('#panel-refcounts input[type=text]').first().fill('row x');
		await running(page, () => page.keyboard.press('Control+Enter'));
		const want = asked.at(-1);
		const runs = asked.length;
		assert.deepEqual(want.lenses.refcounts.names, ['row', 'x']);
		assert.deepEqual(want.lenses.tasks, { virtual_clock: true });
		await tab(page, 'bytecode');

		const button = page.getByRole('button', { name: 'Share' });
		await button.focus();
		await page.keyboard.press('Enter');
		const focused = () => page.evaluate(() => document.activeElement.innerText.split('\n')[0]);
		await page.locator('.share-menu button:focus').waitFor();
		const seen = [await focused()];
		for (let i = 0; i < 5; i++) {
			await page.keyboard.press('ArrowDown');
			seen.push(await focused());
		}
		assert.deepEqual(seen, [
			...['Copy link', 'Short link', 'Copy as Markdown', 'Copy as curl', 'Copy embed code'],
			'Copy link',
		]);
		await page.keyboard.press('Enter');
		await page.locator('.copied:not(:empty)').waitFor();
		const link = await clipboard(page);
		assert.equal(
			await page.locator('.copied').innerText(),
			`The link is on the clipboard: ${link.length} characters.`,
		);
		await page.keyboard.press('Escape');
		await page.locator('.share:focus').waitFor();
		assert.ok(link.startsWith(`${server.url}#1:`), link);
		// Nothing was stored, anywhere.
		assert.equal(asked.length, runs);

		// Where nothing is kept.
		await page.evaluate(() => localStorage.clear());
		const other = await page.context().browser().newContext({ permissions });
		const there = await other.newPage();
		const theirs = runsOf(there);
		await there.goto(link);
		await notice(there).getByText('Nothing of it has run.').waitFor();
		assert.equal(await notice(there).getByText('draft').count(), 0);
		assert.equal(await code(there), SNIPPET);
		assert.equal(await there.locator('#tab-bytecode').getAttribute('aria-selected'), 'true');
		assert.equal(await there.getByLabel('Run on').inputValue(), '3.12');
		assert.match(await there.locator('.drawer').first().innerText(), /1 line · 3 arguments/);
		assert.deepEqual(theirs, []);
		await Promise.all([
			there.waitForResponse((r) => new URL(r.url()).pathname === '/v1/runs'),
			there.getByRole('button', { name: /^Run/ }).click(),
		]);
		await there.locator('.results[aria-busy="false"]').waitFor({ state: 'attached' });
		assert.deepEqual(theirs, [want]);
		assert.equal(await notice(there).getByText('Nothing of it has run.').count(), 0);
		// The same again has the same link.
		assert.equal(await copied(there, 'Copy link'), link);
		await other.close();
	},
	{ permissions },
);

test(
	'an old link: the page asks for what it holds, and makes a link that holds the same',
	async ({ page, server }) => {
		for (const { what, link, holds } of JSON.parse(
			readFileSync(new URL('./links-v1.json', import.meta.url), 'utf8'),
		)) {
			await goTo(page, server, link);
			await notice(page).getByText('This came by a link.').waitFor();
			assert.equal(await notice(page).getByText('Left out').count(), 0, what);
			const again = await decode(new URL(await copied(page, 'Copy link')).hash);
			const asked = runsOf(page);
			await running(page, () => page.locator('.top .run').click());
			const { panel, runtime, lenses, ...request } = holds;
			for (const is of [asked[0], again])
				for (const [name, value] of Object.entries({ ...request, lenses, runtime }))
					if (value !== undefined) assert.deepEqual(is[name], value, `${what}: ${name}`);
			assert.equal(again.panel, panel ?? 'output', what);
		}
	},
	{ permissions },
);

test('a draft is kept: seen, edited, and back again', async ({ page, server }) => {
	await type(page, 'mine = 1\n');
	await kept(page, 'mine = 1\n');
	const link = await encode({ code: 'theirs = 2\n' });
	// On the page that is open, before it could be kept.
	await type(page, 'mine = 3\n');
	await page.evaluate((link) => {
		location.hash = link;
	}, link);
	await notice(page).getByText('Your own draft is kept.').waitFor();
	assert.equal(await code(page), 'theirs = 2\n');
	await kept(page, 'mine = 3\n');
	await page.getByRole('button', { name: 'Back to my draft' }).click();
	assert.equal(await code(page), 'mine = 3\n');
	assert.equal(new URL(page.url()).hash, '');
	await kept(page, 'mine = 3\n');

	// From elsewhere: looked at, and looked at again, and another; nothing is in the draft's place.
	await goTo(page, server, link);
	await page.reload();
	await notice(page).getByText('Your own draft is kept.').waitFor();
	await page.evaluate(
		(link) => {
			location.hash = link;
		},
		await encode({ code: 'third = 3\n' }),
	);
	await page.locator('.cm-line', { hasText: 'third' }).waitFor();
	await page.evaluate(() => window.dispatchEvent(new Event('pagehide')));
	await kept(page, 'mine = 3\n');
	// A line end that the editor does not have is no edit.
	await page.evaluate(
		(link) => {
			location.hash = link;
		},
		await encode({ code: 'fourth = 4\r\n' }),
	);
	await page.locator('.cm-line', { hasText: 'fourth' }).waitFor();
	await page.evaluate(() => window.dispatchEvent(new Event('pagehide')));
	await kept(page, 'mine = 3\n');
	await notice(page).getByText('Your own draft is kept.').waitFor();
	// Edited, it is the draft; the one before can be had back, and the edited one after that.
	await type(page, 'third = 4\n');
	await notice(page).getByText('your earlier draft is kept').waitFor();
	await kept(page, 'third = 4\n');
	assert.equal(new URL(page.url()).hash, '');
	await page.reload();
	await page.locator('.cm-content').waitFor();
	assert.equal(await notice(page).count(), 0);
	assert.equal(await code(page), 'third = 4\n');
	const earlier = page.locator('optgroup[label="Your earlier drafts"] option');
	assert.deepEqual(await earlier.allTextContents(), ['mine = 3']);
	await page.getByLabel('Examples').selectOption({ label: 'mine = 3' });
	assert.equal(await code(page), 'mine = 3\n');
	assert.deepEqual(await earlier.allTextContents(), ['third = 4']);
	// An example is put in its place: it is kept as well.
	await page.getByLabel('Examples').selectOption({ label: 'Two names, one list' });
	assert.deepEqual(await earlier.allTextContents(), ['mine = 3', 'third = 4']);
});

test('where nothing can be kept a draft is there as long as the page is', async ({ page }) => {
	await page.evaluate(() => {
		Storage.prototype.setItem = () => {
			throw new DOMException('full', 'QuotaExceededError');
		};
	});
	await type(page, 'mine = 1\n');
	await page.evaluate(
		(link) => {
			location.hash = link;
		},
		await encode({ code: 'theirs = 2\n' }),
	);
	await notice(page).waitFor();
	await type(page, 'theirs = 3\n');
	await notice(page).getByText('your earlier draft is kept').waitFor();
	await page.getByLabel('Examples').selectOption({ label: 'mine = 1' });
	assert.equal(await code(page), 'mine = 1\n');
});

test('what another tab went on with is kept too', async ({ page, server }) => {
	await type(page, 'mine = 1\n');
	await kept(page, 'mine = 1\n');
	const other = await page.context().newPage();
	await other.goto(`${server.url}#${await encode({ code: 'theirs = 2\n' })}`);
	await notice(other).waitFor();
	await type(page, 'mine = 5\n');
	await kept(page, 'mine = 5\n');
	await type(other, 'theirs = 3\n');
	await kept(other, 'theirs = 3\n');
	assert.deepEqual(
		await other.locator('optgroup[label="Your earlier drafts"] option').allTextContents(),
		['mine = 5', 'mine = 1'],
	);
});

test('a link that is damaged, newer or a bomb: in words, and the page is as it was', async ({
	page,
	server,
}) => {
	await type(page, 'mine = 1\n');
	await kept(page, 'mine = 1\n');
	const link = await encode({ code: 'theirs = 2\n', args: ['x'] });
	const bomb = python(`import zlib, base64, json
print(json.dumps("1:" + base64.urlsafe_b64encode(zlib.compress(b'{"code":"' + b"a" * 20_000_000 + b'"}', 9)).decode().rstrip("=")))`);
	for (const [fragment, words] of [
		[link.slice(0, -3), 'damaged or not whole'],
		// Behind the end of a stream there is nothing; so is what two links were run together to.
		[`${link}AAAA`, 'damaged or not whole'],
		[link.replace('1:', '2:'), 'made by a newer Vitrine'],
		[bomb, 'larger than 1024 KiB'],
		[await encode(['code']), 'there is no code in it'],
	]) {
		await goTo(page, server, fragment);
		await notice(page).getByRole('alert').getByText(words).waitFor();
		assert.equal(await code(page), 'mine = 1\n', words);
	}
	// Typing goes on in the draft.
	await type(page, 'mine = 2\n');
	await kept(page, 'mine = 2\n');
	// A bad link over a good one that was not edited: that is not the reader's draft now.
	await goTo(page, server, link);
	await notice(page).getByText('This came by a link.').waitFor();
	await page.evaluate(() => {
		location.hash = '2:x';
	});
	await notice(page).getByRole('alert').waitFor();
	await page.evaluate(() => window.dispatchEvent(new Event('pagehide')));
	await kept(page, 'mine = 2\n');
	// What is no link is not looked at.
	await page.getByRole('button', { name: 'Close this message' }).click();
	await page.evaluate(() => {
		location.hash = 'section';
	});
	assert.equal(await notice(page).count(), 0);
});

test('what the page has no field for is shown and sent, and can be left off', async ({
	page,
	server,
}) => {
	const files = [{ path: 'util.py', text: 'x = 6 * 7\n' }];
	const limits = { wall_ms: 2000 };
	await goTo(
		page,
		server,
		await encode({
			code: 'import util\nprint(util.x)\n',
			files,
			limits,
			hash_seed: 7,
			start: 'cold',
			runtime: '3.99',
			lenses: { gc: {}, bytecode: { depth: 3 }, flux: {} },
			colour: 'red',
		}),
	);
	await notice(page)
		.getByText('CPython 3.99, which is not installed here; a run is made on 3.11.')
		.waitFor();
	const words = await notice(page).innerText();
	assert.match(words, /Left out, .*: colour, the lens flux, options of the lens bytecode\./);
	await page.getByText('Input and arguments').click();
	const also = page.getByText(/^By the link, each run also has/);
	assert.equal(
		await also.innerText(),
		'By the link, each run also has: file util.py, wall_ms 2000, hash_seed 7, start cold.',
	);
	await page.locator('.carried summary').click();
	await page.locator('.carried pre', { hasText: 'x = 6 * 7' }).waitFor();
	const asked = runsOf(page);
	await running(page, () => page.getByRole('button', { name: /^Run/ }).click());
	assert.equal(await page.locator('#panel-output pre').first().innerText(), '42\n');
	const sent = { files, limits, hash_seed: 7, start: 'cold' };
	for (const [name, value] of Object.entries(sent)) assert.deepEqual(asked[0][name], value, name);
	assert.deepEqual(asked[0].lenses, { gc: {}, bytecode: {} });
	await page.getByRole('button', { name: 'Leave these off' }).click();
	await running(page, () => page.keyboard.press('Control+Enter'));
	for (const name of Object.keys(sent)) assert.ok(!(name in asked[1]), name);
});

/** sh, with a text on its standard input, as if it was pasted. */
const sh = (text) =>
	new Promise((done, fail) => {
		const child = spawn('sh', { stdio: ['pipe', 'pipe', 'inherit'] });
		let out = '';
		child.stdout.on('data', (part) => {
			out += part;
		});
		child.on('error', fail);
		child.on('close', (status) => done({ status, out }));
		child.stdin.end(text);
	});

test(
	'a command for curl: pasted into sh it runs the same; Markdown has what came of it',
	async ({ page }) => {
		const text = `import sys\nprint('''it's "$HOME" \`id\` \\\\ !x é😀''', sys.argv)\nsys.exit(3)\n`;
		await type(page, text);
		await page.getByText('Input and arguments').click();
		await page.getByLabel('Arguments, one a line').fill("$(id)\n'");
		const { body: reply } = await running(page, () =>
			page.getByRole('button', { name: /^Run/ }).click(),
		);
		const command = await copied(page, 'Copy as curl');
		const { status, out } = await sh(command);
		assert.equal(status, 0);
		const byCurl = JSON.parse(out);
		assert.deepEqual(
			[byCurl.stdout, byCurl.exit_code, byCurl.runtime.id],
			[reply.stdout, 3, reply.runtime.id],
		);
		assert.deepEqual(Object.keys(byCurl.lenses), Object.keys(reply.lenses));

		const markdown = await copied(page, 'Copy as Markdown');
		assert.ok(
			markdown.startsWith(`\`\`\`python\n${text}\`\`\`\n\nArguments, one a line:\n`),
			markdown,
		);
		assert.ok(
			markdown.includes(
				`\nOutput, CPython ${reply.runtime.version}:\n\n\`\`\`text\n${reply.stdout.text}\`\`\`\n\nExit code 3.\n`,
			),
			markdown,
		);
		const link = /\[Open in Vitrine\]\((.+)\)\n$/.exec(markdown)[1];
		assert.equal(link, await copied(page, 'Copy link'));
		// What was edited since came of something else.
		await type(page, 'print(2)\n');
		const after = await copied(page, 'Copy as Markdown');
		assert.ok(after.startsWith('```python\nprint(2)\n```\n') && !after.includes('Output'), after);
	},
	{ permissions },
);

test('without a clipboard, as where a page is not from a safe place: what to copy is selected', async ({
	page,
}) => {
	await page.evaluate(() =>
		Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true }),
	);
	await type(page, 'print(1)\n');
	await menu(page);
	await page.getByRole('button', { name: /^Copy link/ }).click();
	const field = page.getByLabel('Copy this');
	await page.getByText('does not let this page use the clipboard').waitFor();
	const [focused, selected] = await field.evaluate((e) => [
		document.activeElement === e,
		e.value.slice(e.selectionStart, e.selectionEnd),
	]);
	assert.ok(focused);
	assert.match(selected, /^http:\/\/127\.0\.0\.1:\d+\/#1:[\w-]+$/);
	assert.equal(await field.inputValue(), selected);
	await page.getByRole('button', { name: /^Copy as curl/ }).click();
	await page.waitForFunction(() =>
		document.activeElement.value?.slice(0, document.activeElement.selectionEnd).startsWith('curl '),
	);
});

test(
	'too large for a link: it is said, and the rest can be copied',
	async ({ page }) => {
		const noise = python(
			'import json, random; print(json.dumps(random.Random(1).randbytes(40000).hex()))',
		);
		await type(page, `x = "${noise}"\n`);
		await menu(page);
		await page.getByText('This is too large for a link.').waitFor();
		for (const name of [/^Copy link/, /^Copy embed code/])
			assert.ok(await page.getByRole('button', { name }).isDisabled());
		await page.getByRole('button', { name: /^Copy as Markdown/ }).click();
		await page.locator('.copied:not(:empty)').waitFor();
		const text = await clipboard(page);
		assert.ok(text.includes(noise) && !text.includes('Open in Vitrine'));
		// One that is long, but not too long, is told to be.
		await page.keyboard.press('Escape');
		await type(page, `x = "${noise.slice(0, 4000)}"\n`);
		await menu(page);
		await page.getByText(/some chats and mail programs cut a link/).waitFor();
	},
	{ permissions },
);

test(
	'parts that cannot be loaded: in words, and the draft is there',
	async ({ page, server }) => {
		await type(page, 'mine = 1\n');
		await kept(page, 'mine = 1\n');
		await page.route(/assets\/(open|menu)-/, (route) => route.abort());
		await goTo(page, server, await encode({ code: 'theirs = 2\n' }));
		await page.getByRole('alert').getByText('What opens links could not be loaded').waitFor();
		assert.equal(await code(page), 'mine = 1\n');
		await page.getByRole('button', { name: 'Share' }).click();
		await page.getByText('This part could not be loaded').waitFor();
		await page.unroute(/assets\/(open|menu)-/);
	},
	{ allow: /Failed to load resource/ },
);

for (const [name, width, options] of [
	['wide and light', 1280, { colorScheme: 'light' }],
	['narrow and dark', 390, { ...phone, colorScheme: 'dark' }],
	['very narrow', 320, { ...phone, viewport: { width: 320, height: 640 }, colorScheme: 'light' }],
])
	test(
		`${name}: the box and what is said of a link fit, targets are large enough, axe finds nothing`,
		async ({ page }) => {
			await loadAxe(page);
			await type(page, 'mine = 1\n');
			await page.getByLabel('Run on').selectOption('3.12');
			const head = page.locator('.top');
			const [has, is] = await head.evaluate((e) => [e.scrollWidth, e.clientWidth]);
			assert.ok(has <= is, `the head: ${has} in ${is}`);
			await menu(page);
			await page.getByRole('button', { name: /^Copy link/ }).click();
			await page.locator('.copied:not(:empty)').waitFor();
			await axe(page, 'the box');
			assert.deepEqual(await small(page), []);
			const box = await page.locator('#share').boundingBox();
			assert.ok(box.x >= 0 && box.x + box.width <= width, JSON.stringify(box));
			const height = options.viewport?.height ?? 800;
			assert.ok(box.y >= 0 && box.y + box.height <= height, JSON.stringify(box));
			await page.keyboard.press('Escape');
			const link = await encode({
				code: 'theirs = 2\n',
				runtime: '3.99',
				files: [{ path: 'a.py', text: 'x' }],
			});
			for (const hash of [link, '2:x']) {
				await page.evaluate((hash) => {
					location.hash = hash;
				}, hash);
				await notice(page)
					.getByRole(hash === link ? 'status' : 'alert')
					.waitFor();
				await axe(page, hash);
				assert.deepEqual(await small(page), []);
				await fitsIn(page, width, hash);
			}
			await page.getByText('Input and arguments').click();
			assert.deepEqual(await small(page), []);
			await axe(page, 'what came with it');
		},
		{ ...options, permissions },
	);

test('a link that is opened while a run goes on: the run ends, and is not shown', async ({
	page,
}) => {
	await type(page, 'import time\nprint("of the draft", flush=True)\ntime.sleep(9)\n');
	await page.keyboard.press('Control+Enter');
	await page.locator('.live .stdout pre', { hasText: 'of the draft' }).waitFor();
	const fragment = await encode({ code: 'print("of the link")\n' });
	await page.evaluate((to) => {
		location.hash = to;
	}, fragment);
	await page.locator('.cm-line', { hasText: 'of the link' }).waitFor();
	await page.locator('.results[aria-busy="false"]').waitFor({ state: 'attached' });
	await page.getByText('Nothing has run yet').first().waitFor();
	assert.equal(await page.locator('.live').count(), 0);
	await running(page, () => page.keyboard.press('Control+Enter'));
	assert.equal(await page.locator('.stdout pre').textContent(), 'of the link\n');
});
