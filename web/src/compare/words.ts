// What came of a comparison, in one line; the words of `vitrine compare`
// (server/cli_compare_table.c).
import type { Comparison } from '../api-compare';
import type { Comparing } from '../state';

export function statusWords(whole: Comparison): string {
	const differ = Object.entries(whole.same)
		.filter(([, same]) => same === false)
		.map(([name]) => name);
	if (whole.all_same === true) return 'the same';
	if (whole.all_same === false) return `they differ: ${differ.join(', ')}`;
	if (whole.baseline === null) return 'none of them has a run';
	return 'what is there is the same, but not all is there';
}

/** What is known by now. */
export function comparedWords(c: Comparing): string {
	if (c.whole !== null) return statusWords(c.whole);
	const n = `${c.results.length} of ${c.asked.length}`;
	if (c.end === null) return `${n} have answered`;
	if (c.end === 'stopped') return `stopped: ${n} had answered, and nothing was compared`;
	return `the connection broke off: ${n} had answered, and nothing was compared`;
}
