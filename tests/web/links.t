#!/usr/bin/env -S node --test-reporter=tap
// What links hold, without a page.  See links.mjs.
import('./links.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
