// What is put beside each other as text: the output, and the bytecode in the
// words that the server compares it by (api/compare_code.c): a jump is the
// line that it leads to, offsets and opcodes' numbers are left out.
import type { BytecodeLens, CodeObject, RunResult } from '../api';
import { withoutAddress } from '../panels/code-members';

export interface Side {
	lines: string[];
	/** What stands before each line: its number, the line of the source, or nothing. */
	numbers: string[];
	/** Lines that were left out at the end. */
	left: number;
}

/** More than anybody reads; what a diff takes grows faster than its lines. */
export const MOST_LINES = 5000;
const MOST_CHARACTERS = 400_000;
const MOST_IN_LINE = 2000;

function side(all: string[], numbers: string[]): Side {
	let characters = 0;
	let n = 0;
	const lines: string[] = [];
	for (; n < all.length && n < MOST_LINES && characters < MOST_CHARACTERS; n++) {
		const line = all[n] ?? '';
		const shown = line.length > MOST_IN_LINE ? `${line.slice(0, MOST_IN_LINE)}…` : line;
		lines.push(shown);
		characters += shown.length;
	}
	return { lines, numbers: numbers.slice(0, n), left: all.length - n };
}

const streamLines = (stream: RunResult['stdout']): string[] => {
	if (stream.text === undefined) return ['(bytes that are not text)'];
	return stream.text === '' ? [] : stream.text.replace(/\n$/, '').split('\n');
};

export function outputSide(run: RunResult): Side {
	const out = streamLines(run.stdout);
	const err = streamLines(run.stderr);
	const numbers = (lines: string[]) => lines.map((_, n) => String(n + 1));
	if (err.length === 0) return side(out, numbers(out));
	return side(
		['standard output:', ...out, 'standard error:', ...err],
		['', ...numbers(out), '', ...numbers(err)],
	);
}

/** Instructions that are jumped to, by how `dis` names them: "to 24", "to L1". */
function targets(code: CodeObject): Map<string, number | null> {
	const found = new Map<string, number | null>();
	let labels = 0;
	for (const i of code.instructions) {
		found.set(`to ${i.offset}`, i.line);
		if (i.jump_target) found.set(`to L${++labels}`, i.line);
	}
	return found;
}

export function bytecodeSide(lens: BytecodeLens | undefined): Side {
	const lines: string[] = [];
	const numbers: string[] = [];
	for (const code of lens?.code_objects ?? []) {
		const lead = targets(code);
		lines.push(`${code.name}, line ${code.first_line}`);
		numbers.push('');
		let last: number | null = null;
		for (const i of code.instructions) {
			const to = lead.get(i.argrepr);
			const said = to === undefined ? withoutAddress(i.argrepr) : `to line ${to ?? 0}`;
			const argument = said === '' && i.arg !== null ? String(i.arg) : said;
			const now = i.specialized != null && i.specialized !== i.op ? `, now ${i.specialized}` : '';
			lines.push(`    ${i.op}${argument === '' ? '' : ` ${argument}`}${now}`);
			numbers.push(i.line !== last && i.line ? String(i.line) : '');
			last = i.line;
		}
	}
	return side(lines, numbers);
}

/** Lines that changed: those of a and b, from and to, the last not among them. */
export interface Part {
	a: [number, number];
	b: [number, number];
}

export interface TwinRow {
	mark: '−' | '+' | ' ' | '…';
	/** The number of the line, from 0, on each side that has it. */
	a: number | null;
	b: number | null;
	text: string;
}

const CONTEXT = 2;

/** Both sides as one list, as diff -u has it; `all`: with what did not change. */
export function twinRows(a: string[], b: string[], parts: Part[], all: boolean): TwinRow[] {
	const rows: TwinRow[] = [];
	const equal = (from: [number, number], n: number) => {
		const head = from[0] === 0 ? 0 : CONTEXT;
		const tail = from[0] + n === a.length ? 0 : CONTEXT;
		for (let i = 0; i < n; i++) {
			if (!all && i >= head && i < n - tail) {
				const skipped = n - tail - head;
				if (skipped > 1) {
					rows.push({ mark: '…', a: null, b: null, text: `${skipped} lines are the same` });
					i += skipped - 1;
					continue;
				}
			}
			rows.push({ mark: ' ', a: from[0] + i, b: from[1] + i, text: a[from[0] + i] ?? '' });
		}
	};
	let at: [number, number] = [0, 0];
	for (const part of parts) {
		equal(at, part.a[0] - at[0]);
		for (let i = part.a[0]; i < part.a[1]; i++)
			rows.push({ mark: '−', a: i, b: null, text: a[i] ?? '' });
		for (let i = part.b[0]; i < part.b[1]; i++)
			rows.push({ mark: '+', a: null, b: i, text: b[i] ?? '' });
		at = [part.a[1], part.b[1]];
	}
	equal(at, a.length - at[0]);
	return rows;
}
