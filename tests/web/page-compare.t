#!/usr/bin/env node
// Comparisons on the page, in a real browser, against the real server.  See page-compare.mjs.
import('./page-compare.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
