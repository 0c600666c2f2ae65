// A number over time: the least and the most that it was in each part of it, a mark or two, and a slider that tells
// each part.  Its table is the caller's.
import { useRef, useState } from 'preact/hooks';
import { area, H, line, W } from '../band';
import { adopt } from '../sheet';
import css from './band.css' with { type: 'text' };
import { SaveSvg } from './save';

adopt(css);

export interface Mark {
	/** From 0 to 1. */
	at: number;
	text: string;
}

export function Band({
	low,
	high,
	top,
	axis,
	label,
	slider,
	say,
	mark,
}: {
	low: number[];
	high: number[];
	/** The value at which the axis ends. */
	top: number;
	/** That value, and the time at which it ends. */
	axis: [string, string];
	/** All of it in a sentence. */
	label: string;
	/** What the slider moves through. */
	slider: string;
	say: (part: number) => string;
	mark: Mark | null;
}) {
	const n = high.length;
	const picture = useRef<HTMLDivElement>(null);
	const [chosen, setChosen] = useState<number | null>(null);
	// It begins where the mark is.
	const first = mark === null ? n - 1 : Math.floor(mark.at * n);
	const at = Math.min(chosen ?? first, n - 1);
	return (
		<div class="band" ref={picture}>
			<div class="band-mark">
				{mark !== null && (
					<span
						class={mark.at > 0.5 ? 'before' : 'behind'}
						style={
							mark.at > 0.5 ? { right: `${100 - mark.at * 100}%` } : { left: `${mark.at * 100}%` }
						}
					>
						{mark.text}
					</span>
				)}
			</div>
			<div class="band-frame">
				<span class="band-top">{axis[0]}</span>
				<span class="band-floor">0</span>
				<svg viewBox={`0 0 ${W} ${H}`} preserveAspectRatio="none" role="img" aria-label={label}>
					<path class="below" d={area(null, low, top)} />
					<path class="between" d={area(low, high, top)} />
					<path class="high" d={line(high, top)} />
					{mark !== null && <path class="mark-line" d={`M${(mark.at * W).toFixed(1)} 0V${H}`} />}
					{chosen !== null && (
						<path class="chosen" d={`M${(((at + 0.5) / n) * W).toFixed(1)} 0V${H}`} />
					)}
				</svg>
				<input
					type="range"
					min={0}
					max={n - 1}
					value={at}
					disabled={n < 2}
					aria-label={slider}
					aria-valuetext={say(at)}
					onInput={(e) => setChosen(Number(e.currentTarget.value))}
				/>
			</div>
			<p class="band-say">
				<output>{say(at)}</output>
				<span class="quiet small">{axis[1]} →</span>
			</p>
			<p class="band-say">
				<SaveSvg of={picture} />
			</p>
		</div>
	);
}
