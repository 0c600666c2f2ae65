#!/usr/bin/env -S node --test-reporter=tap
// What the page knows of measurements without a page.  See measure.mjs.
import('./measure.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
