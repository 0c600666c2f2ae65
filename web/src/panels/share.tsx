import { adopt } from '../sheet';
import css from './share.css' with { type: 'text' };

adopt(css);

/** A share, as a bar and in percent. */
export function Share({ of }: { of: number }) {
	const percent = Math.round(of * 100);
	return (
		<>
			<meter min={0} max={1} value={of} aria-label={`${percent} percent`} />
			<span class="percent">{of > 0 && of < 0.01 ? '<1' : percent}%</span>
		</>
	);
}
