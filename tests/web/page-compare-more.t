#!/usr/bin/env node
// Every corner of comparisons on the page, in a real browser, against the real server.  See page-compare-more.mjs.
import('./page-compare-more.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
