#!/usr/bin/env -S node --test-reporter=tap
// What tables, trees and curves know without a page.  See tables.mjs.
import('./tables.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
