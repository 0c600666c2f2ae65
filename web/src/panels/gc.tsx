import type { GcLens } from '../api';
import { count, duration, plural } from '../words';
import { Linked, sourceLine } from './parts';
import type { PanelProps } from './props';

const AGE = ['young', 'middle', 'old'];
const age = (generation: number): string => AGE[generation] ?? `generation ${generation}`;

function rule(thresholds: number[]): string {
	const [young = 0, middle = 0, old = 0] = thresholds;
	if (young === 0) return 'The first threshold is 0, which switches automatic collections off.';
	const parts = [
		`A young collection starts when over ${count(young)} more container objects were made than freed`,
	];
	if (middle > 0) parts.push(`after more than ${middle} of those a middle one takes its place`);
	if (old > 0)
		parts.push(
			`and after more than ${old} of those an old one, if enough objects have been added since the last`,
		);
	return `${parts.join('; ')}.`;
}

function Totals({ gc }: { gc: GcLens }) {
	return (
		<table class="grid">
			<caption>During this program</caption>
			<thead>
				<tr>
					<th scope="col">Generation</th>
					<th scope="col" class="num">
						Threshold
					</th>
					<th scope="col" class="num">
						Collections
					</th>
					<th scope="col" class="num">
						Objects freed
					</th>
					<th scope="col" class="num">
						Could not be freed
					</th>
				</tr>
			</thead>
			<tbody>
				{(gc.totals ?? []).map((t, i) => (
					<tr key={i}>
						<th scope="row">
							{i} <span class="quiet">{age(i)}</span>
						</th>
						<td class="num">{count(gc.thresholds?.[i] ?? 0)}</td>
						<td class="num">{count(t.collections)}</td>
						<td class="num">{count(t.collected)}</td>
						<td class="num">{count(t.uncollectable)}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

export function GcBody({ result, lines }: PanelProps) {
	const gc = result.lenses.gc;
	if (gc === undefined) return null;
	const all = gc.collections ?? [];
	return (
		<Linked id="gc">
			<div class="prose">
				<p>
					{gc.enabled === undefined ? null : (
						<strong>Automatic collection was {gc.enabled ? 'on' : 'off'}. </strong>
					)}
					{gc.thresholds !== undefined && rule(gc.thresholds)}
				</p>
			</div>
			{gc.totals !== undefined && <Totals gc={gc} />}
			{all.length === 0 ? (
				<p class="absent">
					The collector did not run. Objects that nothing refers to any more were freed at once, by
					their reference counts.
				</p>
			) : (
				<table class="grid">
					<caption>{plural(all.length, 'collection')}, in order</caption>
					<thead>
						<tr>
							<th scope="col" class="num">
								#
							</th>
							<th scope="col" class="num">
								Line
							</th>
							<th scope="col">During</th>
							<th scope="col">Generation</th>
							<th scope="col" class="num">
								Freed
							</th>
							<th scope="col" class="num">
								Could not
							</th>
							<th scope="col" class="num">
								Took
							</th>
						</tr>
					</thead>
					<tbody>
						{all.map((c, i) => (
							<tr key={i} tabIndex={-1} data-line={c.line ?? undefined}>
								<td class="num">{i + 1}</td>
								<td class="num line">{c.line ?? ''}</td>
								<td class="src">
									{sourceLine(lines, c.line)}
									{c.function !== null && c.function !== '<module>' && (
										<span class="quiet"> in {c.function}</span>
									)}
								</td>
								<td>
									{c.generation} <span class="quiet">{age(c.generation)}</span>
								</td>
								<td class="num">{count(c.collected)}</td>
								<td class="num">{count(c.uncollectable)}</td>
								<td class="num">{duration(c.duration_ns)}</td>
							</tr>
						))}
					</tbody>
				</table>
			)}
		</Linked>
	);
}
