#!/usr/bin/env node
// Memory and frames on the page, in a real browser, against the real server.  See page-memory.mjs.
import('./page-memory.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
