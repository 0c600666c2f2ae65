#!/usr/bin/env -S node --test-reporter=tap
// What the page knows of a run that goes on, without a page.  See live.mjs.
import('./live.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
