// Columns: CPython counts UTF-8 bytes, JavaScript UTF-16 units.

const encoder = new TextEncoder();

/** The UTF-16 column at which UTF-8 byte `col` of `line` stands. */
export function utf16Column(line: string, col: number): number {
	let seen = 0;
	let at = 0;
	for (const char of line) {
		if (seen >= col) break;
		seen += encoder.encode(char).length;
		at += char.length;
	}
	return at;
}

/** The UTF-8 byte at which UTF-16 column `at` of `line` stands. */
export const utf8Column = (line: string, at: number): number =>
	encoder.encode(line.slice(0, at)).length;
