#!/usr/bin/env -S node --test-reporter=tap
// How the page draws threads.  See lanes.mjs.
import('./lanes.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
