// What somebody types into the panel's fields, as options of the lens.  A
// request with one bad word in it would be refused as a whole, so what the
// contract does not allow is left out here, and said.

export interface Asked<T> {
	values: T[];
	/** Words that were left out. */
	refused: string[];
}

/** As api/openapi.yaml has them. */
const most = { names: 64, lines: 16, keys: 16, attributes: 16 };
const LAST_LINE = 1_048_577;
const LONGEST = 128;

const NAME = /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{M}\p{Nd}_]*$/u;

function gather<T>(words: string[], limit: number, read: (word: string) => T | null): Asked<T> {
	const all: Asked<T> = { values: [], refused: [] };
	for (const word of words) {
		const value = read(word);
		if (value !== null && all.values.includes(value)) continue;
		if (value === null || all.values.length >= limit) all.refused.push(word);
		else all.values.push(value);
	}
	return all;
}

const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter((w) => w !== '');
const fits = (word: string): boolean => [...word].length <= LONGEST;

export const readNames = (text: string): Asked<string> =>
	gather(wordsOf(text), most.names, (w) => (NAME.test(w) && fits(w) ? w : null));

export const readAttributes = (text: string): Asked<string> =>
	gather(wordsOf(text), most.attributes, (w) => {
		const parts = w.split('.');
		return parts.length > 1 && parts.every((p) => NAME.test(p)) && fits(w) ? w : null;
	});

export const readLines = (text: string): Asked<number> =>
	gather(wordsOf(text), most.lines, (w) => {
		const line = /^\d{1,7}$/.test(w) ? Number(w) : 0;
		return line >= 1 && line <= LAST_LINE ? line : null;
	});

/** Between commas: what is in quotes is a str, a whole number an int, all else a str. */
export function readKeys(text: string): Asked<string | number> {
	const words = [...text.matchAll(/\s*("[^"]*"|'[^']*'|[^,]+)\s*(?:,|$)/gu)].map((m) =>
		(m[1] ?? '').trim(),
	);
	return gather(
		words.filter((w) => w !== ''),
		most.keys,
		(w) => {
			if (/^[-+]?\d+$/.test(w)) return Number.isSafeInteger(Number(w)) ? Number(w) : null;
			const key = /^(["']).*\1$/su.test(w) && w.length > 1 ? w.slice(1, -1) : w;
			return fits(key) && !key.includes('\0') ? key : null;
		},
	);
}

export interface Fields {
	names: string;
	lines: string;
	keys: string;
	attributes: string;
}

/** The options of the lens. */
export function optionsOf(fields: Fields): Record<string, unknown> {
	const all = {
		names: readNames(fields.names).values,
		at: readLines(fields.lines).values,
		keys: readKeys(fields.keys).values,
		attributes: readAttributes(fields.attributes).values,
	};
	return Object.fromEntries(Object.entries(all).filter(([, values]) => values.length > 0));
}
