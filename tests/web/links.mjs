// Links without a page: the format, which is read for ever; what is damaged, too large or from elsewhere;
// and a snippet as a command, as Markdown and as a frame.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { python } from './harness.mjs';
import { source } from './source-module.mjs';

const format = await source('share/format', 'share/is-link');
const { sharedFrom, inOrder } = await source('share/shared');
const quote = await source('share/quote');
const { encode, decode, isLink, MAX_CHARS, MAX_BYTES } = format;

/** Links of version 1 as Python's zlib made them once.  Nothing may ever be changed in this file. */
const golden = JSON.parse(readFileSync(new URL('./links-v1.json', import.meta.url), 'utf8'));

/** What Python reads of links. */
const byPython = (links) =>
	python(
		`import sys, json, zlib, base64
def read(text):
    assert text[:2] == "1:", text
    return json.loads(zlib.decompress(base64.urlsafe_b64decode(text[2:] + "=" * (-len(text[2:]) % 4))))
print(json.dumps([read(text) for text in json.load(sys.stdin)]))`,
		JSON.stringify(links),
	);

const refused = (fragment, words) =>
	assert.rejects(decode(fragment), (error) => {
		assert.equal(error.constructor.name, 'LinkError', error.stack);
		assert.match(error.message, words);
		return true;
	});

/** Python's zlib and base64 of some bytes, as a link. */
const packed = (expression) =>
	python(
		`import json, zlib, base64
print(json.dumps("1:" + base64.urlsafe_b64encode(zlib.compress(${expression}, 9)).decode().rstrip("=")))`,
	);

test('links of version 1 are read as ever', async () => {
	assert.equal(golden.length, 5);
	assert.deepEqual(
		byPython(golden.map((g) => g.link)),
		golden.map((g) => g.holds),
	);
	for (const { what, link, holds } of golden) {
		assert.ok(isLink(link) && isLink(`#${link}`), what);
		assert.deepEqual(await decode(`#${link}`), holds, what);
		// Some programs write the colon otherwise.
		assert.deepEqual(await decode(link.replace(':', '%3a')), holds, what);
		assert.deepEqual(sharedFrom(await decode(link)), { shared: holds, left: [] }, what);
		// All of it is in the order that it is written in: so is the same link made of it, or one that Python reads so.
		assert.deepEqual(Object.keys(inOrder(holds)), Object.keys(holds), what);
	}
});

test('what is written is read, by the page and by Python, and ends in a letter or digit', async () => {
	const codes = ['', '\ud800', '\u0000\u001b[31m', 'ä'.repeat(3000), '日本 😀\r\n\t'];
	// Of so many some would end in - or _, which is two of 64 where the length divides by three.
	for (let i = 0; i < 400; i++) codes.push(`print(${i * 7919})`);
	const links = [];
	for (const code of codes) {
		const link = await encode({ code });
		assert.match(link, /^1:[A-Za-z0-9_-]*[A-Za-z0-9]$/);
		assert.deepEqual(await decode(link), { code });
		links.push(link);
	}
	assert.deepEqual(
		byPython(links),
		codes.map((code) => ({ code })),
	);
	const odd = python(
		`import sys, json, zlib, base64
made = [base64.urlsafe_b64encode(zlib.compress(text.encode())).decode().rstrip("=") for text in json.load(sys.stdin)]
print(sum(text[-1] in "-_" for text in made))`,
		JSON.stringify(codes.map((code) => JSON.stringify({ code }))),
	);
	assert.ok(odd > 0, 'none would have ended so: the test shows nothing');
});

test('a link that was cut or changed anywhere is refused, whichever character it is', async () => {
	const { link, holds } = golden[1];
	for (let n = 2; n < link.length; n++) await refused(link.slice(0, n), /damaged or not whole/);
	const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
	let harmless = 0;
	for (let n = 2; n < link.length; n++) {
		const other = `${link.slice(0, n)}${letters[letters.indexOf(link[n]) ^ 32]}${link.slice(n + 1)}`;
		const read = await decode(other).catch((error) => error.constructor.name);
		if (read !== 'LinkError') {
			harmless++;
			assert.deepEqual(read, holds, `changed at ${n}`);
		}
	}
	// The stream's checksum tells every change but that of bits which mean nothing, behind its last block
	// and behind its last byte.
	assert.ok(harmless <= 2, `${harmless} changes were not told`);
	await refused('1:', /damaged/);
	await refused('1:%%%', /damaged/);
	await refused(packed('b"{"'), /damaged/);
	await refused(packed(`b'{"code":"\\xff"}'`), /damaged/);
});

test('other versions say that they are; what is no link is none', async () => {
	await refused('#2:abc', /version 2, made by a newer Vitrine; this one reads version 1/);
	await refused('#0:abc', /no links of version 0/);
	for (const text of ['', '#', '#output', '#a1:b', '#1', '#:1']) assert.equal(isLink(text), false);
	assert.ok(isLink('#17:x'));
});

test('what is larger than its bounds is neither made nor read to its end', async () => {
	// Random text does not get smaller than 3/4 by deflate of base64's letters.
	const random = python(
		'import json, random; print(json.dumps(random.Random(1).randbytes(60000).hex()))',
	);
	await assert.rejects(encode({ code: random }), /it has [\d,]+ characters; a link has room/);
	await assert.rejects(encode({ code: 'a'.repeat(MAX_BYTES) }), /larger than 1024 KiB/);
	const most = { code: 'a'.repeat(MAX_BYTES - 11) };
	assert.equal(JSON.stringify(most).length, MAX_BYTES);
	assert.deepEqual(await decode(packed(`b'{"code":"' + b"a" * ${MAX_BYTES - 11} + b'"}'`)), most);
	await refused(`1:${'A'.repeat(MAX_CHARS + 1)}`, /at most 32,768 are read/);
	// 20 MB in a link: what came out of it is counted.
	const bomb = packed('b"a" * 20_000_000');
	assert.ok(bomb.length < MAX_CHARS, `${bomb.length} characters`);
	let out = 0;
	let piece = 0;
	const Real = globalThis.DecompressionStream;
	globalThis.DecompressionStream = class {
		constructor(kind) {
			const real = new Real(kind);
			const into = new TransformStream({
				transform(part, to) {
					piece = Math.max(piece, part.length);
					to.enqueue(part);
				},
			});
			into.readable.pipeTo(real.writable).catch(() => {});
			this.writable = into.writable;
			this.readable = real.readable.pipeThrough(
				new TransformStream({
					transform(part, to) {
						out += part.length;
						to.enqueue(part);
					},
				}),
			);
		}
	};
	try {
		await refused(bomb, /larger than 1024 KiB/);
	} finally {
		globalThis.DecompressionStream = Real;
	}
	assert.ok(out > MAX_BYTES && out < 5 * MAX_BYTES, `${out} bytes came out`);
	// Browsers unpack what they are given at a time to its end, before anything of it is read; by deflate a byte
	// can become 1032.
	assert.ok(piece > 0 && piece * 1032 <= 1.01 * MAX_BYTES, `${piece} bytes were given at a time`);
});

test('what a link holds and this page does not know is left out by name', () => {
	assert.throws(() => sharedFrom({ stdin: 'x' }), /there is no code in it/);
	for (const none of [null, [], 'code', 1]) assert.throws(() => sharedFrom(none), /no code/);
	assert.deepEqual(
		sharedFrom({
			code: 'pass',
			stdin: 5,
			args: ['a', 1],
			files: [{ path: 'a' }],
			limits: { wall_ms: '1' },
			hash_seed: '0',
			lenses: { gc: {}, flux: {} },
			panel: null,
			colour: 'red',
			constructor: 'x',
		}),
		{
			shared: { code: 'pass', lenses: { gc: {} } },
			left: [
				...['stdin', 'args', 'files', 'limits', 'hash_seed', 'panel', 'colour', 'constructor'],
				'the lens flux',
			],
		},
	);
});

test('a command: whatever is in the request, a shell hands it on as it is', () => {
	for (const code of [
		`print('it''s', "$HOME", \`id\`, '\\\\', '!x', "JSON")\nJSON\n`,
		'\tx = 1\r\n\u0000\u001b[31m\u0085\u2028\ufeff',
		`${'é😀'.repeat(50_000)}\nJSON`,
	]) {
		const command = quote.curlOf({ code, lenses: {}, args: ['$(id)', "'"] }, 'http://127.0.0.1:1');
		// What a terminal would take for keys of its own is not in it.
		// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
		assert.doesNotMatch(command, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
		// In place of curl, something that says what it was given.
		const said = spawnSync('sh', {
			input: `curl() { printf '%s\\n' "$@" >&2; cat; }\n${command}`,
			encoding: 'utf8',
		});
		assert.deepEqual(JSON.parse(said.stdout), { code, lenses: {}, args: ['$(id)', "'"] });
		assert.deepEqual(said.stderr.trimEnd().split('\n'), [
			'-sS',
			'http://127.0.0.1:1/v1/runs',
			'-H',
			'Content-Type: application/json',
			'--data-binary',
			'@-',
		]);
	}
});

const run = (more) => ({
	status: 'ok',
	exit_code: 0,
	exception: null,
	limit: null,
	signal: null,
	stdout: { text: '', truncated: false },
	stderr: { text: '', truncated: false },
	runtime: { id: '3.11', version: '3.11.2' },
	...more,
});

test('Markdown: fences hold, and what came of it is under the code', () => {
	const code = 'print("````")\n# ```\n';
	const text = quote.markdownOf(
		{ code, stdin: '```', args: ['a', 'b'] },
		run({ stdout: { text: '`````\n', truncated: false } }),
		'http://x/#1:abc',
	);
	// By CommonMark a fence is closed by one of at least its length: so each is read back by a reader of that rule.
	const blocks = [];
	let open = null;
	for (const line of text.split('\n')) {
		const fence = /^(`{3,})([a-z]*)$/.exec(line);
		if (open === null && fence !== null) open = { fence: fence[1], language: fence[2], lines: [] };
		else if (open !== null && fence?.[2] === '' && fence[1].length >= open.fence.length) {
			blocks.push([open.language, open.lines.join('\n')]);
			open = null;
		} else if (open !== null) open.lines.push(line);
	}
	assert.equal(open, null);
	assert.deepEqual(blocks, [
		['python', 'print("````")\n# ```'],
		['text', 'a\nb'],
		['text', '```'],
		['text', '`````'],
	]);
	assert.match(text, /\nOutput, CPython 3\.11\.2:\n/);
	assert.match(text, /\n\[Open in Vitrine\]\(http:\/\/x\/#1:abc\)\n$/);
	const error = {
		type: 'KeyError',
		message: "'k'",
		phase: 'run',
		line: 1,
		traceback: [],
		text: "Traceback (most recent call last):\nKeyError: 'k'\n",
	};
	const raised = (stderr) =>
		quote.markdownOf(
			{ code: 'x' },
			run({
				status: 'error',
				exit_code: 1,
				exception: error,
				stderr: { text: stderr, truncated: false },
			}),
			null,
		);
	// Once, wherever it went.
	for (const stderr of ['', error.text])
		assert.equal(raised(stderr).match(/KeyError: 'k'/g).length, 1, stderr);
	assert.doesNotMatch(raised(''), /Open in/);
	const ended = (more) => quote.markdownOf({ code: 'x' }, run(more), null);
	assert.match(ended({ status: 'limit', limit: { name: 'wall' } }), /Stopped by a limit: wall\./);
	assert.match(ended({ status: 'signal', signal: 'SIGSEGV' }), /Killed by SIGSEGV\./);
	assert.match(ended({ status: 'error', exit_code: 3 }), /Exit code 3\./);
	assert.match(ended({}), /It printed nothing/);
	assert.match(ended({ stdout: { base64: '/w==', truncated: false } }), /not UTF-8/);
	const long = ended({ stdout: { text: 'y'.repeat(10_000), truncated: false } });
	assert.ok(long.includes('… cut here') && long.length < 8_300, `${long.length}`);
	// Without a run: nothing of what came of it.
	assert.equal(
		quote.markdownOf({ code: 'x' }, null, 'http://x/#1:a'),
		'```python\nx\n```\n\n[Open in Vitrine](http://x/#1:a)\n',
	);
});

test('a frame: an address cannot leave its attribute', () => {
	const html = quote.embedOf('http://x/e/?a=1&b="><script>\'#1:abc');
	const [, src] = /^<iframe src="([^"]*)" title="[^"]+"/.exec(html);
	assert.doesNotMatch(src, /[<>"']/);
	assert.equal(
		python('import sys, html, json; print(json.dumps(html.unescape(sys.stdin.read())))', src),
		'http://x/e/?a=1&b="><script>\'#1:abc',
	);
});
