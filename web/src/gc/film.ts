// A collection as a film: what the collector knows after each step of its algorithm, and where objects are drawn.
import type { Collection, Film, FilmObject } from '../api-gc';
import { plural } from '../words';

/** What is known of an object by then; '': nothing but a number. */
export type Fate = '' | 'held' | 'reached' | 'garbage' | 'finalized' | 'freed';

export interface Shot {
	/** What happens in it, in a sentence. */
	say: string;
	/** Of each object of the film, in its order. */
	refs: number[];
	fates: Fate[];
	/** The reference that it is about, by its place among the film's. */
	edge: number | null;
	/** The object that it is about. */
	object: number | null;
}

export const objectName = (o: FilmObject): string => o.name ?? `${o.type} ${o.object}`;

const isLost = (o: FilmObject): boolean => o.verdict === 'garbage' || o.verdict === 'uncollectable';

/** By the program: modules have more. */
const isNamed = (o: FilmObject): boolean => o.name !== null && !/^__.*__$/.test(o.name);

/** What a film is about: what is lost, what has a name or a finalizer, and what holds those; not all that the interpreter has. */
export function focusOf(film: Film): FilmObject[] {
	const own = new Set(
		film.objects
			.filter((o) => isLost(o) || isNamed(o) || o.finalizer !== null)
			.map((o) => o.object),
	);
	for (const o of film.objects) if (own.has(o.object) && o.via !== null) own.add(o.via);
	return film.objects.filter((o) => own.has(o.object));
}

/** Objects that were reached, each after what it was reached by. */
function reachedInOrder(film: Film): FilmObject[] {
	const left = film.objects.filter((o) => o.verdict === 'reached');
	const known = new Set(film.objects.filter((o) => o.verdict === 'root').map((o) => o.object));
	const out: FilmObject[] = [];
	for (let n = -1; n !== out.length; ) {
		n = out.length;
		for (const o of left) {
			if (known.has(o.object) || (o.via !== null && !known.has(o.via))) continue;
			known.add(o.object);
			out.push(o);
		}
	}
	return out;
}

/** The film shot by shot, of the objects that it is about. */
export function shotsOf(film: Film, about: FilmObject[], end: Collection | undefined): Shot[] {
	const at = new Map(film.objects.map((o, i) => [o.object, i]));
	const of = (n: number): FilmObject | undefined => film.objects[at.get(n) ?? -1];
	const seen = new Set(about.map((o) => o.object));
	const refs = film.objects.map((o) => o.refcount);
	const fates: Fate[] = film.objects.map(() => '');
	const shots: Shot[] = [];
	const shoot = (say: string, edge: number | null = null, object: number | null = null) =>
		shots.push({ say, refs: [...refs], fates: [...fates], edge, object });
	const name = (n: number): string => {
		const o = of(n);
		return o === undefined ? `object ${n}` : objectName(o);
	};
	shoot('The collector notes how many references each object has.');
	film.edges.forEach((e, i) => {
		const to = at.get(e.to);
		if (to === undefined) return;
		refs[to] = e.left;
		if (seen.has(e.to))
			shoot(
				`${name(e.from)} refers to ${name(e.to)}${e.how === null ? '' : `, by ${e.how}`}: one of its references is from within, which leaves ${e.left}.`,
				i,
				e.to,
			);
	});
	film.objects.forEach((o, i) => {
		refs[i] = o.gc_refs;
		if (o.verdict === 'root') fates[i] = 'held';
	});
	shoot(
		`${plural(film.roots, 'object')} of ${film.candidates} ${film.roots === 1 ? 'has' : 'have'} references left: those are from outside.`,
	);
	for (const o of reachedInOrder(film)) {
		fates[at.get(o.object) ?? 0] = 'reached';
		if (seen.has(o.object))
			shoot(
				`${objectName(o)} is reached${o.via === null ? '' : ` from ${name(o.via)}`}, so it is alive.`,
				null,
				o.object,
			);
	}
	film.objects.forEach((o, i) => {
		if (isLost(o)) fates[i] = 'garbage';
	});
	const lost = film.garbage + film.uncollectable;
	shoot(
		lost === 0
			? 'Nothing is left over: all that it looked at is alive.'
			: `${plural(lost, 'object')} ${lost === 1 ? 'is' : 'are'} left over: nothing alive refers to ${lost === 1 ? 'it' : 'them'}.`,
	);
	for (const f of film.finalizers) {
		const i = f.object === null ? undefined : at.get(f.object);
		if (i !== undefined && f.kind !== 'weakref callback') fates[i] = 'finalized';
		const whose = f.object === null ? f.type : name(f.object);
		shoot(
			`${f.kind === 'weakref callback' ? `A callback of a weak reference to ${whose} is called` : `The finalizer of ${whose} runs (${f.kind})`}.`,
			null,
			f.object,
		);
	}
	if (lost > 0 && end !== undefined) {
		film.objects.forEach((o, i) => {
			if (o.verdict === 'garbage') fates[i] = 'freed';
		});
		shoot(`The collector says that it freed ${plural(end.collected, 'object')}.`);
	}
	return shots;
}

export const W = 600;
export const H = 300;
const BOX = { w: 118, h: 38 };
/** More than that are not drawn. */
export const DRAWN = 20;

export interface Spot {
	object: number;
	x: number;
	y: number;
}

/** A column's width, and how many boxes a ring has room for. */
const COLUMN = BOX.w + 14;
const RING = 6;

/** In columns from there on, one after the other. */
function inColumns(of: FilmObject[], from: number, columns: number): Spot[] {
	const per = Math.ceil(of.length / columns);
	return of.map((o, i) => ({
		object: o.object,
		x: from + (Math.floor(i / per) + 0.5) * COLUMN,
		y: ((i % per) + 0.5) * (H / per),
	}));
}

function inRing(of: FilmObject[], width: number): Spot[] {
	const far = of.length === 1 ? 0 : 1;
	return of.map((o, i) => {
		const angle = (2 * Math.PI * i) / of.length - Math.PI / 2;
		return {
			object: o.object,
			x: width / 2 + far * (width / 2 - BOX.w / 2 - 6) * Math.cos(angle),
			y: H / 2 + far * (H / 2 - BOX.h / 2 - 14) * Math.sin(angle),
		};
	});
}

/** What is lost is a ring at the left, or columns where it is much; what is alive columns at the right. */
export function spots(about: FilmObject[]): Spot[] {
	const lost = about.filter(isLost);
	const alive = about.filter((o) => !isLost(o));
	const most = Math.floor(H / (BOX.h + 6));
	const columns = alive.length === 0 ? 0 : Math.ceil(alive.length / most);
	// Room for a loop beside the last.
	const width = W - 14 - columns * COLUMN;
	const left =
		lost.length <= 2 || (lost.length <= RING && width > 2 * COLUMN + 12)
			? inRing(lost, width)
			: inColumns(lost, 0, Math.min(Math.floor(width / COLUMN), Math.ceil(lost.length / most)));
	return left.concat(
		lost.length === 0
			? inColumns(alive, (W - columns * COLUMN) / 2, columns)
			: inColumns(alive, width, columns),
	);
}

/** From the rim of one box to that of the other; of itself a loop beside it. */
export function path(a: Spot, b: Spot): string {
	if (a.object === b.object)
		return `M${(a.x + BOX.w / 2).toFixed(1)} ${(a.y - 8).toFixed(1)}c22 -8 22 24 2 16`;
	const dx = b.x - a.x;
	const dy = b.y - a.y;
	const far = Math.max(1, Math.hypot(dx, dy));
	// Two that refer to each other are two lines.
	const ox = (-dy / far) * 5;
	const oy = (dx / far) * 5;
	const rim = Math.min(
		BOX.w / 2 / Math.max(Math.abs(dx), 0.01),
		BOX.h / 2 / Math.max(Math.abs(dy), 0.01),
	);
	const x = (t: number) => (a.x + ox + dx * t).toFixed(1);
	const y = (t: number) => (a.y + oy + dy * t).toFixed(1);
	const t = Math.min(rim, 0.45);
	return `M${x(t)} ${y(t)}L${x(1 - t - 4 / far)} ${y(1 - t - 4 / far)}`;
}
