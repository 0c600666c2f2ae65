#!/usr/bin/env node
// Without a mouse, with a screen reader, on a phone; pictures as files.  See page-access.mjs.
import('./page-access.mjs').catch((error) => {
	console.log(`Bail out! ${error.message}`);
	console.error(error);
	process.exit(1);
});
