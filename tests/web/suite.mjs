// The list of cases, in the order in which the files that hold them are read.
export const cases = [];

/** One case in a page of its own; it fails on any complaint of the browser
 * that `allow` does not expect.  Other options are the browser context's. */
export function test(name, body, { allow = /^$/, ...options } = {}) {
	cases.push({ name, body, allow, options });
}

export const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

/** What the server of these cases has: see startServer in harness.mjs. */
export const serving = {};
