// The functions that were called.
import { useMemo } from 'preact/hooks';
import type { CalledFunction } from '../../api-frames';
import { bytes, count } from '../../words';
import { ownLine, whichFunction } from '../functions';
import { type Column, Grid } from '../grid';

const SHOWN = 50;

const numbers: [string, (f: CalledFunction) => number, (n: number) => string][] = [
	['Calls', (f) => f.calls, count],
	['Resumed', (f) => f.resumes, count],
	['Unwound', (f) => f.unwound, count],
	['Nested', (f) => f.nested, count],
	['At once', (f) => f.most_active, count],
	['C stack', (f) => f.c_bytes, bytes],
];

function columnsOf(functions: CalledFunction[]): Column<CalledFunction>[] {
	return [
		...whichFunction<CalledFunction>(),
		// A column that says nothing of any takes no room.
		...numbers
			.filter(([, of]) => functions.some((f) => of(f) > 0))
			.map(
				([head, of, say]): Column<CalledFunction> => ({
					head,
					of: 'num',
					cell: (f) => (of(f) === 0 ? '' : say(of(f))),
					by: of,
				}),
			),
	];
}

export function Functions({ functions }: { functions: CalledFunction[] }) {
	const columns = useMemo(() => columnsOf(functions), [functions]);
	if (functions.length === 0) return null;
	return (
		<>
			<h3 class="part-head">Functions</h3>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
			<section class="scroll" aria-label="Functions that were called" tabIndex={0}>
				<Grid
					class="functions"
					caption="Functions, in the order of their first call"
					quiet
					columns={columns}
					rows={functions}
					line={ownLine}
					atMost={SHOWN}
				/>
			</section>
			<p class="quiet small pad">
				Unwound: left by an exception. Nested: called while it was running already. At once: how
				often it was on the stack of one thread at one time. C stack: from the frame of Python below
				it.
			</p>
		</>
	);
}
