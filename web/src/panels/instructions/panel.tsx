// The program instruction by instruction: what runs next, and the value stack before it.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { type Again, again } from '../../again';
import type { InstructionsLens } from '../../api-instructions';
import { fresh, lineOf, sayOf, type Walk, walkOf } from '../../instructions/walk';
import { adopt } from '../../sheet';
import { stepMark, tab } from '../../state';
import { count, plural } from '../../words';
import { WithoutIt } from '../again';
import type { PanelProps } from '../props';
import css from './instructions.css' with { type: 'text' };

adopt(css);

/** Instructions of the listing before and after the one that is next. */
const AROUND = 9;

function Listing({ walk, at }: { walk: Walk; at: number }) {
	const step = walk.steps[at];
	const code = step && walk.code(step);
	if (step === undefined || code === undefined)
		return <p class="quiet">Code that is not in main.py’s file.</p>;
	const now = walk.row(step);
	const from = Math.max(0, now - AROUND);
	return (
		<ol class="listing">
			{code.instructions.slice(from, now + AROUND + 1).map((i, n) => (
				<li key={i.offset} {...(from + n === now ? { 'aria-current': 'step' } : {})}>
					<span class="quiet">{i.line}</span> <span class="quiet">{i.offset}</span> {i.op}{' '}
					<span class="arg">{i.arg}</span>
				</li>
			))}
		</ol>
	);
}

function Stack({ walk, at }: { walk: Walk; at: number }) {
	const step = walk.steps[at];
	const stack = walk.stacks[at];
	if (step === undefined || stack === undefined) return null;
	const old = stack.length - fresh(step);
	return (
		<div class="value-stack">
			<h3>Value stack</h3>
			{stack.length === 0 ? (
				<p class="quiet">empty</p>
			) : (
				<ol reversed>
					{stack
						.map((value, n) => (
							<li key={n} class={n >= old ? 'fresh' : ''}>
								{value}
								{n >= old && <span class="tag">new</span>}
							</li>
						))
						.reverse()}
				</ol>
			)}
		</div>
	);
}

/** Where it is, in the source; nothing when it is not looked at. */
function useMark(line: number | null): void {
	useEffect(() => {
		stepMark.value =
			line === null || tab.value !== 'bytecode' ? null : { line, kind: 'next', past: null };
		return () => {
			stepMark.value = null;
		};
	}, [line, tab.value]);
}

function Steps({ lens }: { lens: InstructionsLens }) {
	const walk = useMemo(() => walkOf(lens), [lens]);
	const [chosen, setChosen] = useState(0);
	const last = walk.steps.length - 1;
	const at = Math.min(chosen, last);
	const step = walk.steps[at];
	useMark(step === undefined ? null : lineOf(walk, step));
	if (step === undefined) return <p class="pad absent">No instruction of main.py ran.</p>;
	const moves: [string, number][] = [
		['First', 0],
		['Back', at - 1],
		['Next', at + 1],
		['Last', last],
	];
	return (
		<div class="by-instruction">
			<div class="moves">
				{moves.map(([name, to]) => (
					<button
						key={name}
						type="button"
						class="plain-button"
						disabled={to < 0 || to > last || to === at}
						onClick={() => setChosen(to)}
					>
						{name}
					</button>
				))}
				<input
					type="range"
					min={0}
					max={last}
					value={at}
					aria-label="Instructions that ran"
					aria-valuetext={sayOf(walk, step)}
					onInput={(e) => setChosen(Number(e.currentTarget.value))}
				/>
			</div>
			<output>
				{count(at + 1)} of {count(last + 1)}. {sayOf(walk, step)}
			</output>
			<div class="sides">
				<Listing walk={walk} at={at} />
				<Stack walk={walk} at={at} />
			</div>
			<p class="quiet pad">
				{plural(lens.totals?.frames ?? 0, 'frame')}. Nothing is specialised while it is looked at.
				{lens.truncated && ' There was more than is shown.'}
			</p>
		</div>
	);
}

export function InstructionsBody(props: PanelProps) {
	const [now, setNow] = useState<Again<'instructions'> | null>(null);
	useEffect(() => {
		void again('instructions', props, {}, setNow);
	}, [props.result]);
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
		<div class="panel-body" tabIndex={0}>
			{now?.end === null && <p class="pad">Running it instruction by instruction…</p>}
			{now !== null && <WithoutIt of={now} />}
			{now?.lens != null && <Steps lens={now.lens} />}
		</div>
	);
}
