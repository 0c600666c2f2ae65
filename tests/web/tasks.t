#!/usr/bin/env -S node --test-reporter=tap
// How the page words and draws tasks.  See tasks.mjs.
import('./tasks.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
