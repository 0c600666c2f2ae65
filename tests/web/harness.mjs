// Starts the built server and a browser, and prints TAP.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const require = createRequire(join(root, 'web/package.json'));
const build = resolve(root, process.env.VITRINE_BUILD ?? 'build');
const BROWSER = '/usr/bin/chromium';
const READY_MS = 30_000;

export const axeSource = () => require.resolve('axe-core/axe.min.js');
export const hasBrowser = () => existsSync(BROWSER);
export const mustRun = () => process.env.CI === 'true' || process.env.VITRINE_TESTS_STRICT === '1';

/** What Debian's own Python says to `code`; the expectations come from it. */
export function python(code, input = '') {
	const r = spawnSync('/usr/bin/python3', ['-I', '-c', code], { input, encoding: 'utf8' });
	if (r.status !== 0) throw new Error(`python3: ${r.stderr}`);
	return JSON.parse(r.stdout);
}

function freePort() {
	return new Promise((done, fail) => {
		const probe = createServer();
		probe.on('error', fail);
		probe.listen(0, '127.0.0.1', () => {
			const { port } = probe.address();
			probe.close(() => done(port));
		});
	});
}

async function ready(url, child) {
	const end = Date.now() + READY_MS;
	while (Date.now() < end && child.exitCode === null) {
		try {
			if ((await fetch(new URL('/readyz', url))).status === 200) return;
		} catch {
			// Not listening yet.
		}
		await new Promise((next) => setTimeout(next, 50));
	}
	throw new Error(`the server was not ready within ${READY_MS} ms`);
}

/** A directory of runners: 3.11, and the same under other ids, as tests/http/comparisons.t has it. */
function relays(others) {
	const at = mkdtempSync(join(tmpdir(), 'vitrine-web-'));
	const real = join(build, 'runner-3.11');
	for (const name of ['runner-3.11', 'real']) symlinkSync(real, join(at, name));
	for (const id of others) symlinkSync(join(root, 'tests/http/relay'), join(at, `runner-${id}`));
	return at;
}

/** Runtimes with a root of their own that are built here. */
export const fetched = () =>
	existsSync(join(build, 'runtimes'))
		? readdirSync(join(build, 'runtimes')).filter((id) =>
				existsSync(join(build, 'runtimes', id, 'runner')),
			)
		: [];

/** Starts `vitrine serve`; { url, stop, runners }.  It has 3.11, `others` that are the same under another
 * id, or `more` that are other CPythons. */
export async function startServer({ others = [], more = [], args = [] } = {}) {
	const port = await freePort();
	const runners = others.length > 0 ? relays(others) : null;
	const options = [
		...['--listen', `127.0.0.1:${port}`, '--runtimes', ['3.11', ...others, ...more].join()],
		...(runners === null ? [] : ['--runners', runners]),
		...args,
	];
	const child = spawn(join(build, 'vitrine'), ['serve', ...options], {
		cwd: root,
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const url = await new Promise((done, fail) => {
		child.on('error', fail);
		child.on('exit', (code, signal) => fail(new Error(`vitrine ended: ${code ?? signal}`)));
		createInterface({ input: child.stdout }).on('line', (line) => {
			const found = /^vitrine: serving on (http:\/\/\S+)/.exec(line);
			if (found !== null) done(found[1]);
		});
	});
	await ready(url, child).catch((error) => {
		child.kill('SIGKILL');
		throw error;
	});
	return {
		url,
		runners,
		stop: () =>
			new Promise((done) => {
				child.removeAllListeners('exit');
				child.on('exit', () => {
					if (runners !== null) rmSync(runners, { recursive: true });
					done();
				});
				if (child.exitCode !== null) done();
				child.kill('SIGTERM');
			}),
	};
}

export function startBrowser() {
	const { chromium } = require('playwright-core');
	return chromium.launch({
		executablePath: BROWSER,
		headless: true,
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
		],
	});
}

const indent = (text) => text.replace(/^/gm, '# ');

/** Runs the cases one after the other; the number that failed. */
export async function tap(cases, fixture) {
	console.log('TAP version 13');
	console.log(`1..${cases.length}`);
	let failed = 0;
	for (const [i, { name, run }] of cases.entries()) {
		try {
			await fixture(run);
			console.log(`ok ${i + 1} - ${name}`);
		} catch (error) {
			failed++;
			console.log(`not ok ${i + 1} - ${name}`);
			console.log(indent(error.stack ?? String(error)));
		}
	}
	return failed;
}

export function skipAll(reason) {
	console.log('TAP version 13');
	console.log('1..1');
	if (mustRun()) {
		console.log(`not ok 1 - the page in a browser`);
		console.log(indent(`${reason}, and nothing may be skipped here`));
		process.exit(1);
	}
	console.log(`ok 1 - the page in a browser # SKIP ${reason}`);
	process.exit(0);
}
