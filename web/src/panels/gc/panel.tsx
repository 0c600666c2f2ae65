import type { Collection, GcLens } from '../../api-gc';
import { count, duration, plural } from '../../words';
import { type Column, Grid, lineColumn } from '../grid';
import { Linked, sourceLine } from '../parts';
import type { PanelProps } from '../props';
import { Film } from './film';

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
	type Total = NonNullable<GcLens['totals']>[number];
	const columns: Column<Total>[] = [
		{
			head: 'Generation',
			heads: true,
			cell: (_, i) => (
				<>
					{i} <span class="quiet">{age(i)}</span>
				</>
			),
		},
		{ head: 'Threshold', of: 'num', cell: (_, i) => count(gc.thresholds?.[i] ?? 0) },
		{ head: 'Collections', of: 'num', cell: (t) => count(t.collections) },
		{ head: 'Objects freed', of: 'num', cell: (t) => count(t.collected) },
		{ head: 'Could not be freed', of: 'num', cell: (t) => count(t.uncollectable) },
	];
	return <Grid caption="During this program" columns={columns} rows={gc.totals ?? []} />;
}

/** What `trigger` says, where that is no words. */
const WHY: Record<string, string> = {
	allocation: 'enough were made',
	'gc.collect()': 'asked for',
	interpreter: 'asked for by C code',
	unknown: '',
};

const columnsOf = (lines: string[]): Column<Collection>[] => [
	{ head: '#', of: 'num', cell: (_, i) => i + 1 },
	lineColumn((c) => c.line),
	{
		head: 'During',
		of: 'src',
		cell: (c) => (
			<>
				{sourceLine(lines, c.line)}
				{c.function !== null && c.function !== '<module>' && (
					<span class="quiet"> in {c.function}</span>
				)}
			</>
		),
	},
	{
		head: 'Generation',
		cell: (c) => (
			<>
				{c.generation} <span class="quiet">{age(c.generation)}</span>
			</>
		),
	},
	{ head: 'Why', cell: (c) => WHY[c.trigger ?? ''] ?? c.trigger ?? '' },
	{ head: 'Of', of: 'num', cell: (c) => (c.candidates == null ? '' : count(c.candidates)) },
	{ head: 'Freed', of: 'num', cell: (c) => count(c.collected) },
	{ head: 'Could not', of: 'num', cell: (c) => count(c.uncollectable) },
	{ head: 'Took', of: 'num', cell: (c) => duration(c.duration_ns) },
];

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
				<Grid
					caption={`${plural(all.length, 'collection')}, in order`}
					columns={columnsOf(lines)}
					rows={all}
					line={(c) => c.line}
				/>
			)}
			{(gc.films ?? []).map((film) => (
				<Film key={`${result.id} ${film.collection}`} film={film} end={all[film.collection - 1]} />
			))}
			{gc.filmed?.absent != null && <p class="pad quiet">No film: {gc.filmed.absent}.</p>}
		</Linked>
	);
}
