// Two snippets against each other: what B is, how often, and what came of it.
import { useEffect, useRef } from 'preact/hooks';
import { change, measure, measuring, settings } from '../../measure/ask';
import { BOUNDS, sizesIn, within } from '../../measure/kept';
import { adopt } from '../../sheet';
import { measured, outcome, running, side, source, stop } from '../../state';
import asks from '../asks.css' with { type: 'text' };
import css from './measure.css' with { type: 'text' };
import { MeasureResult } from './result';

adopt(asks);
adopt(css);

/** Of the height of the page. */
const FORM_AT_MOST = 0.63;

function close() {
	const o = outcome.value;
	if (measuring.value?.end === null) stop();
	if (o?.kind === 'measurement') outcome.value = o.before;
	side.value = 'code';
	requestAnimationFrame(() => document.querySelector<HTMLElement>('.measure')?.focus());
}

function Bounded({ of, label }: { of: keyof typeof BOUNDS; label: string }) {
	return (
		<label>
			<span>{label}</span>
			<input
				type="number"
				inputMode="numeric"
				min={BOUNDS[of].least}
				max={BOUNDS[of].most}
				value={settings.value[of]}
				onChange={(e) => {
					const n = within(of, e.currentTarget.value);
					e.currentTarget.value = String(n);
					change({ [of]: n });
				}}
			/>
		</label>
	);
}

const areWrong = (sizes: string): boolean => sizes.trim() !== '' && sizesIn(sizes) === null;

/** Where there are sizes, the programs are counted at each of them. */
function Sizes() {
	const text = settings.value.sizes;
	const wrong = areWrong(text);
	return (
		<label class="sizes">
			<span>
				Count at sizes <span class="quiet">(sys.argv[-1])</span>
			</span>
			<input
				type="text"
				inputMode="numeric"
				placeholder="64 128 256 512"
				autocomplete="off"
				value={text}
				aria-invalid={wrong}
				aria-describedby={wrong ? 'sizes-wrong' : undefined}
				onChange={(e) => change({ sizes: e.currentTarget.value })}
			/>
		</label>
	);
}

export function MeasureBody() {
	const head = useRef<HTMLHeadingElement>(null);
	const text = useRef<HTMLTextAreaElement>(null);
	useEffect(() => head.current?.focus(), []);
	const m = measuring.value;
	// What is said of one that was closed is not said of this.
	useEffect(() => {
		if (m === null) measured.value = '';
	}, []);
	const { b } = settings.value;
	const busy = m?.end === null && running.value;
	// Where the form leaves no room for what comes; Stop is in the head of the page, too.
	useEffect(() => {
		const came = document.querySelector('.measured');
		if (busy && came !== null && came.getBoundingClientRect().top > innerHeight * FORM_AT_MOST)
			came.scrollIntoView();
		// Before the first round there is too little to be scrolled to.
	}, [busy, m?.rounds.length === 0]);
	const begin = () => {
		// A number that is still being typed counts.
		(document.activeElement as HTMLElement | null)?.dispatchEvent(new Event('change'));
		void measure();
	};
	const edited = [
		...(m !== null && m.a !== source.value ? ['A'] : []),
		...(m !== null && m.b !== b ? ['B'] : []),
	];
	const toB = (line: number) => {
		const area = text.current;
		if (area === null) return;
		const lines = area.value.split('\n');
		const from = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
		area.focus();
		area.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
	};
	return (
		<div class="panel measuring">
			<div class="toolbar compare-head">
				<h2 ref={head} tabIndex={-1}>
					A against B
				</h2>
				{busy && <progress max={m.of} value={m.rounds.length} aria-label="Rounds that are over" />}
				<button type="button" class="plain-button" onClick={close}>
					Close
				</button>
			</div>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
			<div class="panel-body" tabIndex={0}>
				<form
					onSubmit={(e) => {
						e.preventDefault();
						if (busy) stop();
						else begin();
					}}
					onKeyDown={(e) => {
						if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey) || e.shiftKey) return;
						e.preventDefault();
						if (!busy) begin();
					}}
				>
					<label class="b">
						<span>
							B <span class="quiet">(A is main.py)</span>
						</span>
						<textarea
							ref={text}
							rows={8}
							spellcheck={false}
							autocapitalize="off"
							value={b}
							onInput={(e) => change({ b: e.currentTarget.value })}
						/>
					</label>
					<div class="asks">
						<Bounded of="rounds" label="Rounds" />
						<Bounded of="seconds" label="Seconds at most" />
						<Sizes />
						<span class="spacer" />
						<button type="button" class="plain-button" onClick={() => change({ b: source.value })}>
							Copy A to B
						</button>
						<button
							type="submit"
							class={busy ? 'run stop' : 'run'}
							disabled={running.value && !busy}
						>
							<span aria-hidden="true">{busy ? '■' : '⇅'}</span> {busy ? 'Stop' : 'Measure'}
						</button>
						{/* Below the buttons: a press on one, which has it go, is not to move them away. */}
						{areWrong(settings.value.sizes) && (
							<p id="sizes-wrong" class="wrong">
								Sizes are four or more whole numbers, each larger than the one before; these are
								left out.
							</p>
						)}
					</div>
				</form>
				{m !== null && (
					<MeasureResult
						measuring={m}
						edited={
							edited.length === 0
								? ''
								: `${edited.join(' and ')} ${edited.length > 1 ? 'were' : 'was'}`
						}
						toB={toB}
					/>
				)}
			</div>
		</div>
	);
}
