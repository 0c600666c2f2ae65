// What is under web/src/steps, as a module for node.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './harness.mjs';

const require = createRequire(join(root, 'web/package.json'));
const { build } = require('esbuild');

const { outputFiles } = await build({
	stdin: {
		contents: ['trace', 'view', 'moves', 'words', 'output', 'profile', 'history']
			.map((name) => `export * from './${name}';`)
			.join('\n'),
		resolveDir: join(root, 'web/src/steps'),
		loader: 'ts',
	},
	bundle: true,
	format: 'esm',
	platform: 'node',
	write: false,
});

export const steps = await import(
	`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
);
