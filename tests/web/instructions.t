#!/usr/bin/env -S node --test-reporter=tap
// How the page puts value stacks together again.  See instructions.mjs.
import('./instructions.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
