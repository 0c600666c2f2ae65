#!/usr/bin/env node
// Measurements on the page, in a real browser, against the real server.  See page-measure.mjs.
import('./page-measure.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
