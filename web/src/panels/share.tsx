import { adopt } from '../sheet';
import css from './share.css' with { type: 'text' };

adopt(css);

/** A share, as a bar and in percent; `bare`: what stands beside it says the same. */
export function Share({ of, bare = false }: { of: number; bare?: boolean }) {
	const percent = Math.round(of * 100);
	return (
		<>
			<meter min={0} max={1} value={of} aria-label={`${percent} percent`} />
			{!bare && <span class="percent">{of > 0 && of < 0.01 ? '<1' : percent}%</span>}
		</>
	);
}
