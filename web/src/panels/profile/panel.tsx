// Where the time went: by function and by path, without and with what was called.
import { useMemo } from 'preact/hooks';
import type { ProfiledFunction, ProfileLens } from '../../api-profile';
import { Calls } from '../../calls';
import { count, duration, plural } from '../../words';
import { CallTree, type Said } from '../call-tree';
import { FunctionTable, whichFunction } from '../functions';
import type { Column } from '../grid';
import { Linked } from '../parts';
import type { PanelProps } from '../props';
import { Share } from '../share';

const columnsOf = (functions: ProfiledFunction[], ns: number): Column<ProfiledFunction>[] => [
	...whichFunction<ProfiledFunction>(),
	{ head: 'Calls', of: 'num', cell: (f) => count(f.calls), by: (f) => f.calls },
	// A column that says nothing of any takes no room.
	...(functions.some((f) => f.nested > 0)
		? [
				{
					head: 'Nested',
					of: 'num',
					cell: (f: ProfiledFunction) => (f.nested === 0 ? '' : count(f.nested)),
					by: (f: ProfiledFunction) => f.nested,
				},
			]
		: []),
	{ head: 'Own', of: 'num', cell: (f) => duration(f.own_ns), by: (f) => f.own_ns },
	{ head: 'Each', of: 'num', cell: (f) => duration(each(f)), by: each },
	{ head: 'All', of: 'num', cell: (f) => duration(f.all_ns), by: (f) => f.all_ns },
	{
		head: 'Share',
		of: 'share',
		cell: (f) => <Share of={ns > 0 ? f.own_ns / ns : 0} />,
		by: (f) => f.own_ns,
	},
];

const each = (f: ProfiledFunction): number => (f.calls > 0 ? f.own_ns / f.calls : 0);

function missing({ totals, truncated }: ProfileLens): string {
	const parts: string[] = [];
	if (totals && totals.no_node > 0) parts.push(`${plural(totals.no_node, 'call')} not in the tree`);
	if (totals && totals.no_function > 0)
		parts.push(`${plural(totals.no_function, 'call')} of functions there was no room for`);
	if (parts.length > 0) return `Not in it: ${parts.join(', ')}.`;
	return truncated === true
		? 'The last part is missing: the run was ended, or set a profile function of its own.'
		: '';
}

function Paths({ lens }: { lens: ProfileLens }) {
	const calls = useMemo(
		() => new Calls(lens.tree ?? [], lens.functions ?? [], (n) => n.own_ns),
		[lens],
	);
	const say: Said = useMemo(
		() => ({
			words: (n) => {
				const node = calls.nodes[n];
				if (node === undefined) return '';
				return `${duration(node.own_ns)} in ${plural(node.calls, 'call')}`;
			},
			all: (n) => duration(calls.all[n] ?? 0),
			more: (n) => (calls.hasChildren(n) ? `${duration(calls.all[n] ?? 0)} with those below` : ''),
		}),
		[calls],
	);
	if (calls.nodes.length === 0) return null;
	return (
		<>
			<h3 class="part-head">By path</h3>
			<CallTree
				id="profile"
				calls={calls}
				say={say}
				wide="A box is as wide as its time: its own and that of all below."
			/>
		</>
	);
}

export function ProfileBody({ result }: PanelProps) {
	const lens = result.lenses.profile;
	const { functions = [], totals } = lens ?? {};
	const ns = totals?.ns ?? 0;
	const columns = useMemo(() => columnsOf(functions, ns), [functions, ns]);
	const rows = useMemo(() => [...functions].sort((a, b) => b.own_ns - a.own_ns), [functions]);
	if (lens === undefined) return null;
	const odd = missing(lens);
	return (
		<Linked id="profile">
			<div class="prose">
				<p>
					{duration(ns)} in {plural(totals?.calls ?? 0, 'call')} of{' '}
					{plural(functions.length, 'function')}. The clock stands while the lens itself works, but
					a run that is looked at is slower than one that is not: what tells is the share.
				</p>
				{odd !== '' && <p class="quiet">{odd}</p>}
			</div>
			{rows.length === 0 ? (
				<p class="absent">No call is known.</p>
			) : (
				<>
					<FunctionTable
						head="By function"
						label="Time by function"
						caption="Functions, that with the most time of its own first"
						columns={columns}
						rows={rows}
					>
						Own: without what it called. All: with it; a nanosecond in a recursion counts once.
						Nested: called while it was running already.
					</FunctionTable>
					<Paths lens={lens} />
				</>
			)}
		</Linked>
	);
}
