// An interval on an axis of ratios, and the rounds that it is made of.
import type { Ratio } from '../../api-measure';
import { type Axis, placeOn } from '../../measure/axis';

const DOTS = 26;
/** Rounds one above the other, so that those that are the same are seen. */
const LEVELS = 5;
const BAR = 66;
const FLOOR = 80;
const HEIGHT = 102;

/** `label`: all of it in words, for who cannot see it. */
export function Plot({
	axis,
	ratios,
	interval,
	label,
}: {
	axis: Axis;
	ratios: number[];
	interval: Ratio | null;
	label: string;
}) {
	const at = (ratio: number) => `${placeOn(axis, ratio).toFixed(2)}%`;
	const one = placeOn(axis, 1);
	return (
		<svg class="ratios" role="img" aria-label={label} width="100%" height={HEIGHT}>
			{axis.ticks.map((tick) => (
				<g key={tick} class={tick === 1 ? 'one' : 'tick'}>
					<line x1={at(tick)} x2={at(tick)} y1={tick === 1 ? 4 : FLOOR - 5} y2={FLOOR} />
					<text x={at(tick)} y={FLOOR + 16} text-anchor="middle">
						{tick}×
					</text>
				</g>
			))}
			<line class="floor" x1="0" x2="100%" y1={FLOOR} y2={FLOOR} />
			{one > 28 && (
				<text x={at(1)} y="15" dx="-8" text-anchor="end">
					◂ B is faster
				</text>
			)}
			{one < 72 && (
				<text x={at(1)} y="15" dx="8">
					B is slower ▸
				</text>
			)}
			{ratios.map((ratio, n) => (
				<circle key={n} class="round" cx={at(ratio)} cy={DOTS + (n % LEVELS) * 7} r="3" />
			))}
			{interval !== null && (
				<g class="interval">
					<line x1={at(interval.low)} x2={at(interval.high)} y1={BAR} y2={BAR} />
					{[interval.low, interval.high].map((end) => (
						<line key={end} class="end" x1={at(end)} x2={at(end)} y1={BAR - 7} y2={BAR + 7} />
					))}
					<circle cx={at(interval.ratio)} cy={BAR} r="5" />
				</g>
			)}
		</svg>
	);
}
