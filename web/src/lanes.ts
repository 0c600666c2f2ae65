// Lanes over time: one for each row, with a bar for each stretch of time, cut to the span that is shown.

/** A time, in nanoseconds. */
export interface Span {
	from: number;
	to: number;
}

/** What has a lane, and from when to when it is there. */
export interface Row extends Span {
	id: number;
	name: string;
}

/** What the row of that id did for a while. */
export interface Stretch<Kind> extends Span {
	row: number;
	kind: Kind;
}

/** Where it is in the time that is shown, from 0 to 1. */
export interface Bar<Kind> extends Span {
	kind: Kind;
}

/** A row, its times from 0 to 1 too. */
export interface Lane<Kind> extends Row {
	bars: Bar<Kind>[];
}

const clip = (v: number): number => Math.min(1, Math.max(0, v));

/** The lanes of a span, in the order of the rows; bars that are not in it are left out. */
export function lanes<Kind>(rows: Row[], stretches: Stretch<Kind>[], span: Span): Lane<Kind>[] {
	const at = (ns: number): number => clip((ns - span.from) / (span.to - span.from));
	const of = new Map<number, Bar<Kind>[]>();
	for (const { row, kind, from, to } of stretches) {
		if (to <= span.from || from >= span.to) continue;
		const bars = of.get(row) ?? [];
		bars.push({ kind, from: at(from), to: at(to) });
		of.set(row, bars);
	}
	return rows.map(({ id, name, from, to }) => ({
		id,
		name,
		from: at(from),
		to: at(to),
		bars: of.get(id) ?? [],
	}));
}

/** A part of a span around its middle, or with its end or beginning where the whole ends or begins. */
export function zoom(span: Span, all: Span, factor: number): Span {
	const size = Math.min((span.to - span.from) / factor, all.to - all.from);
	return move({ from: 0, to: size }, all, (span.from + span.to - size) / 2);
}

/** The same size, from there on, but not beyond the whole. */
export function move(span: Span, all: Span, from: number): Span {
	const size = span.to - span.from;
	const begin = Math.min(Math.max(from, all.from), all.to - size);
	return { from: begin, to: begin + size };
}
