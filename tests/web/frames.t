#!/usr/bin/env -S node --test-reporter=tap
// What the panel for frames knows without a page.  See frames.mjs.
import('./frames.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
