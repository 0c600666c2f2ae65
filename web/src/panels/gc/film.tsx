// A collection, shot by shot: the counts, what is subtracted, who is reached, what is left over.
import { useMemo, useRef, useState } from 'preact/hooks';
import type { Collection, FilmObject, Film as FilmOf } from '../../api-gc';
import {
	DRAWN,
	type Fate,
	focusOf,
	H,
	objectName,
	path,
	type Shot,
	shotsOf,
	spots,
	W,
} from '../../gc/film';
import { adopt } from '../../sheet';
import { plural } from '../../words';
import { type Column, Grid } from '../grid';
import { SaveSvg } from '../save';
import css from './film.css' with { type: 'text' };

adopt(css);

const FATES: Record<Fate, string> = {
	'': '',
	held: 'held from outside',
	reached: 'reached',
	garbage: 'garbage',
	finalized: 'finalizer ran',
	freed: 'freed',
};

function Picture({ film, about, shot }: { film: FilmOf; about: FilmObject[]; shot: Shot }) {
	const box = useRef<HTMLDivElement>(null);
	const of = useMemo(() => new Map(spots(about).map((s) => [s.object, s])), [about]);
	const at = new Map(film.objects.map((o, i) => [o.object, i]));
	return (
		<div class="scroll film-picture" ref={box}>
			<svg viewBox={`0 0 ${W} ${H}`} role="img" aria-label={shot.say}>
				<defs>
					<marker id="film-end" markerWidth="7" markerHeight="7" refX="6" refY="3.5" orient="auto">
						<path d="M0 0L7 3.5L0 7z" />
					</marker>
				</defs>
				{film.edges.map((e, i) => {
					const a = of.get(e.from);
					const b = of.get(e.to);
					if (a === undefined || b === undefined) return null;
					return (
						<path
							key={i}
							class={i === shot.edge ? 'edge now' : 'edge'}
							d={path(a, b)}
							marker-end="url(#film-end)"
						/>
					);
				})}
				{about.map((o) => {
					const s = of.get(o.object);
					const i = at.get(o.object) ?? 0;
					if (s === undefined) return null;
					return (
						<g
							key={o.object}
							class={`node ${shot.fates[i]} ${o.object === shot.object ? 'now' : ''}`}
							transform={`translate(${s.x.toFixed(1)} ${s.y.toFixed(1)})`}
						>
							<rect x="-59" y="-19" width="118" height="38" rx="6" />
							<text y="-4">{objectName(o).slice(0, 15)}</text>
							<text y="12">
								{shot.refs[i]} {FATES[shot.fates[i] ?? ''].replace(' from outside', '')}
							</text>
						</g>
					);
				})}
			</svg>
			<SaveSvg of={box} />
		</div>
	);
}

function Table({ film, about, shot }: { film: FilmOf; about: FilmObject[]; shot: Shot }) {
	const at = new Map(film.objects.map((o, i) => [o.object, i]));
	const place = (o: FilmObject) => at.get(o.object) ?? 0;
	const columns: Column<FilmObject>[] = [
		{ head: '#', of: 'num', cell: (o) => o.object },
		{ head: 'Object', heads: true, cell: objectName },
		{ head: 'References', of: 'num', cell: (o) => o.refcount },
		{ head: 'Left', of: 'num', cell: (o) => shot.refs[place(o)] },
		{ head: 'So', cell: (o) => FATES[shot.fates[place(o)] ?? ''] },
		{ head: 'Finalizer', cell: (o) => o.finalizer ?? '' },
		{ head: 'Value', of: 'src', wide: true, cell: (o) => o.value },
	];
	return (
		<Grid
			caption="The objects at this point"
			columns={columns}
			rows={about}
			id={(o) => o.object}
			tr={(o) => (o.object === shot.object ? { class: 'now' } : {})}
		/>
	);
}

export function Film({ film, end }: { film: FilmOf; end: Collection | undefined }) {
	const [all, setAll] = useState(false);
	const about = useMemo(() => (all ? film.objects : focusOf(film)), [film, all]);
	const shots = useMemo(() => shotsOf(film, about, end), [film, about, end]);
	const [chosen, setChosen] = useState(0);
	const now = Math.min(chosen, shots.length - 1);
	const shot = shots[now];
	if (shot === undefined) return null;
	const hidden = film.objects.length - about.length;
	return (
		<figure class="film">
			<figcaption>
				<strong>Film of collection {film.collection}</strong>
				<button
					type="button"
					class="plain-button"
					disabled={now === 0}
					onClick={() => setChosen(now - 1)}
				>
					Back
				</button>
				<button
					type="button"
					class="plain-button"
					disabled={now === shots.length - 1}
					onClick={() => setChosen(now + 1)}
				>
					Next
				</button>
				<input
					type="range"
					min={0}
					max={shots.length - 1}
					value={now}
					aria-label={`Steps of collection ${film.collection}`}
					aria-valuetext={shot.say}
					onInput={(e) => setChosen(Number(e.currentTarget.value))}
				/>
			</figcaption>
			<output>
				{now + 1} of {shots.length}. {shot.say}
			</output>
			{about.length <= DRAWN ? (
				<Picture film={film} about={about} shot={shot} />
			) : (
				<p class="quiet">More than {DRAWN} objects are not drawn.</p>
			)}
			<Table film={film} about={about} shot={shot} />
			{(hidden > 0 || all) && (
				<p class="pad">
					<button type="button" class="plain-button" onClick={() => setAll(!all)}>
						{all
							? 'Only those of the program'
							: `${plural(hidden, 'object')} more, the interpreter’s`}
					</button>
				</p>
			)}
			{film.dropped.objects > 0 && (
				<p class="quiet">There was no room for {plural(film.dropped.objects, 'object')} more.</p>
			)}
		</figure>
	);
}
