#!/usr/bin/env -S node --test-reporter=tap
// What the page knows of comparisons without a page.  See compare.mjs.
import('./compare.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
