// The panel of the source as the compiler read it: what ast, tokenize, symtable
// and code objects say, tied to the editor both ways.
import assert from 'node:assert/strict';
import { axe, fitsIn, loadAxe, small } from './access.mjs';
import { caretTo, onlyLens, runCode, tab } from './driver.mjs';
import { python } from './harness.mjs';
import { phone, test } from './suite.mjs';

// The é makes columns in bytes differ from columns in UTF-16.
const CODE = `def f(n):
    return len("é" + n) * 2
`;

async function part(page, code, title) {
	await runCode(page, code);
	await tab(page, 'ast');
	await page.getByRole('button', { name: new RegExp(`^${title} `) }).click();
}

const rows = (page) =>
	page
		.getByRole('treeitem')
		.evaluateAll((all) => all.map((e) => [e.querySelector('strong').textContent, e.ariaLevel]));

/** Types and depths, each node before those below it; operators and contexts
 * are told with the node that has them. */
const WALK = `
import ast, json, sys
source = sys.stdin.read()
out = []
def walk(node, depth):
    if isinstance(node, (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)): return
    at = ast.get_source_segment(source, node) if hasattr(node, 'lineno') else None
    out.append([type(node).__name__, str(depth), at])
    for child in ast.iter_child_nodes(node): walk(child, depth + 1)
walk(ast.parse(source), 1)
print(json.dumps(out))`;

test('ast: the tree is what ast says', async ({ page }) => {
	await part(page, CODE, 'Tree');
	const want = python(WALK, CODE);
	assert.deepEqual(
		await rows(page),
		want.map((row) => row.slice(0, 2)),
	);
	const call = page.getByRole('treeitem').filter({ hasText: 'funcName' });
	assert.equal(await call.textContent(), 'funcNameid=lenctx=Load');
});

test('ast: a node marks its range, by pointer and by keyboard', async ({ page }) => {
	await part(page, CODE, 'Tree');
	const want = python(WALK, CODE);
	const tree = page.getByRole('tree');
	const marked = () => page.locator('.cm-linkedRange').allInnerTexts();
	const at = want.findIndex(([node]) => node === 'Call');
	await page.getByRole('treeitem').nth(at).hover();
	assert.deepEqual(await marked(), [want[at][2]]);
	await page.locator('.status-line').hover();
	assert.deepEqual(await marked(), []);
	await page.getByRole('button', { name: 'Fold all' }).focus();
	await page.keyboard.press('Tab');
	for (let i = 0; i < 3 && (await page.locator('[role=treeitem]:focus').count()) === 0; i++)
		await page.keyboard.press('Tab');
	await page.keyboard.press('End');
	const last = want.at(-1);
	assert.deepEqual(await marked(), [last[2]]);
	assert.match(await page.locator('.node-now').innerText(), new RegExp(`${last[0]}.*line 2`, 's'));
	// Left: to its parent, then fold that; right: unfold, then into it.
	await page.keyboard.press('ArrowLeft');
	const focused = () =>
		page.evaluate(() => [
			document.activeElement.querySelector('strong').textContent,
			document.activeElement.ariaExpanded,
		]);
	assert.deepEqual(await focused(), ['BinOp', 'true']);
	const all = await page.getByRole('treeitem').count();
	await page.keyboard.press('ArrowLeft');
	assert.deepEqual(await focused(), ['BinOp', 'false']);
	assert.ok((await page.getByRole('treeitem').count()) < all);
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('ArrowRight');
	assert.deepEqual(await focused(), ['Call', 'true']);
	assert.equal(await tree.locator('[tabindex="0"]').count(), 1);
	await page.keyboard.press('Enter');
	await page.locator('.editor:focus').waitFor();
});

test('ast: the caret marks the node that it stands in, unfolding the way', async ({ page }) => {
	await part(page, CODE, 'Tree');
	await page.getByRole('button', { name: 'Fold all' }).click();
	assert.equal(await page.getByRole('treeitem').count(), 2);
	await caretTo(page, 2);
	await page.keyboard.press('Home');
	// Into the string, behind its é: a column in bytes that is another in UTF-16.
	const col = CODE.split('\n')[1].indexOf('+') - 1 - 4;
	for (let i = 0; i < col; i++) await page.keyboard.press('ArrowRight');
	const now = page.locator('[role=treeitem][aria-current]');
	assert.match(await now.innerText(), /Constant.*'é'/s);
	for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
	assert.match(await now.innerText(), /Name.*id=.*n/s);
});

test('ast: tokens are what tokenize says, and the caret marks its own', async ({ page }) => {
	await part(page, CODE, 'Tokens');
	const want = python(
		`import io, json, sys, token, tokenize
print(json.dumps([token.tok_name[t.exact_type] for t in tokenize.tokenize(sys.stdin.buffer.readline)]))`,
		CODE,
	);
	assert.deepEqual(await page.locator('.token-type').allInnerTexts(), want);
	await caretTo(page, 2);
	await page.keyboard.press('End');
	await page.keyboard.press('ArrowLeft');
	const marked = page.locator('.token[aria-current] code');
	// Between the space and the 2.
	assert.deepEqual(await marked.allInnerTexts(), ['2']);
	await page.locator('.token', { hasText: 'len' }).hover();
	assert.equal(await page.locator('.cm-linkedRange').innerText(), 'len');
	await page.locator('.token').nth(1).focus();
	await page.keyboard.press('ArrowRight');
	assert.equal(await page.locator('.cm-linkedRange').innerText(), 'f');
});

const SCOPES = `import os
limit = 3
def outer(a):
    n = a
    def inner():
        nonlocal n
        n += len(str(limit))
    def setter():
        global limit
        limit = 4
    return inner
class K:
    attr = 1
`;

test('ast: scopes in scopes, each name’s kind in words', async ({ page }) => {
	await part(page, SCOPES, 'Scopes');
	const words = {
		local: 'local',
		cell: 'cell',
		free: 'free',
		'global explicit': 'global, declared',
		'global implicit': 'global or built-in',
	};
	const want = python(
		`import json, symtable, sys
K = {1: 'local', 2: 'global explicit', 3: 'global implicit', 4: 'free', 5: 'cell'}
out = []
def walk(t):
    out.append([t.get_type(), t.get_name(), [[s.get_name(), K[s._Symbol__scope]] for s in t.get_symbols()]])
    for child in t.get_children(): walk(child)
walk(symtable.symtable(sys.stdin.read(), 'main.py', 'exec'))
print(json.dumps(out))`,
		SCOPES,
	);
	const own = { module: 'global', class: 'of the class' };
	const got = await page
		.locator('.scope')
		.evaluateAll((all) =>
			all.map((scope) => [
				scope.ariaLabel,
				[...scope.querySelector(':scope > table').tBodies[0].rows].map((row) =>
					[...row.cells].slice(0, 2).map((cell) => cell.textContent),
				),
			]),
		);
	assert.deepEqual(
		got,
		want.map(([kind, title, names]) => [
			kind === 'module' ? 'the module' : `${kind} ${title}`,
			names.map(([n, scope]) => [n, (scope === 'local' && own[kind]) || words[scope]]),
		]),
	);
	// Boxes in boxes, as the functions are.
	assert.equal(await page.locator('.scope-module > .scope-function > .scope-function').count(), 2);
	const row = page.locator('.scope-names tr', { hasText: 'os' }).first();
	assert.match(await row.innerText(), /imported/);
});

test('ast: code objects and their counts', async ({ page }) => {
	await part(page, SCOPES, 'Code');
	const want = python(
		`import json, sys, types
out = []
def walk(c):
    out.append([c.co_qualname, *map(str, [c.co_argcount, len(c.co_varnames), len(c.co_cellvars), len(c.co_freevars),
        len(c.co_names), len(c.co_consts), c.co_stacksize])])
    for k in c.co_consts:
        if isinstance(k, types.CodeType): walk(k)
walk(compile(sys.stdin.read(), 'main.py', 'exec'))
print(json.dumps(out))`,
		SCOPES,
	);
	const got = await page
		.locator('.code-box')
		.evaluateAll((all) =>
			all.map((box) => [
				box.querySelector('h3').firstChild.textContent,
				...[...box.querySelectorAll('dd')].map((d) => d.textContent),
			]),
		);
	assert.deepEqual(got, want);
	await page.getByText('Constants, names and flags').nth(1).click();
	assert.ok((await page.locator('.code-box .members code').count()) > 2);
});

test('ast: a source that does not compile shows how far it came', async ({ page }) => {
	const code = 'x = 1\ny = (x +\n';
	await runCode(page, code);
	await tab(page, 'ast');
	await page.getByRole('button', { name: /^Tree / }).click();
	const message = python(
		`import ast, json, sys
try: ast.parse(sys.stdin.read())
except SyntaxError as e: print(json.dumps([e.msg, e.lineno]))`,
		code,
	);
	const notice = page.locator('.notice-bad');
	assert.match(await notice.innerText(), new RegExp(message[0].replace(/[()]/g, '\\$&')));
	await notice.getByRole('button', { name: `line ${message[1]}` }).click();
	await page.locator('.cm-activeLine', { hasText: 'y = (x +' }).waitFor();
	await page.getByRole('button', { name: /^Code / }).click();
	await page.getByText('Not reached').waitFor();
});

test('ast: of a long source only the rows on screen are made', async ({ page }) => {
	await onlyLens(page, 'AST');
	await part(page, 'x = 1 + 2\n'.repeat(1500), 'Tree');
	const made = () => page.getByRole('treeitem').count();
	assert.ok((await made()) < 80);
	await page.getByRole('button', { name: 'Unfold all' }).click();
	await page.getByText('7,501 nodes of 7,501 shown').waitFor();
	assert.ok((await made()) < 80);
	await page.getByRole('treeitem').first().focus();
	await page.keyboard.press('End');
	const now = page.locator('[role=treeitem]:focus');
	assert.match(await now.innerText(), /right.*Constant/s);
	assert.equal(await page.locator('.cm-linkedRange').innerText(), '2');
	await page.getByRole('button', { name: /^Tokens / }).click();
	await page.getByText('7,502 tokens more.').waitFor();
	assert.ok((await page.locator('.token').count()) <= 1500);
});

for (const [colorScheme, device] of [
	['light', {}],
	['dark', {}],
	['light', phone],
])
	test(
		`ast: axe finds nothing serious, ${device === phone ? '390 px' : colorScheme}`,
		async ({ page }) => {
			await loadAxe(page);
			await runCode(page, SCOPES);
			await tab(page, 'ast');
			for (const title of ['Tokens', 'Tree', 'Scopes', 'Code']) {
				await page.getByRole('button', { name: new RegExp(`^${title} `) }).click();
				await axe(page, title);
				assert.deepEqual(await small(page), [], title);
				if (device === phone) await fitsIn(page, 390, title);
			}
		},
		{ colorScheme, ...device },
	);
