// Files under web/src that need no page, as one module for node.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './harness.mjs';

const require = createRequire(join(root, 'web/package.json'));
const { build } = require('esbuild');

/** All that these files export, named without their endings. */
export async function source(...names) {
	const { outputFiles } = await build({
		stdin: {
			contents: names.map((name) => `export * from './${name}';`).join('\n'),
			resolveDir: join(root, 'web/src'),
			loader: 'ts',
		},
		bundle: true,
		format: 'esm',
		platform: 'node',
		write: false,
	});
	return import(
		`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
	);
}
