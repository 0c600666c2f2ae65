#!/usr/bin/env -S node --test-reporter=tap
// How the page words what came of schedules.  See races.mjs.
import('./races.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
