// Builds the page: node build.mjs [outdir] (default ../build/web).
//
// Every asset but the pages themselves carries a hash of its content in its name, so a
// server may let browsers keep assets for ever and the pages not at all.
// Each file gets .gz and .br siblings; source maps go to a folder beside the
// output (OUT.maps), which is not served.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants as z } from 'node:zlib';
import { build, transform } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, '../build/web'));
const maps = `${out}.maps`;
/** What the first look at the page loads; what a panel loads when it is opened counts in all, and
 * so does @codemirror/merge, 10 KB, which is loaded when something is compared. */
const limitGz = { first: 180 * 1000, embed: 190 * 1000, all: 300 * 1000 };

const entryPoints = {
	main: 'src/main.tsx',
	posture: 'src/posture/main.tsx',
	embed: 'src/embed/main.tsx',
	boot: 'src/boot.ts',
	styles: 'src/styles.css',
};
/** Style sheets that a module takes as text are not made smaller by themselves. */
const smallSheets = {
	name: 'small sheets',
	setup({ onLoad }) {
		onLoad({ filter: /\.css$/ }, async (file) => {
			if (file.with.type !== 'text') return null;
			const css = readFileSync(file.path, 'utf8');
			const { code } = await transform(css, { loader: 'css', minify: true, charset: 'utf8' });
			return { contents: code, loader: 'text' };
		});
	},
};
const result = await build({
	absWorkingDir: here,
	entryPoints,
	plugins: [smallSheets],
	outdir: out,
	write: false,
	bundle: true,
	minify: true,
	format: 'esm',
	splitting: true,
	chunkNames: '[name]-[hash]',
	metafile: true,
	target: 'es2021',
	charset: 'utf8',
	jsx: 'automatic',
	jsxImportSource: 'preact',
	sourcemap: 'external',
	legalComments: 'none',
	logLevel: 'warning',
});

function hashed(name, bytes) {
	const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 10);
	const dot = name.lastIndexOf('.');
	return `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
}

const files = new Map();
const names = new Map();
const sourceMaps = new Map();
for (const file of result.outputFiles) {
	const name = file.path.slice(out.length + 1);
	if (name.endsWith('.map')) {
		sourceMaps.set(name.slice(0, -4), file.contents);
		continue;
	}
	// Pages name the entries; other files name chunks, whose names have a hash already.
	const entry = name.slice(0, name.lastIndexOf('.')) in entryPoints;
	names.set(name, entry ? hashed(name, file.contents) : name);
	files.set(names.get(name), Buffer.from(file.contents));
}
const icon = readFileSync(join(here, 'icon.svg'));
names.set('icon.svg', hashed('icon.svg', icon));
files.set(names.get('icon.svg'), icon);

/** The chunks that a module needs before it can run. */
function chunksOf(name, all = new Set()) {
	const [, made] = Object.entries(result.metafile.outputs).find(([p]) => basename(p) === name);
	for (const { kind, path } of made.imports) {
		const chunk = basename(path);
		if (kind !== 'import-statement' || all.has(chunk)) continue;
		all.add(chunk);
		chunksOf(chunk, all);
	}
	return all;
}

/** What is imported when it is needed, with its own chunks. */
function lazily(source) {
	const [path] = Object.entries(result.metafile.outputs).find(([, o]) => o.entryPoint === source);
	const name = basename(path);
	return [name, ...chunksOf(name)];
}

/** A link of rel "later" is made a preload by boot.ts, unless that part is not used. */
const page = (file) =>
	readFileSync(join(here, file), 'utf8')
		.replace(/^<link rel="later" href="\{\{(.+?)\}\}">\n/gm, (_, source) =>
			lazily(source)
				.filter((chunk) => !chunksOf('main.js').has(chunk))
				.map((chunk) => `<link rel="later" href="{{${chunk}}}">\n`)
				.join(''),
		)
		.replace(/^<script src="\{\{(.+?)\}\}" type="module">/gm, (script, name) =>
			[...chunksOf(name)]
				.map((chunk) => `<link rel="modulepreload" href="{{${chunk}}}">\n`)
				.concat(script)
				.join(''),
		)
		.replace(/\{\{(.+?)\}\}/g, (_, name) => {
			const found = names.get(name);
			if (found === undefined)
				throw new Error(`${file} names ${name}, which the build did not make`);
			return `/assets/${found}`;
		});
const pages = ['index.html', 'posture.html', 'e.html'].map((file) => [file, page(file)]);
// The server writes this page itself (server/noscript.c), and knows no hash.
pages.push(['noscript.css', readFileSync(join(here, 'noscript.css'), 'utf8')]);

rmSync(out, { recursive: true, force: true });
rmSync(maps, { recursive: true, force: true });
mkdirSync(join(out, 'assets'), { recursive: true });
mkdirSync(maps, { recursive: true });

function put(path, bytes) {
	const br = brotliCompressSync(bytes, {
		params: { [z.BROTLI_PARAM_QUALITY]: 11, [z.BROTLI_PARAM_SIZE_HINT]: bytes.length },
	});
	writeFileSync(join(out, path), bytes);
	writeFileSync(join(out, `${path}.br`), br);
	return { path, bytes: bytes.length, br: br.length };
}

const made = pages.map(([file, html]) => put(file, Buffer.from(html)));
for (const [name, bytes] of files) made.push(put(join('assets', name), bytes));
for (const [name, bytes] of sourceMaps) writeFileSync(join(maps, `${names.get(name)}.map`), bytes);
// A few hundredths smaller than what zlib makes of them, which takes seconds, once.
execFileSync(
	'zopfli',
	made.map((m) => join(out, m.path)),
);
const sizes = made.map((m) => ({ ...m, gz: statSync(join(out, `${m.path}.gz`)).size }));

for (const s of sizes) console.log(`${s.path}\t${s.bytes}\tgz ${s.gz}\tbr ${s.br}`);
const sum = (some) => some.reduce((all, s) => all + s.gz, 0);
const firstOf = (page) => {
	const [, html] = pages.find(([file]) => file === page);
	return sum(sizes.filter((s) => s.path === page || html.includes(s.path)));
};
const grown = Object.entries({
	first: firstOf('index.html'),
	embed: firstOf('e.html'),
	all: sum(sizes),
}).filter(([name, gz]) => {
	console.log(`${name} gz ${gz} of at most ${limitGz[name]}`);
	return gz > limitGz[name];
});
if (grown.length > 0) {
	console.error('the page has grown past its limit');
	process.exit(1);
}
