#!/usr/bin/env -S node --test-reporter=tap
// How the page words what changed counts and who holds references.  See refcounts.mjs.
import('./refcounts.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
