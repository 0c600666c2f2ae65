// The pools of CPython's small-object allocator, a row of squares for each size of blocks.
import { useMemo } from 'preact/hooks';
import type { Allocator } from '../../api-memory';
import { type Pools, poolsOf } from '../../memory/view';
import { arenaWords } from '../../memory/words';
import { count } from '../../words';
import { type Column, Grid } from '../grid';

/** "+3", "−1": what a number changed by. */
function Change({ now, before }: { now: number; before: number }) {
	if (now === before) return null;
	const up = now > before;
	return (
		<span class={up ? 'change up' : 'change down'}>
			{up ? '+' : '−'}
			{count(Math.abs(now - before))}
		</span>
	);
}

const kinds = ['kept', 'came', 'went'] as const;

function Squares({ of }: { of: Pools['squares'] }) {
	return (
		<span class="squares" aria-hidden="true">
			{kinds.flatMap((kind) =>
				Array.from({ length: of[kind] }, (_, i) => <span key={kind + i} class={kind} />),
			)}
		</span>
	);
}

const columns: Column<Pools>[] = [
	{
		head: 'Blocks of',
		of: 'num',
		heads: true,
		cell: (c) => `${c.size} B`,
	},
	{ head: 'Map', of: 'map', cell: (c) => <Squares of={c.squares} /> },
	{
		head: 'Pools',
		of: 'num',
		cell: (c) => (
			<>
				<Change now={c.pools} before={c.pools_before} /> {count(c.pools)}
			</>
		),
		by: (c) => c.pools,
	},
	{
		head: 'Used',
		of: 'num',
		cell: (c) => (
			<>
				<Change now={c.used} before={c.used_before} /> {count(c.used)}
			</>
		),
		by: (c) => c.used,
	},
	{ head: 'Free', of: 'num', cell: (c) => count(c.free), by: (c) => c.free },
];

export function PoolMap({ allocator }: { allocator: Allocator }) {
	const { each, classes } = useMemo(() => poolsOf(allocator), [allocator]);
	const changed = classes.filter((c) => c.pools !== c.pools_before).length;
	return (
		<>
			<h3 class="part-head">pymalloc’s pools</h3>
			<p class="small pad">
				{arenaWords(allocator)}. They are cut into pools, each for blocks of one size; pools for{' '}
				{changed === 0 ? 'no size' : `${changed} of ${classes.length} sizes`} changed in number. All
				of the interpreter is in it, not the program’s alone.
			</p>
			<p class="quiet small pools-key">
				<span class="squares" aria-hidden="true">
					<span class="kept" />
				</span>{' '}
				{each === 1 ? 'a pool' : `${count(each)} pools`} as before
				<span class="squares" aria-hidden="true">
					<span class="came" />
				</span>{' '}
				filled: it came with this run
				<span class="squares" aria-hidden="true">
					<span class="went" />
				</span>{' '}
				dashed: it went
			</p>
			<Grid
				class="pools"
				caption="Pools by the size of their blocks"
				quiet
				columns={columns}
				rows={classes}
				id={(c) => c.size}
			/>
		</>
	);
}
