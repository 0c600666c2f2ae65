#!/usr/bin/env node
// The large panels of the page, in a real browser, against the real server.  See page-panels.mjs.
import('./page-panels.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
