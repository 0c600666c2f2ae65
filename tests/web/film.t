#!/usr/bin/env -S node --test-reporter=tap
// A collection shot by shot, and where its objects are drawn.  See film.mjs.
import('./film.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
