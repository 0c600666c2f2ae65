// Runtimes beside each other, a column for each, as `vitrine compare` has it.
import type { ComponentChildren } from 'preact';
import type { RunResult } from '../../api';
import type { Comparison, ComparisonResult } from '../../api-compare';
import {
	aspectsOf,
	cellOf,
	endWords,
	groupOf,
	letterOf,
	type Mark,
	notesOf,
	outputWords,
} from '../../compare/view';
import { type Comparing, onlyDifferences, outcome } from '../../state';
import { bytes, duration, verdict } from '../../words';
import { advice } from '../problem';
import { aspect } from './look';

export function MarkView({ mark }: { mark: Mark }) {
	return (
		<span class={`mark-${mark.tone}`}>
			<span aria-hidden="true">{mark.glyph} </span>
			{mark.lead !== '' && <span class="sr">{mark.lead}</span>}
			{mark.words}
		</span>
	);
}

/** One of an aspect's groups, where there are several. */
export const Letter = ({ group }: { group: number }) => (
	<span class="letter">
		<span class="sr">group </span>
		{letterOf(group)}
	</span>
);

function Cell({ whole, name, id }: { whole: Comparison; name: string; id: string }) {
	const d = whole.differences[name];
	const mark = cellOf(whole, name, id);
	if (d === undefined || mark === null) return null;
	return (
		<>
			{(d.groups?.length ?? 0) > 1 && <Letter group={groupOf(d, id)} />}{' '}
			{id === whole.baseline ? <span class="sr">the baseline</span> : <MarkView mark={mark} />}
		</>
	);
}

const waits: Record<string, string> = {
	stopped: 'stopped before it answered',
	cut: 'no answer came',
	done: 'no answer came',
};

function Ended({ one, end }: { one: ComparisonResult | undefined; end: Comparing['end'] }) {
	if (one === undefined)
		return end === null ? (
			<span class="busy">runs…</span>
		) : (
			<span class="stopped">{waits[end]}</span>
		);
	if (one.run === null) return <span class="bad">✕ no run</span>;
	const v = verdict(one.run);
	return (
		<span class={v.tone}>
			<span aria-hidden="true">{v.glyph} </span>
			{endWords(one.run)}
		</span>
	);
}

function Row({
	name,
	ids,
	cell,
	of,
}: {
	name: ComponentChildren;
	ids: string[];
	cell: (id: string) => ComponentChildren;
	of?: string;
}) {
	return (
		<tr data-row={of}>
			<th scope="row">{name}</th>
			{ids.map((id) => (
				<td key={id}>{cell(id)}</td>
			))}
		</tr>
	);
}

/** All that this runtime's run showed, as if it had run alone; and a way back. */
function look(run: RunResult) {
	const o = outcome.value;
	if (o?.kind !== 'comparison') return;
	outcome.value = { kind: 'result', result: run, request: o.request, lines: o.lines, of: o };
	requestAnimationFrame(() => document.getElementById('back-to-comparison')?.focus());
}

export function Overview({ comparing: c }: { comparing: Comparing }) {
	const ids = c.asked.map((r) => r.id);
	const only = onlyDifferences.value;
	const of = (id: string) => c.results.find((one) => one.runtime === id);
	const figure = (say: (run: RunResult) => ComponentChildren) => (id: string) => {
		const run = of(id)?.run;
		return run === null || run === undefined ? '' : say(run);
	};
	const { whole } = c;
	const problems = c.results.filter((one) => one.problem !== null);
	const notes = notesOf(c.results);
	return (
		<div class="panel-body">
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
			<section class="scroll" aria-label="Runtimes beside each other" tabIndex={0}>
				<table class="grid beside">
					<thead>
						<tr>
							<th scope="col">CPython</th>
							{c.asked.map((r) => (
								<th scope="col" key={r.id}>
									<strong>{r.id}</strong>
									<span class="quiet">{r.version}</span>
									<span class="quiet">{r.gil === false ? 'no GIL' : 'GIL'}</span>
									{whole?.baseline === r.id && <span class="tag">baseline</span>}
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						<Row
							name="ended"
							of="ended"
							ids={ids}
							cell={(id) => <Ended one={of(id)} end={c.end} />}
						/>
						<Row name="exit" of="exit" ids={ids} cell={figure((run) => run.exit_code ?? '–')} />
						<Row
							name="printed"
							of="printed"
							ids={ids}
							cell={figure((run) => <code>{outputWords(run)}</code>)}
						/>
						{whole !== null &&
							aspectsOf(whole, only)
								.filter((name) => whole.differences[name]?.groups !== undefined)
								.map((name) => (
									<Row
										key={name}
										of={name}
										name={
											<button
												type="button"
												class="link"
												onClick={() => {
													aspect.value = name;
													requestAnimationFrame(() =>
														document.getElementById(`aspect-${name}`)?.focus(),
													);
												}}
											>
												{name}
											</button>
										}
										ids={ids}
										cell={(id) => <Cell whole={whole} name={name} id={id} />}
									/>
								))}
						{!only && (
							<>
								<Row name="CPU" ids={ids} cell={figure((run) => duration(run.usage.cpu_ns))} />
								<Row name="wall" ids={ids} cell={figure((run) => duration(run.usage.wall_ns))} />
								<Row
									name="memory"
									ids={ids}
									cell={figure((run) => bytes(run.usage.peak_rss_bytes))}
								/>
							</>
						)}
						<Row
							name="all of it"
							ids={ids}
							cell={(id) => {
								const run = of(id)?.run;
								return run === null || run === undefined ? (
									''
								) : (
									<button
										type="button"
										class="link open"
										aria-label={`All that the run on ${id} showed`}
										onClick={() => look(run)}
									>
										open
									</button>
								);
							}}
						/>
					</tbody>
				</table>
			</section>
			{problems.map((one) => (
				<section class="card bad" key={one.runtime}>
					<h3>
						<span class="exc-type">
							{one.runtime}: {one.problem?.title}
						</span>
					</h3>
					<p>{one.problem?.detail}</p>
					{one.problem !== null && <p class="quiet">{advice(one.problem)}</p>}
				</section>
			))}
			{notes.length > 0 && (
				<ul class="card notes" aria-label="Notes">
					{notes.map(([words, who]) => (
						<li key={words}>
							<strong>{who.length === ids.length ? 'all' : who.join(', ')}</strong>: {words}
						</li>
					))}
				</ul>
			)}
		</div>
	);
}
