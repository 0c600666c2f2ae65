#!/usr/bin/env node
// Links and frames, in a real browser, against the real server.  See page-share.mjs.
import('./page-share.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
