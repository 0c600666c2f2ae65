// Race on purpose: the program again and again, its threads switched at other moments each time, and what came of it.
import { useMemo, useState } from 'preact/hooks';
import { type Again, again } from '../../again';
import type { RaceOutcome, RacePlace, RaceSwitch, RacesLens, RaceWindow } from '../../api-races';
import { endWords, inOrder, KINDS, racesWords, tellable, threadWords } from '../../races/words';
import { adopt } from '../../sheet';
import { running, stop } from '../../state';
import { count, plural } from '../../words';
import { WithoutIt } from '../again';
import asks from '../asks.css' with { type: 'text' };
import { type Column, Grid, lineColumn } from '../grid';
import { sourceLine } from '../parts';
import type { PanelProps } from '../props';

adopt(asks);

/** Rows at first. */
const SHOWN = 12;
const SCHEDULES = [60, 200, 1000];

function Outcomes({
	of,
	told,
	tell,
}: {
	of: RaceOutcome[];
	told: number | null;
	tell: (outcome: number) => void;
}) {
	const columns: Column<RaceOutcome>[] = [
		{ head: 'Runs', of: 'num', cell: (o) => count(o.schedules), by: (o) => o.schedules },
		{
			head: 'Output',
			of: 'src',
			cell: (o) => o.stdout.text.trimEnd() + (o.stdout.truncated ? '…' : ''),
			by: (o) => o.stdout.text,
		},
		...KINDS.map(
			([kind, head]): Column<RaceOutcome> => ({
				head,
				of: 'num',
				cell: (o) => (o.by[kind] === 0 ? '·' : count(o.by[kind])),
				by: (o) => o.by[kind],
			}),
		),
		{ head: 'Ended', cell: endWords, by: endWords },
		{
			head: 'How it came about',
			quiet: true,
			cell: (o) =>
				o.example.switches.length + o.example.places.length > 0 && (
					<button
						type="button"
						class="segment"
						aria-pressed={told === o.outcome}
						aria-label={`How it came about: ${endWords(o)}, ${o.stdout.text.trimEnd()}`}
						onClick={() => tell(o.outcome)}
					>
						How
					</button>
				),
		},
	];
	return (
		<Grid
			caption="What came of it, by where threads were switched"
			columns={columns}
			rows={of}
			id={(o) => o.outcome}
			atMost={SHOWN}
		/>
	);
}

const stops = (s: RaceSwitch): string =>
	`stops in line ${s.line ?? '?'}${s.op == null ? '' : `, before ${s.op}`}`;

/** A column for each thread, a row for each switch: who stopped before what, and who went on. */
function Turns({
	of,
	lines,
	windows,
}: {
	of: RaceOutcome;
	lines: string[];
	windows: RaceWindow[];
}) {
	const { switches, forced, schedule } = of.example;
	const threads = [...new Set(switches.flatMap((s) => [s.from, s.to]))].sort((a, b) => a - b);
	const amid = (s: RaceSwitch) => windows.find((w) => w.window === s.window)?.name ?? '';
	const columns: Column<RaceSwitch>[] = [
		{ head: 'Turn', of: 'num', cell: (_, n) => n + 1 },
		...threads.map(
			(thread): Column<RaceSwitch> => ({
				head: threadWords(thread),
				cell: (s) => (s.from === thread ? stops(s) : s.to === thread ? 'goes on' : ''),
				td: (s) => (s.from === thread ? { class: 'stops' } : {}),
			}),
		),
		lineColumn((s) => s.line ?? null),
		{ head: 'Source', of: 'src', cell: (s) => sourceLine(lines, s.line ?? null) },
		{ head: 'Within', of: 'src', cell: amid },
	];
	return (
		<Grid
			class="turns"
			caption={`Run ${schedule}, which ${forced > switches.length ? `had ${plural(forced, 'forced switch', 'forced switches')}, the first ${switches.length} of them` : `took ${plural(forced, 'forced switch', 'forced switches')}`}`}
			columns={columns}
			rows={switches}
			line={(s) => s.line ?? null}
		/>
	);
}

function Stuck({ of, lines }: { of: RacePlace[]; lines: string[] }) {
	if (of.length === 0) return null;
	const columns: Column<RacePlace>[] = [
		{ head: 'Thread', heads: true, cell: (p) => threadWords(p.thread) },
		lineColumn((p) => p.line ?? null),
		{ head: 'Source', of: 'src', cell: (p) => sourceLine(lines, p.line ?? null) },
		{ head: 'In', cell: (p) => p.function ?? '' },
	];
	return (
		<Grid
			caption="Where its threads were as it was ended"
			columns={columns}
			rows={of}
			line={(p) => p.line ?? null}
		/>
	);
}

function Windows({ of, lines }: { of: RaceWindow[]; lines: string[] }) {
	if (of.length === 0) return null;
	const columns: Column<RaceWindow>[] = [
		lineColumn((w) => w.line),
		{ head: 'Source', of: 'src', cell: (w) => sourceLine(lines, w.line) },
		{ head: 'What', of: 'src', cell: (w) => w.name },
		{
			head: 'How',
			cell: (w) => (w.kind === 'update' ? 'read, then written' : 'checked, then changed'),
		},
		{ head: 'Switches in it', of: 'num', cell: (w) => count(w.switches), by: (w) => w.switches },
	];
	return (
		<Grid
			caption="Where another thread may come between"
			columns={columns}
			rows={of}
			line={(w) => w.line}
			id={(w) => w.window}
			atMost={SHOWN}
		/>
	);
}

function Came({ lens, lines }: { lens: RacesLens; lines: string[] }) {
	const outcomes = useMemo(() => inOrder(lens.outcomes ?? []), [lens]);
	const [chosen, setChosen] = useState<number | null>(null);
	const told = chosen ?? tellable(outcomes);
	const shown = outcomes.find((o) => o.outcome === told);
	return (
		<>
			<p class="pad" role="status">
				{racesWords(lens)}
				{lens.schedules != null && lens.schedules.dropped > 0 && (
					<> For {plural(lens.schedules.dropped, 'outcome')} more there was no room.</>
				)}
			</p>
			<Outcomes of={outcomes} told={told} tell={setChosen} />
			{shown !== undefined && shown.example.switches.length > 0 && (
				<Turns of={shown} lines={lines} windows={lens.windows ?? []} />
			)}
			{shown !== undefined && <Stuck of={shown.example.places} lines={lines} />}
			<Windows of={lens.windows ?? []} lines={lines} />
		</>
	);
}

export function Races(props: PanelProps) {
	const [now, setNow] = useState<Again<'races'> | null>(null);
	const [schedules, setSchedules] = useState(60);
	const [seed, setSeed] = useState(1);
	const busy = now !== null && now.end === null;
	const begin = () => {
		if (busy) stop();
		else void again('races', props, { schedules, seed }, setNow);
	};
	return (
		<section class="races" aria-busy={busy}>
			<h3 class="pad">Race on purpose</h3>
			<p class="pad quiet">
				The program once more for each schedule, its threads switched at other moments every time.
			</p>
			<div class="asks">
				<label>
					<span>Schedules</span>
					<select value={schedules} onChange={(e) => setSchedules(Number(e.currentTarget.value))}>
						{SCHEDULES.map((n) => (
							<option key={n} value={n}>
								{count(n)}
							</option>
						))}
					</select>
				</label>
				<label>
					<span>Seed</span>
					<input
						type="number"
						min={1}
						max={4294967295}
						value={seed}
						onChange={(e) => {
							if (e.currentTarget.validity.valid && e.currentTarget.value !== '')
								setSeed(Number(e.currentTarget.value));
							else e.currentTarget.value = String(seed);
						}}
					/>
				</label>
				<button
					type="button"
					class={busy ? 'run stop' : 'run'}
					disabled={running.value && !busy}
					onClick={begin}
				>
					<span aria-hidden="true">{busy ? '■' : '⇄'}</span> {busy ? 'Stop' : 'Race'}
				</button>
			</div>
			{busy && <p class="pad">Running it {count(schedules)} times…</p>}
			{now !== null && <WithoutIt of={now} />}
			{now?.lens != null && (
				<Came
					key={`${now.lens.schedules?.seed} ${now.lens.schedules?.asked}`}
					lens={now.lens}
					lines={props.lines}
				/>
			)}
		</section>
	);
}
