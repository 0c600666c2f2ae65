// The functions that were called.
import { useMemo } from 'preact/hooks';
import type { CalledFunction } from '../../api-frames';
import { bytes, count } from '../../words';
import { FunctionTable, whichFunction } from '../functions';
import type { Column } from '../grid';

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
		<FunctionTable
			head="Functions"
			label="Functions that were called"
			caption="Functions, in the order of their first call"
			columns={columns}
			rows={functions}
		>
			Unwound: left by an exception. Nested: called while it was running already. At once: how often
			it was on the stack of one thread at one time. C stack: from the frame of Python below it.
		</FunctionTable>
	);
}
