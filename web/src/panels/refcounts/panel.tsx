import { effect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Count, RefStep } from '../../api-refcounts';
import { inWords, isCounted } from '../../refcounts/words';
import { adopt } from '../../sheet';
import { caret, pointed, refCauses, refHolders, run, running, step, watchNames } from '../../state';
import { plural } from '../../words';
import { type Column, Grid, lineColumn } from '../grid';
import { Linked, sourceLine, Toggle } from '../parts';
import type { PanelProps } from '../props';
import { SaveSvg } from '../save';
import { Changes, Holders } from './details';
import css from './refcounts.css' with { type: 'text' };

adopt(css);

/** Rows that are rendered around the current step: a long run has thousands. */
const WINDOW = 200;

const windowAt = (at: number, length: number): number =>
	Math.max(0, Math.min(at - WINDOW / 2, length - WINDOW));

type Cell = { count: Count; delta: number | null } | null;

/** A cell for each step and name; the delta is against the name's value at
 * the step before in the same function. */
function cells(steps: RefStep[], names: string[]): Cell[][] {
	const before = new Map<string, Count>();
	return steps.map((s) =>
		names.map((name) => {
			const key = `${s.function}\0${name}`;
			const count = s.counts[name];
			if (count === undefined) {
				before.delete(key);
				return null;
			}
			const old = before.get(key);
			before.set(key, count);
			const both = typeof count === 'number' && typeof old === 'number';
			return { count, delta: both ? count - old : null };
		}),
	);
}

function namesOf(steps: RefStep[]): string[] {
	const seen = new Set<string>();
	for (const s of steps) for (const name of Object.keys(s.counts)) seen.add(name);
	// Names that Python makes itself, as a class body's __module__, come last.
	const dunder = (name: string) => /^__.+__$/.test(name);
	return [...seen].sort((a, b) => Number(dunder(a)) - Number(dunder(b)));
}

const signed = (n: number): string => (n > 0 ? `+${n}` : `−${-n}`);

const W = 160;
const H = 32;
const PAD = 3;

/** One step-shaped path; gaps where the name is not bound. */
function path(series: (Count | undefined)[], top: number): string {
	const x = (i: number) => PAD + (i / Math.max(1, series.length)) * (W - 2 * PAD);
	const y = (n: number) => H - PAD - (n / Math.max(1, top)) * (H - 2 * PAD);
	let d = '';
	let open = false;
	series.forEach((count, i) => {
		if (!isCounted(count)) {
			open = false;
			return;
		}
		d += `${open ? 'L' : 'M'}${x(i).toFixed(1)} ${y(count).toFixed(1)}`;
		d += `H${x(i + 1).toFixed(1)}`;
		open = true;
	});
	return d;
}

function Spark({ name, steps, at }: { name: string; steps: RefStep[]; at: number }) {
	const series = steps.map((s) => s.counts[name]);
	const numbers = series.filter(isCounted);
	const top = numbers.reduce((a, b) => Math.max(a, b), 0);
	const low = numbers.reduce((a, b) => Math.min(a, b), top);
	const now = series[at];
	const d = useMemo(() => path(series, top), [steps, name]);
	const spread =
		numbers.length === 0
			? 'not counted'
			: low === top
				? `always ${top}`
				: `between ${low} and ${top}`;
	const x = PAD + ((at + 0.5) / Math.max(1, steps.length)) * (W - 2 * PAD);
	return (
		<li class="spark">
			<span class="spark-name">{name}</span>
			<svg viewBox={`0 0 ${W} ${H}`} role="img" aria-label={`${name}: ${spread}`}>
				<path class="floor" d={`M${PAD} ${H - PAD}H${W - PAD}`} />
				<path class="curve" d={d} />
				<path class="now" d={`M${x.toFixed(1)} 0V${H}`} />
			</svg>
			<span class="spark-now">{now === undefined ? 'unbound' : inWords(now)}</span>
		</li>
	);
}

function CellView({ cell }: { cell: Cell | undefined }) {
	if (cell == null) return <>·</>;
	return (
		<>
			{cell.delta !== null && cell.delta !== 0 && (
				<span class={cell.delta > 0 ? 'delta up' : 'delta down'}>{signed(cell.delta)}</span>
			)}{' '}
			{inWords(cell.count)}
		</>
	);
}

/** One for each name, behind the step and its line. */
const columnsOf = (names: string[], table: Cell[][], lines: string[]): Column<RefStep>[] => [
	{
		head: 'Step',
		of: 'num',
		cell: (_, n) => (
			<>
				<span class="now-mark" aria-hidden="true">
					▸
				</span>
				{n + 1}
			</>
		),
	},
	lineColumn((s) => s.line),
	{
		head: 'Source',
		of: 'src',
		cell: (s) => (
			<>
				{sourceLine(lines, s.line)}
				{s.function !== '<module>' && <span class="quiet"> in {s.function}</span>}
			</>
		),
		td: (s) => ({ title: sourceLine(lines, s.line) }),
	},
	...names.map((name, column): Column<RefStep> => {
		const of = (n: number) => table[n]?.[column];
		return {
			head: name,
			of: 'num',
			cell: (_, n) => <CellView cell={of(n)} />,
			td: (_, n) => {
				const cell = of(n);
				if (cell == null) return { class: 'num none' };
				return isCounted(cell.count) ? {} : { title: String(cell.count) };
			},
		};
	}),
];

function Scrubber({ steps }: { steps: RefStep[] }) {
	const at = Math.min(step.value, steps.length - 1);
	const now = steps[at];
	const go = (to: number) => {
		step.value = Math.max(0, Math.min(steps.length - 1, to));
		const line = steps[step.value]?.line;
		pointed.value = line === undefined ? null : { line, by: 'refcounts' };
	};
	return (
		<div class="scrubber">
			<button
				type="button"
				class="icon"
				aria-label="Step back"
				disabled={at === 0}
				onClick={() => go(at - 1)}
			>
				‹
			</button>
			<input
				type="range"
				min={0}
				max={steps.length - 1}
				value={at}
				aria-label="Step"
				aria-valuetext={`step ${at + 1} of ${steps.length}, line ${now?.line ?? 0}`}
				onInput={(e) => go(Number(e.currentTarget.value))}
				onBlur={() => {
					if (pointed.peek()?.by === 'refcounts') pointed.value = null;
				}}
			/>
			<button
				type="button"
				class="icon"
				aria-label="Step forward"
				disabled={at >= steps.length - 1}
				onClick={() => go(at + 1)}
			>
				›
			</button>
			<output class="step-now">
				{at + 1} / {steps.length}
			</output>
		</div>
	);
}

function Watch() {
	return (
		<form
			class="watch"
			onSubmit={(e) => {
				e.preventDefault();
				void run();
			}}
		>
			<label>
				<span>Watch only</span>
				<input
					type="text"
					placeholder="every name"
					spellcheck={false}
					autocapitalize="off"
					value={watchNames.value}
					onInput={(e) => {
						watchNames.value = e.currentTarget.value;
					}}
				/>
			</label>
			<button type="submit" class="plain-button" disabled={running.value}>
				Run again
			</button>
		</form>
	);
}

export function RefcountsBody({ result, lines }: PanelProps) {
	const lens = result.lenses.refcounts;
	const steps = lens?.steps ?? [];
	const names = useMemo(() => namesOf(steps), [lens]);
	const table = useMemo(() => cells(steps, names), [lens]);
	const at = Math.min(step.value, Math.max(0, steps.length - 1));
	const from = windowAt(at, steps.length);
	const shown = steps.slice(from, from + WINDOW);
	const opened = useRef(false);
	useEffect(() => {
		// What is opened begins at its top.
		if (!opened.current) {
			opened.current = true;
			return;
		}
		const row = document.getElementById(`rc-${at}`);
		const box = row?.closest('.panel-body');
		if (row == null || box == null || row.offsetParent === null) return;
		const r = row.getBoundingClientRect();
		const b = box.getBoundingClientRect();
		const head = 40;
		if (r.top < b.top + head || r.bottom > b.bottom)
			box.scrollTop += r.top - b.top - Math.max(head, b.height / 3);
	}, [at]);
	useEffect(
		() =>
			effect(() => {
				// Rows outside the window cannot be marked: bring the caret's there.
				const line = caret.value?.line;
				const first = windowAt(step.peek(), steps.length);
				const near = steps.slice(first, first + WINDOW);
				if (line === undefined || near.some((s) => s.line === line)) return;
				const found = steps.findIndex((s) => s.line === line);
				if (found >= 0) step.value = found;
			}),
		[lens],
	);
	const sparks = useRef<HTMLUListElement>(null);
	if (lens === undefined) return null;
	return (
		<>
			<div class="toolbar wrap">
				{steps.length > 0 && <Scrubber steps={steps} />}
				<Watch />
				<Toggle on={refCauses} label="What changed them" />
				<Toggle on={refHolders} label="Who holds them" />
			</div>
			{steps[at]?.changes !== undefined && (
				// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
				<div class="changes-now" tabIndex={0}>
					<Changes step={steps[at]} lines={lines} />
				</div>
			)}
			<Linked id="refcounts">
				{steps.length === 0 ? (
					<p class="absent">No line with a watched name was executed.</p>
				) : (
					<>
						<ul class="sparks" aria-label="References by name over the steps" ref={sparks}>
							{names.map((name) => (
								<Spark key={name} name={name} steps={steps} at={at} />
							))}
						</ul>
						<div class="pad">
							<SaveSvg of={sparks} />
						</div>
						{(lens.holders ?? []).map((capture, n) => (
							<Holders key={n} capture={capture} />
						))}
						{lens.truncated === true && (
							<p class="quiet small pad">
								The record is full: what happened after step {steps.length} is not in it.
							</p>
						)}
						<Grid
							class="steps"
							caption={`References the program holds, after each line${
								shown.length < steps.length
									? ` (steps ${from + 1} to ${from + shown.length} of ${steps.length})`
									: ''
							}`}
							columns={columnsOf(names, table, lines)}
							rows={shown}
							first={from}
							line={(s) => s.line}
							tr={(_, n) => ({
								id: `rc-${n}`,
								...(n === at ? { class: 'now' } : {}),
								onClick: () => {
									step.value = n;
								},
								onFocus: () => {
									step.value = n;
								},
							})}
						/>
						<p class="quiet small pad">
							{plural(steps.length, 'step')}, {plural(names.length, 'name')}.
							{steps.some((s) => Object.values(s.counts).some((c) => inWords(c) === 'static')) &&
								' Static: CPython has had the object from the start, with a count of 999,999,999.'}
						</p>
					</>
				)}
			</Linked>
		</>
	);
}
