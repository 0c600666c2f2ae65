#!/usr/bin/env -S node --test-reporter=tap
// What the panels for objects and the tree know without a page.  See panels.mjs.
import('./panels.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
