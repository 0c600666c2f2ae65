#!/usr/bin/env -S node --test-reporter=tap
// What the panel for memory knows without a page.  See memory.mjs.
import('./memory.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
