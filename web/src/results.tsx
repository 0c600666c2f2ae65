// The right side: one tab for each panel, and the status line under them.
import type { ComponentType } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { FEWEST } from './compare/choice';
import { comparedWords } from './compare/words';
import { type PanelRow, panels } from './panels';
import { Guard } from './panels/guard';
import { LiveView } from './panels/output';
import { ProblemView } from './panels/problem';
import { sideRole } from './sides';
import {
	focusResult,
	live,
	measured,
	type Outcome,
	outcome,
	running,
	runtimes,
	side,
	stale,
	tab,
} from './state';
import { bytes, duration, verdict } from './words';

function onTabKey(e: KeyboardEvent, of: PanelRow[]) {
	const at = of.findIndex((p) => p.id === tab.value);
	const to = {
		ArrowRight: (at + 1) % of.length,
		ArrowLeft: (at + of.length - 1) % of.length,
		Home: 0,
		End: of.length - 1,
	}[e.key];
	const next = to === undefined ? undefined : of[to];
	if (next === undefined) return;
	e.preventDefault();
	tab.value = next.id;
	document.getElementById(`tab-${next.id}`)?.focus();
}

/** On which sides there are tabs that have been scrolled out of sight. */
function useHidden(ref: { current: HTMLElement | null }): void {
	useEffect(() => {
		const bar = ref.current;
		if (bar === null) return undefined;
		const tell = () => {
			const left = bar.scrollLeft > 1;
			const right = bar.scrollLeft + bar.clientWidth < bar.scrollWidth - 1;
			bar.dataset.hidden = left && right ? 'both' : left ? 'left' : right ? 'right' : 'none';
		};
		const watcher = new ResizeObserver(tell);
		watcher.observe(bar);
		bar.addEventListener('scroll', tell, { passive: true });
		return () => {
			watcher.disconnect();
			bar.removeEventListener('scroll', tell);
		};
	}, []);
}

export function Tabs({ of }: { of: PanelRow[] }) {
	const bar = useRef<HTMLDivElement>(null);
	useHidden(bar);
	return (
		<div
			class="tabs"
			role="tablist"
			aria-label="What the run showed"
			ref={bar}
			onKeyDown={(e) => onTabKey(e, of)}
		>
			{of.map((p) => (
				<button
					type="button"
					key={p.id}
					role="tab"
					id={`tab-${p.id}`}
					aria-controls={`panel-${p.id}`}
					aria-selected={tab.value === p.id}
					tabIndex={tab.value === p.id ? 0 : -1}
					onClick={() => {
						tab.value = p.id;
					}}
					onFocus={(e) => e.currentTarget.scrollIntoView({ block: 'nearest', inline: 'nearest' })}
				>
					{p.title}
				</button>
			))}
		</div>
	);
}

function Empty() {
	return (
		<div class="panel-body empty">
			<h2>Nothing has run yet</h2>
			<p>
				Press <strong>Run</strong>, or <kbd>Ctrl</kbd> <kbd>Enter</kbd> in the editor. Then look
				inside.
			</p>
			<p class="quiet">
				{runtimes.value.length >= FEWEST ? (
					<>
						<strong>Compare</strong>, or <kbd>Ctrl</kbd> <kbd>Shift</kbd> <kbd>Enter</kbd>, runs it
						on several CPythons and says what differs.
					</>
				) : (
					runtimes.value.length === 1 && (
						<>
							One CPython is installed here. To compare a snippet on several, have more of them (
							<code>make runtimes</code>) and start the server again.
						</>
					)
				)}
			</p>
			<dl>
				{panels.map((p) => (
					<div key={p.id}>
						<dt>{p.title}</dt>
						<dd>{p.blurb}</dd>
					</div>
				))}
			</dl>
			<p class="quiet confined-line">
				A snippet runs confined: <a href="/posture">see which layers hold here, and attack them</a>.
			</p>
		</div>
	);
}

function runningWords(): string {
	const o = outcome.value;
	if (o?.kind === 'measurement' && measured.value !== '') return measured.value;
	if (o?.kind !== 'comparison' || o.comparing.end !== null) return 'Running';
	return `Comparing: ${o.comparing.results.length} of ${o.comparing.asked.length} answered`;
}

/** How far the extra runs for lenses are, of a run whose program is over. */
function lookingWords(): string {
	const now = live.value;
	return now === null || now.over === 0
		? ''
		: ` ${now.over} of ${now.passes} runs for what is shown are over`;
}

const endedWords = (how: 'stopped' | 'cut'): string =>
	how === 'stopped' ? 'Stopped by you' : 'The server’s answer was cut off';

export function StatusLine() {
	const o = outcome.value;
	if (running.value)
		return (
			<span class="busy">
				{runningWords()}…{lookingWords()}
			</span>
		);
	if (o?.kind === 'ended') return <span class="status stopped">{endedWords(o.how)}</span>;
	if (o === null || o.kind === 'measurement') return <span>Ready</span>;
	if (o.kind === 'problem') return <span>Not run: {o.problem.title}</span>;
	if (o.kind === 'comparison') {
		const { whole, results, asked } = o.comparing;
		return (
			<>
				<span>
					{results.length} of {asked.length} answered
				</span>
				<span class="run-id">{whole?.id}</span>
			</>
		);
	}
	const r = o.result;
	const v = verdict(r);
	return (
		<>
			<span class={`status ${v.tone}`}>
				<span aria-hidden="true">{v.glyph} </span>
				{r.status === 'ok' ? 'exit 0' : v.head}
			</span>
			<span>cpu {duration(r.usage.cpu_ns)}</span>
			<span>wall {duration(r.usage.wall_ns)}</span>
			<span>peak {bytes(r.usage.peak_rss_bytes)}</span>
			<span class="run-id">{r.id}</span>
		</>
	);
}

/** One sentence for who cannot see the panels fill. */
export function Announcer() {
	const o = outcome.value;
	let words = '';
	if (running.value) words = runningWords();
	else if (o?.kind === 'comparison') words = comparedWords(o.comparing);
	else if (o?.kind === 'measurement') words = measured.value;
	else if (o?.kind === 'ended') words = `${endedWords(o.how)}.`;
	else if (o?.kind === 'problem') words = `Not run. ${o.problem.title}. ${o.problem.detail}`;
	else if (o?.kind === 'result') {
		const v = verdict(o.result);
		const out = o.result.stdout.text ?? '';
		const lines = out === '' ? 0 : out.replace(/\n$/, '').split('\n').length;
		words = `${v.head}${v.detail === '' ? '' : `, ${v.detail}`}. ${lines} lines of output. ${duration(o.result.usage.cpu_ns)} of processor time.`;
	}
	return (
		<p class="sr" role="status" aria-live="polite">
			{words}
		</p>
	);
}

const bodies = {
	comparison: {
		what: 'a comparison',
		load: () => import('./panels/compare/panel').then((m) => m.ComparisonBody),
	},
	measurement: {
		what: 'a measurement',
		load: () => import('./panels/measure/panel').then((m) => m.MeasureBody),
	},
};
const loaded: { [kind in keyof typeof bodies]?: ComponentType } = {};

/** Loaded when something of its kind is first looked at. */
function Loaded({ kind }: { kind: keyof typeof bodies }) {
	const [state, setState] = useState('');
	const Body = loaded[kind];
	useEffect(() => {
		if (Body !== undefined || state === 'failed') return;
		bodies[kind]
			.load()
			.then((body) => {
				loaded[kind] = body;
				setState(kind);
			})
			.catch(() => setState('failed'));
	}, [kind, state]);
	if (Body !== undefined) return <Body />;
	if (state !== 'failed') return <div class="panel" />;
	return (
		<p class="absent">
			What shows {bodies[kind].what} could not be loaded: the server did not answer.{' '}
			<button type="button" class="plain-button" onClick={() => setState('')}>
				Try again
			</button>
		</p>
	);
}

/** Whose run this is, when it was made for a comparison. */
function PartOf() {
	const o = outcome.value;
	if (o?.kind !== 'result' || o.of === undefined) return null;
	const whole = o.of;
	return (
		<p class="stale part-of">
			<span>
				The run on <strong>{o.result.runtime.id}</strong>, CPython {o.result.runtime.version}.
			</span>
			<button
				type="button"
				class="plain-button"
				id="back-to-comparison"
				onClick={() => {
					outcome.value = whole;
					requestAnimationFrame(focusResult);
				}}
			>
				Back to the comparison
			</button>
		</p>
	);
}

/** A panel's body while there is no result, for whatever reason. */
export function Without({ id, o }: { id: string; o: Exclude<Outcome, { kind: 'result' }> | null }) {
	if (o === null) return <Empty />;
	if (o.kind === 'problem') return <ProblemView problem={o.problem} />;
	if (o.kind !== 'ended') return null;
	if (id === 'output') return <LiveView live={o.live} how={o.how} />;
	return (
		<p class="absent">
			{endedWords(o.how)}: what this shows is known when a run has come to its end.
		</p>
	);
}

export function Results() {
	const o = outcome.value;
	const kind = o?.kind === 'comparison' || o?.kind === 'measurement' ? o.kind : null;
	// A change of tab, of step or of place must not render all panels anew.
	const shown = useMemo(() => {
		if (o === null || o.kind !== 'result') return null;
		return panels.map((p) => (
			<Guard key={p.id} title={p.title} result={o.result}>
				<p.Panel result={o.result} request={o.request} lines={o.lines} />
			</Guard>
		));
	}, [o]);
	return (
		<section
			class="pane results"
			id="side-result"
			{...sideRole('result')}
			aria-busy={running.value}
			data-shown={side.value === 'result'}
		>
			<PartOf />
			{kind === null && <Tabs of={panels} />}
			{stale.value && (o?.kind === 'result' || o?.kind === 'comparison') && (
				<p class="stale">
					Edited since this run. Lines still follow their text; run again for what is there now.
				</p>
			)}
			{kind !== null ? (
				<Loaded key={kind} kind={kind} />
			) : (
				panels.map((p, i) => (
					<div
						key={p.id}
						role="tabpanel"
						id={`panel-${p.id}`}
						aria-labelledby={`tab-${p.id}`}
						hidden={tab.value !== p.id}
						class="panel"
					>
						{live.value !== null && p.id === 'output' ? (
							<LiveView live={live.value} how={null} />
						) : o?.kind === 'result' ? (
							shown?.[i]
						) : (
							<Without id={p.id} o={o} />
						)}
					</div>
				))
			)}
			<div class="status-line">
				<StatusLine />
			</div>
			<Announcer />
		</section>
	);
}
