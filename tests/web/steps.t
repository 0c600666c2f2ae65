#!/usr/bin/env -S node --test-reporter=tap
// How the page takes a program's steps apart.  See steps.mjs.
import('./steps.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
