// JSON with whole numbers that a double cannot hold: a hash has 64 bits, and one
// that is a little off is not the hash.

const LONG = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

const quoted = (digits: string): string =>
	Number.isSafeInteger(Number(digits)) ? digits : `"${digits}"`;

/** Where the string that begins with the quote at `open` is over. */
function behind(text: string, open: number): number {
	let end = open;
	for (;;) {
		end = text.indexOf('"', end + 1);
		if (end < 0) return text.length;
		let escapes = 0;
		while (text[end - 1 - escapes] === '\\') escapes++;
		if (escapes % 2 === 0) return end + 1;
	}
}

/** As JSON.parse, but that such a number becomes a string of its digits. */
export function parseExact(text: string): unknown {
	let out = '';
	let kept = 0;
	let at = 0;
	while (at < text.length) {
		const quote = text.indexOf('"', at);
		const open = quote < 0 ? text.length : quote;
		if (open - at >= 16) {
			out += text.slice(kept, at) + text.slice(at, open).replace(LONG, quoted);
			kept = open;
		}
		at = quote < 0 ? text.length : behind(text, quote);
	}
	return JSON.parse(out + text.slice(kept));
}
