// What A and B do in numbers that are the same each time, and how those grow.
import { type Counter, type CountGrowth, counters, type Measurement } from '../../api-measure';
import { growthWords, times } from '../../measure/words';
import { bytes, count } from '../../words';
import { type Column, Grid } from '../grid';

type Snippet = Measurement['snippets'][number];

const titles: Record<Counter, string> = {
	instructions: 'Instructions',
	comparisons: 'Comparisons',
	hashes: 'Hashes',
	moved_bytes: 'Moved',
	allocations: 'Allocations',
	allocated_bytes: 'Allocated',
};

const say = (of: Counter, n: number | null | undefined): string =>
	n == null ? 'not counted' : of.endsWith('_bytes') ? bytes(n) : count(n);

/** Without sizes: a row for each counter. */
function Once({ snippets }: { snippets: Snippet[] }) {
	const of = (n: number, c: Counter) => snippets[n]?.counts[0]?.[c] ?? null;
	const columns: Column<Counter>[] = [
		{ head: 'Count', quiet: true, heads: true, cell: (c) => titles[c] },
		...snippets.map((s, n) => ({
			head: s.name,
			of: 'num',
			cell: (c: Counter) => say(c, of(n, c)),
		})),
		{
			head: 'Times as many',
			of: 'num',
			cell: (c) => {
				const [a, b] = [of(0, c), of(1, c)];
				return a === null || b === null || a === 0 ? '' : times(b / a);
			},
		},
	];
	return <Grid columns={columns} rows={[...counters]} />;
}

interface Row {
	snippet: Snippet;
	counter: Counter;
	growth: CountGrowth;
}

/** How each count of each snippet grows, beside the counts themselves. */
function AtSizes({ snippets }: { snippets: Snippet[] }) {
	const rows: Row[] = counters.flatMap((counter) =>
		snippets.flatMap((snippet) => {
			const growth = snippet.growth?.[counter] ?? null;
			return growth === null ? [] : [{ snippet, counter, growth }];
		}),
	);
	const sizes = snippets[0]?.counts.map((c) => c.size) ?? [];
	const columns: Column<Row>[] = [
		{
			head: 'Count',
			quiet: true,
			heads: true,
			cell: (r) => `${r.snippet.name}: ${titles[r.counter].toLowerCase()}`,
		},
		{
			head: 'Grows as',
			cell: (r) => <strong>{growthWords(r.growth).grows}</strong>,
		},
		{ head: 'How sure', of: 'sure', cell: (r) => growthWords(r.growth).sure },
		...sizes.map((size, k) => ({
			head: `at ${count(size ?? 0)}`,
			of: 'num',
			cell: (r: Row) => say(r.counter, r.snippet.counts[k]?.[r.counter]),
		})),
	];
	return <Grid columns={columns} rows={rows} />;
}

export function Counts({ whole }: { whole: Measurement }) {
	const { snippets } = whole;
	if (snippets.every((s) => s.counts.length === 0)) return null;
	const grows = snippets.some((s) => s.growth !== null);
	return (
		<section class="clock" aria-labelledby="counted">
			<h3 id="counted">{grows ? 'How what they do grows' : 'What they do'}</h3>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
			<section class="scroll" aria-label="Counts as a table" tabIndex={0}>
				{grows ? <AtSizes snippets={snippets} /> : <Once snippets={snippets} />}
			</section>
			<p class="quiet small pad">
				Counted, not timed: these are the same each time, on any machine.
				{grows &&
					' The class is that of the fastest growing part over these sizes; what it becomes beyond them nobody knows.'}
			</p>
		</section>
	);
}
