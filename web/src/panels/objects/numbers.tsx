// Numbers: an int's digits, a float's bits.
import type { Inspected } from '../../api-objects';
import { count, plural } from '../../words';
import { Pairs, Rows, Section } from './refs';

export function Int({ int }: { int: NonNullable<Inspected['int']> }) {
	const left = int.digit_count - int.digits.length;
	return (
		<Section title="Digits">
			<p class="obj-say">
				{int.sign === 0
					? 'Zero.'
					: `${int.sign < 0 ? 'Negative, ' : ''}${plural(int.bits, 'bit')} in ${plural(int.digit_count, 'digit')} of ${int.digit_bits} bits each.`}{' '}
				{int.cached &&
					'CPython keeps one object for each small int, −5 to 256 in most versions, and this is that one: equal means `is` here.'}
			</p>
			{int.digits.length > 0 && (
				<Rows
					name="Digits, the least significant first"
					heads={['Digit', 'Times', 'Value']}
					rows={int.digits.map((digit, n) => [
						String(n),
						<span key="times">
							2<sup>{n * int.digit_bits}</sup>
						</span>,
						count(digit),
					])}
				/>
			)}
			{left > 0 && <p class="quiet small obj-note">{plural(left, 'digit')} more, not shown.</p>}
		</Section>
	);
}

/** The decimal that the bits stand for, to the last digit where there are not
 * more than a hundred. */
function decimal(bits: string): string {
	const view = new DataView(new ArrayBuffer(8));
	view.setBigUint64(0, BigInt(`0x${bits}`));
	const n = view.getFloat64(0);
	if (!Number.isFinite(n)) return String(n);
	const text = n.toPrecision(100);
	const [digits = '', power] = text.split('e');
	const short = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
	const whole = short.length < digits.length || power === undefined;
	return `${short}${whole ? '' : '…'}${power === undefined ? '' : ` × 10^${Number(power)}`}`;
}

export function Float({ float }: { float: NonNullable<Inspected['float']> }) {
	const all = BigInt(`0x${float.bits}`).toString(2).padStart(64, '0');
	const e = float.exponent;
	const normal = e > 0 && e < 2047;
	return (
		<Section title="Bits">
			<p class="float-bits">
				<span class="tint hue-4" title="sign">
					{all.slice(0, 1)}
				</span>
				<span class="tint hue-3" title="exponent">
					{all.slice(1, 12)}
				</span>
				<span class="tint hue-2" title="fraction">
					{all.slice(12)}
				</span>
			</p>
			<Pairs
				pairs={[
					['Sign, 1 bit', `${float.sign}: ${float.sign === 0 ? 'positive' : 'negative'}`],
					[
						'Exponent, 11 bits',
						normal
							? `${e}: times 2^${e - 1023}`
							: e === 0
								? '0: zero, or smaller than any with a leading 1'
								: '2047: infinity or not a number',
					],
					['Fraction, 52 bits', <code key="f">{`0x${normal ? 1 : 0}.${float.fraction}`}</code>],
					['That is, exactly', <code key="d">{decimal(float.bits)}</code>],
				]}
			/>
		</Section>
	);
}
