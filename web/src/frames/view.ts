// Stacks, with what repeats in one row.
import type { CallEntry, CalledFunction, CallStack } from '../api-frames';

/** A row of a stack: a frame, or how many are left out there. */
export type StackRow = { entry: CallEntry; more: number } | { between: number };

/** Frames in a row that are the same are as many as that before they are put together. */
const SAME = 3;

function rowsOf(entries: CallEntry[]): StackRow[] {
	const rows: StackRow[] = [];
	for (let at = 0; at < entries.length; ) {
		const first = entries[at] as CallEntry;
		let end = at + 1;
		while (
			entries[end]?.function === first.function &&
			entries[end]?.line === first.line &&
			end < entries.length
		)
			end++;
		const few = end - at <= SAME;
		const last = entries[end - 1];
		rows.push({ entry: first, more: 0 });
		if (few) for (const entry of entries.slice(at + 1, end)) rows.push({ entry, more: 0 });
		else if (last !== undefined) rows.push({ entry: last, more: end - at - 1 });
		at = end;
	}
	return rows;
}

/** Outermost first. */
export const stackRows = (stack: CallStack): StackRow[] => [
	...rowsOf(stack.outermost),
	...(stack.left_out > 0 ? [{ between: stack.left_out }] : []),
	...rowsOf(stack.innermost),
];

/** Bytes of the C stack from each frame of Python to the next, where the stack is deepest. */
export function bytesEach(stack: CallStack, functions: CalledFunction[]): number | null {
	const all = stack.innermost.length > 1 ? stack.innermost : stack.outermost;
	const python = all.filter((e) => functions[e.function ?? -1]?.kind === 'python');
	const first = python[0];
	const last = python[python.length - 1];
	if (first === undefined || last === undefined || python.length < 2) return null;
	return Math.round((last.c_used - first.c_used) / (python.length - 1));
}
