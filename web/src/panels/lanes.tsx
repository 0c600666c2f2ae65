// Lanes over time, all of it or a part. What they say stands in tables too, so that they are hidden from who cannot see.
import type { ComponentChildren } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { lanes, move, type Row, type Span, type Stretch, zoom } from '../lanes';
import { adopt } from '../sheet';
import { duration, plural } from '../words';
import css from './lanes.css' with { type: 'text' };
import { SaveSvg } from './save';

adopt(css);

/** Further lanes are left out, of those that are there in the time that is shown. */
const DRAWN = 60;

/** What is shorter is drawn as long, so that it is seen. */
const LEAST = 0.002;

/** How bars of a kind look: from which height on, how high, of 20; the class of the bar is the kind. */
export interface Look {
	y: number;
	height: number;
	words: string;
}

const percent = (part: number): string => `${part * 100}%`;

function Key({ words, children }: { words: string; children: ComponentChildren }) {
	return (
		<span class="key">
			<svg class="sample" aria-hidden="true">
				{children}
			</svg>
			{words}
		</span>
	);
}

interface Props<Kind extends string> {
	/** All the time there is. */
	all: Span;
	rows: Row[];
	stretches: Stretch<Kind>[];
	looks: Record<Kind, Look>;
	/** What it is when a row is there and has no bar; else nothing is drawn then. */
	life?: string;
	/** Rows, as in "60 threads". */
	what: string;
	/** The same of several, when it is not that with an s. */
	many?: string;
}

function Lanes<Kind extends string>({
	rows,
	stretches,
	looks,
	life,
	what,
	many,
	span,
}: Omit<Props<Kind>, 'all'> & { span: Span }) {
	const [drawn, more] = useMemo(() => {
		const there =
			rows.length > DRAWN ? rows.filter((r) => r.from < span.to && r.to > span.from) : rows;
		return [lanes(there.slice(0, DRAWN), stretches, span), there.length - DRAWN];
	}, [rows, stretches, span]);
	return (
		<div class="lanes">
			{drawn.map((lane) => (
				<div class="lane" key={lane.id}>
					<span class="lane-name">{lane.name}</span>
					<svg aria-hidden="true">
						{life !== undefined && (
							<line class="life" x1={percent(lane.from)} x2={percent(lane.to)} y1={10} y2={10} />
						)}
						{lane.bars.map((bar, i) => (
							<rect
								key={i}
								class={bar.kind}
								x={percent(Math.min(bar.from, 1 - LEAST))}
								width={percent(Math.max(bar.to - bar.from, LEAST))}
								y={looks[bar.kind].y}
								height={looks[bar.kind].height}
							/>
						))}
					</svg>
				</div>
			))}
			{more > 0 && (
				<p class="quiet small">
					{plural(more, what, many)} more of this time {more === 1 ? 'is' : 'are'} not drawn.
				</p>
			)}
			<p class="quiet small">
				{(Object.entries(looks) as [Kind, Look][]).map(([kind, { y, height, words }]) => (
					<Key key={kind} words={words}>
						<rect class={kind} x={1} width={22} y={y} height={height} />
					</Key>
				))}
				{life !== undefined && (
					<Key words={life}>
						<line class="life" x1={0} x2={24} y1={10} y2={10} />
					</Key>
				)}
			</p>
		</div>
	);
}

export function Timeline<Kind extends string>({ all, ...of }: Props<Kind>) {
	const [span, setSpan] = useState(all);
	const figure = useRef<HTMLElement>(null);
	const size = span.to - span.from;
	const part = all.to - all.from > size;
	const button = (label: string, to: Span, off: boolean) => (
		<button type="button" class="plain-button" disabled={off} onClick={() => setSpan(to)}>
			{label}
		</button>
	);
	return (
		<figure class="timeline" ref={figure}>
			<figcaption>
				{duration(Math.round(span.from))} to {duration(Math.round(span.to))}
				{button('Nearer', zoom(span, all, 2), size < 1000)}
				{button('Farther', zoom(span, all, 0.5), !part)}
				{button('Earlier', move(span, all, span.from - size / 2), span.from <= all.from)}
				{button('Later', move(span, all, span.from + size / 2), span.to >= all.to)}
				<SaveSvg of={figure} />
			</figcaption>
			<Lanes {...of} span={span} />
		</figure>
	);
}
