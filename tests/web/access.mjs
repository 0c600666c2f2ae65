// What is asked of every page for those who see, hear or point differently.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { axeSource } from './harness.mjs';

const SMALL = `() => [...document.querySelectorAll('button, select, summary, input, textarea, [role=tab]')]
	.filter((e) => e.checkVisibility() && !e.classList.contains('link'))
	.map((e) => [e.outerHTML.slice(0, 80), (e.type === 'checkbox' ? e.parentElement : e).getBoundingClientRect()])
	.filter(([, r]) => r.height < 44 || r.width < 24).map(([html, r]) => html + ' ' + r.width + 'x' + r.height)`;

/** In high contrast text has 7:1 (WCAG 1.4.6). */
export async function axe(page, what) {
	const { violations } = await page.evaluate(() =>
		window.axe.run(document, {
			resultTypes: ['violations'],
			rules: {
				'color-contrast-enhanced': {
					enabled: document.documentElement.dataset.theme === 'contrast',
				},
			},
		}),
	);
	const bad = violations
		.filter((v) => v.impact === 'serious' || v.impact === 'critical')
		.map(
			(v) =>
				`${what}: ${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join('; ')}`,
		);
	assert.deepEqual(bad, []);
}

/** By the protocol, so past the page's CSP. */
export const loadAxe = (page) => page.evaluate(readFileSync(axeSource(), 'utf8'));

/** Targets that are too small for a finger. */
export const small = (page) => page.evaluate(`(${SMALL})()`);

export async function fitsIn(page, width, what) {
	const [has, is] = await page.evaluate(() => {
		const e = document.scrollingElement;
		return [e.scrollWidth, innerWidth];
	});
	assert.ok(has <= is && is === width, `${what}: ${has} in ${is}`);
}
