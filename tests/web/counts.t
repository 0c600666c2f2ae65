#!/usr/bin/env -S node --test-reporter=tap
// What the page knows of counts without a page.  See counts.mjs.
import('./counts.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
