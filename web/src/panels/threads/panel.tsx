// Who had the GIL, who waited for it, and where it was let go.
import { useMemo, useState } from 'preact/hooks';
import type { Hold, Place, ThreadsLens, ThreadsTotals } from '../../api-threads';
import { lanes, move, type Span, threadName, whole, zoom } from '../../threads/lanes';
import { count, duration, plural } from '../../words';
import { Linked, sourceLine } from '../parts';
import type { PanelProps } from '../props';

const SHOWN = 200;

const time = (ns: number | null): string => (ns === null ? '' : duration(ns));
const number = (n: number | null): string => (n === null ? '' : count(n));

function summary(t: ThreadsTotals, lens: ThreadsLens): string {
	const threads = lens.threads ?? [];
	if (!t.gil)
		return `This CPython has no GIL: ${plural(threads.length, 'thread')} could run at the same time, and none waited for another to let go of it.`;
	const interval = lens.switch_intervals?.[0];
	const every =
		interval === undefined
			? ''
			: ` A thread that waits asks for it after ${duration(interval.us * 1000)} (sys.getswitchinterval).`;
	return (
		`The GIL was let go ${plural(t.releases ?? 0, 'time')}: ${count(t.forced ?? 0)} forced, ` +
		`${count(t.voluntary ?? 0)} by the thread itself, ${count(t.ended ?? 0)} as a thread ended. ` +
		`It went to another thread ${plural(t.switches ?? 0, 'time')}. ` +
		`In ${duration(t.ns)} nobody had it for ${duration(t.free_ns ?? 0)}.${every}`
	);
}

const how = (hold: Hold): string =>
	hold.how === null
		? 'has it'
		: { forced: 'forced', voluntary: 'itself', ended: 'ended' }[hold.how];

/** "sleep in 3" of a call into a library, else nothing. */
const within = (place: Place | undefined): string =>
	place?.library?.function ?? (place?.function === '<module>' ? '' : (place?.function ?? ''));

function Lanes({ lens, span }: { lens: ThreadsLens; span: Span }) {
	const drawn = useMemo(() => lanes(lens, span), [lens, span]);
	return (
		<div class="lanes">
			{drawn.map((lane) => (
				<div class="lane" key={lane.thread.thread}>
					<span class="lane-name">{threadName(lane.thread)}</span>
					<svg viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">
						<line class="life" x1={lane.from * 1000} x2={lane.to * 1000} y1={10} y2={10} />
						{lane.bars.map((bar) => (
							<rect
								key={`${bar.kind}${bar.hold.n}`}
								class={bar.kind}
								x={bar.from * 1000}
								width={Math.max((bar.to - bar.from) * 1000, 0.7)}
								y={bar.kind === 'held' ? 1 : 7}
								height={bar.kind === 'held' ? 18 : 6}
							/>
						))}
					</svg>
				</div>
			))}
			<p class="quiet small">
				<span class="key held">high: it has the GIL</span>
				<span class="key waited">low: it waits for it</span>
				<span class="key life">line: it sleeps, waits for something else, or runs C code</span>
			</p>
		</div>
	);
}

function Timeline({ lens }: { lens: ThreadsLens }) {
	const all = useMemo(() => whole(lens), [lens]);
	const [span, setSpan] = useState(all);
	const size = span.to - span.from;
	const part = all.to - all.from > size;
	const button = (label: string, to: Span, off: boolean) => (
		<button type="button" class="plain-button" disabled={off} onClick={() => setSpan(to)}>
			{label}
		</button>
	);
	return (
		<figure class="gil-time">
			<figcaption>
				{duration(Math.round(span.from))} to {duration(Math.round(span.to))}
				{button('Nearer', zoom(span, all, 2), size < 1000)}
				{button('Farther', zoom(span, all, 0.5), !part)}
				{button('Earlier', move(span, all, span.from - size / 2), span.from <= all.from)}
				{button('Later', move(span, all, span.from + size / 2), span.to >= all.to)}
			</figcaption>
			<Lanes lens={lens} span={span} />
		</figure>
	);
}

function Threads({ lens, places }: { lens: ThreadsLens; places: Map<number, Place> }) {
	return (
		<table class="grid">
			<caption>Threads, in the order in which they were started</caption>
			<thead>
				<tr>
					<th scope="col">Thread</th>
					<th scope="col" class="num">
						Line
					</th>
					{['Began', 'Ended', 'Had it', 'Waited', 'Away', 'Longest', 'Longest wait'].map((h) => (
						<th scope="col" class="num" key={h}>
							{h}
						</th>
					))}
					<th scope="col" class="num">
						Forced
					</th>
					<th scope="col" class="num">
						Itself
					</th>
				</tr>
			</thead>
			<tbody>
				{(lens.threads ?? []).map((t) => {
					const line = t.at === null ? null : (places.get(t.at)?.line ?? null);
					return (
						<tr key={t.thread} tabIndex={-1} data-line={line ?? undefined}>
							<th scope="row">
								{threadName(t)}
								{t.daemon === true && <span class="quiet"> daemon</span>}
							</th>
							<td class="num line">{line ?? ''}</td>
							{[
								t.began_ns,
								t.ended_ns,
								t.held_ns,
								t.waited_ns,
								t.away_ns,
								t.longest_hold_ns,
								t.longest_wait_ns,
							].map((ns, i) => (
								<td class="num" key={i}>
									{time(ns)}
								</td>
							))}
							<td class="num">{number(t.forced)}</td>
							<td class="num">{number(t.voluntary)}</td>
						</tr>
					);
				})}
			</tbody>
		</table>
	);
}

function Places({ lens, lines }: { lens: ThreadsLens; lines: string[] }) {
	const rows = (lens.places ?? []).filter((p) => p.forced + p.voluntary > 0);
	if (rows.length === 0) return null;
	rows.sort((a, b) => b.waited_ns + b.away_ns - (a.waited_ns + a.away_ns));
	return (
		<table class="grid">
			<caption>Where it was let go</caption>
			<thead>
				<tr>
					<th scope="col" class="num">
						Line
					</th>
					<th scope="col">Source</th>
					<th scope="col">In</th>
					<th scope="col" class="num">
						Forced
					</th>
					<th scope="col" class="num">
						Itself
					</th>
					<th scope="col" class="num">
						Then away
					</th>
					<th scope="col" class="num">
						Then waited
					</th>
				</tr>
			</thead>
			<tbody>
				{rows.map((p) => (
					<tr key={p.place} tabIndex={-1} data-line={p.line ?? undefined}>
						<td class="num line">{p.line ?? ''}</td>
						<td class="src">{sourceLine(lines, p.line)}</td>
						<td>{within(p)}</td>
						<td class="num">{count(p.forced)}</td>
						<td class="num">{count(p.voluntary)}</td>
						<td class="num">{duration(p.away_ns)}</td>
						<td class="num">{duration(p.waited_ns)}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

function Holds({
	lens,
	lines,
	places,
}: {
	lens: ThreadsLens;
	lines: string[];
	places: Map<number, Place>;
}) {
	const holds = lens.holds ?? [];
	const [shown, setShown] = useState(SHOWN);
	const names = new Map((lens.threads ?? []).map((t) => [t.thread, threadName(t)]));
	if (holds.length === 0) return null;
	return (
		<>
			<table class="grid">
				<caption>Who had it, one after the other</caption>
				<thead>
					<tr>
						<th scope="col" class="num">
							From
						</th>
						<th scope="col">Thread</th>
						<th scope="col" class="num">
							Waited
						</th>
						<th scope="col" class="num">
							Had it
						</th>
						<th scope="col">Let go</th>
						<th scope="col" class="num">
							Line
						</th>
						<th scope="col">Source</th>
					</tr>
				</thead>
				<tbody>
					{holds.slice(0, shown).map((h) => {
						const line = h.left === null ? null : (places.get(h.left)?.line ?? null);
						return (
							<tr key={h.n} tabIndex={-1} data-line={line ?? undefined}>
								<td class="num">{duration(h.from_ns)}</td>
								<td>{h.thread === null ? 'another' : names.get(h.thread)}</td>
								<td class="num">{h.wanted_ns === null ? '' : duration(h.from_ns - h.wanted_ns)}</td>
								<td class="num">{h.to_ns === null ? '' : duration(h.to_ns - h.from_ns)}</td>
								<td>{how(h)}</td>
								<td class="num line">{line ?? ''}</td>
								<td class="src">{sourceLine(lines, line)}</td>
							</tr>
						);
					})}
				</tbody>
			</table>
			{holds.length > shown && (
				<p class="pad">
					<button type="button" class="plain-button" onClick={() => setShown(shown + SHOWN)}>
						{count(SHOWN)} more of {count(holds.length)}
					</button>
				</p>
			)}
		</>
	);
}

export function ThreadsBody({ result, lines }: PanelProps) {
	const lens = result.lenses.threads;
	const places = useMemo(() => new Map((lens?.places ?? []).map((p) => [p.place, p])), [lens]);
	if (lens === undefined) return null;
	const totals = lens.totals ?? null;
	const dropped = lens.dropped?.holds ?? 0;
	return (
		<Linked id="threads">
			<div class="prose">
				<p>
					{totals === null
						? 'The program was ended before anything of its threads was known.'
						: summary(totals, lens)}
				</p>
				{dropped > 0 && (
					<p class="quiet">
						Of {plural(dropped + (lens.holds ?? []).length, 'hold')} the first and last thousand are
						here, and the longest between.
					</p>
				)}
			</div>
			{totals !== null && <Timeline key={result.id} lens={lens} />}
			<Threads lens={lens} places={places} />
			<Places lens={lens} lines={lines} />
			<Holds lens={lens} lines={lines} places={places} />
		</Linked>
	);
}
