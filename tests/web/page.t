#!/usr/bin/env node
// The page, in a real browser, against the real server.  See page.mjs.
import('./page.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
