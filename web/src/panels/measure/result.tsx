// What came of a measurement: for each clock a sentence, the interval drawn,
// and the same as a table.
import type { Measurement, Ratio } from '../../api-measure';
import type { Measuring } from '../../measure/ask';
import { axisOf } from '../../measure/axis';
import {
	clocks,
	failedLine,
	failedWords,
	measuredWords,
	ratioWords,
	times,
} from '../../measure/words';
import { visit } from '../../state';
import { duration, plural } from '../../words';
import { type Column, Grid } from '../grid';
import { ProblemView } from '../problem';
import { Counts } from './counts';
import { Plot } from './plot';

const say = (ns: number | null): string => (ns === null ? '' : duration(ns));

type Snippet = Measurement['snippets'][number];

/** The ratio is that of the second snippet to the first. */
const columnsOf = (of: 'cpu_ns' | 'wall_ns', interval: Ratio | null): Column<Snippet>[] => {
	const ratio = (n: number) => (n === 0 ? null : interval);
	return [
		{ head: 'Snippet', quiet: true, heads: true, cell: (s) => s.name },
		{ head: 'Median', of: 'num', cell: (s) => say(s[of].median) },
		{ head: 'Least', of: 'num', cell: (s) => say(s[of].least) },
		{ head: 'Most', of: 'num', cell: (s) => say(s[of].most) },
		{
			head: 'Times as long',
			of: 'num',
			cell: (s, n) => {
				const r = ratio(n);
				return s.name === 'A' ? '1' : r === null ? '' : times(r.ratio);
			},
		},
		{
			head: 'Interval',
			of: 'interval',
			cell: (_, n) => {
				const r = ratio(n);
				return (
					r !== null && (
						<>
							{times(r.low)} to {times(r.high)}{' '}
							<span class="quiet">({times(r.level * 100)} %)</span>
						</>
					)
				);
			},
		},
	];
};

function Clock({ of, measuring: m }: { of: (typeof clocks)[number]; measuring: Measuring }) {
	const ratioOf = (clock: (typeof clocks)[number]) =>
		m.rounds.map((r) => (r[clock.of][1] ?? 1) / (r[clock.of][0] ?? 1));
	const interval = m.whole?.ratios[0]?.[of.id] ?? null;
	// One axis for both clocks, so that they can be compared.
	const ends = clocks.flatMap((c) => {
		const i = m.whole?.ratios[0]?.[c.id];
		return [...ratioOf(c), ...(i ? [i.low, i.high] : [])];
	});
	const ratios = ratioOf(of);
	const words = m.whole === null ? '' : ratioWords(interval);
	const tone = interval?.verdict ?? 'undecided';
	return (
		<section class="clock" aria-labelledby={`clock-${of.id}`}>
			<h3 id={`clock-${of.id}`}>{of.title}</h3>
			{m.whole !== null && (
				<p class={`said ${tone}`}>
					<span aria-hidden="true">{{ faster: '▾', slower: '▴', undecided: '?' }[tone]} </span>
					{words}
				</p>
			)}
			{ratios.length > 0 && (
				<Plot
					axis={axisOf(ends)}
					ratios={ratios}
					interval={interval}
					label={`${of.title}: ${words === '' ? '' : `${words}; `}${plural(ratios.length, 'round')}, in which B took ${times(Math.min(...ratios))} to ${times(Math.max(...ratios))} times as long as A.`}
				/>
			)}
			{m.whole !== null && m.whole.rounds > 0 && (
				// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
				<section class="scroll" aria-label={`${of.title} as a table`} tabIndex={0}>
					<Grid columns={columnsOf(of.of, interval)} rows={m.whole.snippets} />
				</section>
			)}
		</section>
	);
}

/** The run that ended it, with the line that its traceback names. */
function Failed({ measuring: m, toB }: { measuring: Measuring; toB: (line: number) => void }) {
	const failed = m.whole?.failed ?? null;
	if (failed === null) return null;
	const at = failedLine(failed.run);
	return (
		<section class="card bad" aria-label="The run that failed">
			<h3 class="exc-message">{failedWords(failed.snippet, failed.run)}</h3>
			{at !== null && (
				<p>
					<button
						type="button"
						class="link"
						onClick={() => (failed.snippet === 'A' ? visit({ line: at.line }) : toB(at.line))}
					>
						line {at.line} of {failed.snippet}
					</button>{' '}
					<code>{at.text}</code>
				</p>
			)}
		</section>
	);
}

const roundWords = (m: Measuring): string =>
	m.counted > 0 || m.rounds.length === m.of
		? 'Counting what they do…'
		: m.rounds.length === 0
			? 'The first round, which does not count…'
			: `${m.rounds.length} of ${m.of} rounds…`;

export function MeasureResult({
	measuring: m,
	edited,
	toB,
}: {
	measuring: Measuring;
	edited: string;
	toB: (line: number) => void;
}) {
	if (m.problem !== null) return <ProblemView problem={m.problem} />;
	return (
		<div class="measured">
			{m.whole?.failed == null && (
				<p class="summary">
					<strong>{m.end === null && m.whole === null ? roundWords(m) : measuredWords(m)}</strong>
				</p>
			)}
			{edited !== '' && <p class="quiet">{edited} edited since: this is about what was there.</p>}
			<Failed measuring={m} toB={toB} />
			{(m.whole?.notes.length ?? 0) > 0 && (
				<ul class="card notes" aria-label="Notes">
					{m.whole?.notes.map((note) => (
						<li key={note}>{note}</li>
					))}
				</ul>
			)}
			{m.rounds.length > 0 && (
				<>
					{clocks.map((c) => (
						<Clock key={c.id} of={c} measuring={m} />
					))}
					<p class="quiet small pad">
						A dot is a round: how many times as long B took as A. The bar is the interval for what
						is so of all rounds that could be, the ring the estimate. CPU time is for programs that
						compute, the clock on the wall for those that wait; both are read by the program’s own
						process, without starting and compiling.
					</p>
				</>
			)}
			{m.whole !== null && <Counts whole={m.whole} />}
		</div>
	);
}
