// The program step by step: controls, what happens in words, the picture or the
// table of it, and the output so far.
import { effect } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { adopt } from '../../sheet';
import { narrow } from '../../sides';
import { gutterClick, type StepMark, stepMark, tab } from '../../state';
import * as moves from '../../steps/moves';
import type { EventName } from '../../steps/trace';
import { changes, coverage, functionWords, happens, spoken } from '../../steps/words';
import { plural } from '../../words';
import type { PanelProps } from '../props';
import { Buttons, Count, onKey, Timeline, Visits } from './controls';
import { mode, Session } from './session';
import { Stage } from './stage';
import css from './steps.css' with { type: 'text' };
import { Table } from './table';

adopt(css);

const marks: Record<EventName, StepMark['kind']> = {
	line: 'next',
	call: 'enter',
	resume: 'enter',
	return: 'leave',
	yield: 'leave',
	unwind: 'leave',
	exception: 'raise',
};

/** The editor shows where the program is while the panel is on screen. */
function useMarks(session: Session): void {
	useEffect(() => {
		const { trace } = session;
		const stop = effect(() => {
			const at = session.at.value;
			const before = at > 0 && trace.leftOutBefore(at) === 0 ? (trace.line[at - 1] ?? null) : null;
			const mark: StepMark | null =
				tab.value === 'steps' && trace.length > 0
					? { line: trace.line[at] ?? 0, kind: marks[trace.eventAt(at)], past: before }
					: null;
			const old = stepMark.peek();
			const same = mark?.line === old?.line && mark?.kind === old?.kind && mark?.past === old?.past;
			if (!same) stepMark.value = mark;
		});
		const click = (line: number) => {
			if (tab.peek() !== 'steps') return false;
			const to = moves.nextVisit(trace, line, session.at.peek());
			if (to === null) return false;
			session.go(to);
			return true;
		};
		gutterClick.current = click;
		return () => {
			stop();
			session.pause();
			stepMark.value = null;
			if (gutterClick.current === click) gutterClick.current = null;
		};
	}, [session]);
}

/** What is read out: not while it plays, and once it rests for a moment. */
const REST_MS = 350;

function Spoken({ session }: { session: Session }) {
	const [words, setWords] = useState('');
	const first = useRef(true);
	const at = session.at.value;
	const playing = session.playing.value;
	useEffect(() => {
		if (first.current || playing) {
			first.current = false;
			return undefined;
		}
		const timer = setTimeout(
			() => setWords(spoken(session.trace, at, session.lines, session.output)),
			REST_MS,
		);
		return () => clearTimeout(timer);
	}, [session, at, playing]);
	return (
		<p class="sr steps-spoken" aria-live="polite">
			{words}
		</p>
	);
}

function Sentence({ session }: { session: Session }) {
	const { trace, lines, output } = session;
	const at = session.at.value;
	const left = trace.leftOutBefore(at);
	const name = trace.frameAt(trace.frame[at] ?? 0, at)?.function ?? '<module>';
	const thread = trace.thread[at] ?? 1;
	const told = changes(trace, at, output).join(' · ');
	const event = trace.eventAt(at);
	return (
		<div class="sentence">
			<div class="sentence-words">
				<p class={`happens ${event}`}>
					{narrow.value && <Count session={session} />} <strong>{happens(trace, at, lines)}</strong>{' '}
					{event === 'line' && name !== '<module>' && (
						<span class="quiet">in {functionWords(name)} </span>
					)}
					{trace.threads.size > 1 && (
						<span class="tag">{thread === 1 ? 'main thread' : `thread ${thread}`}</span>
					)}
				</p>
				<p class="told" title={told}>
					{left > 0 && <span class="left-out">{plural(left, 'step')} left out · </span>}
					{told === '' ? (at === 0 ? coverage(trace) : 'Nothing that is shown changed.') : told}
				</p>
			</div>
			<Visits session={session} />
		</div>
	);
}

/** On a narrow page the editor is on the other side: the lines around. */
function Around({ session }: { session: Session }) {
	const { lines, trace } = session;
	const line = trace.line[session.at.value] ?? 0;
	const shown = [line - 1, line, line + 1].filter((n) => n >= 1 && n <= lines.length);
	return (
		<ol class="around" start={shown[0]}>
			{shown.map((n) => (
				<li key={n} class={n === line ? 'now' : undefined}>
					<span class="around-line">{n}</span>
					<code>{lines[n - 1]}</code>
				</li>
			))}
		</ol>
	);
}

/** The tail is enough: earlier output is in its own panel. */
const SHOWN = 4000;

function Output({ session }: { session: Session }) {
	const { trace, output } = session;
	const at = session.at.value;
	const box = useRef<HTMLPreElement>(null);
	const { out, err } = output.at(trace, at);
	const fresh = output.between(trace, at - 1, at);
	useLayoutEffect(() => {
		if (box.current !== null) box.current.scrollTop = box.current.scrollHeight;
	}, [out, err]);
	const last = session.last;
	if (trace.out[last] === 0 && trace.err[last] === 0) return null;
	const old = out === null ? '' : out.slice(0, out.length - fresh.length);
	return (
		<div class="so-far">
			<h3>Output</h3>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
			<pre ref={box} tabIndex={0}>
				{out === null && <span class="quiet">How much was printed by now is not known.</span>}
				{old.length > SHOWN ? `…${old.slice(-SHOWN)}` : old}
				{fresh !== '' && <mark>{fresh}</mark>}
				{err !== null && err !== '' && <span class="err">{err.slice(-SHOWN)}</span>}
				{out === '' && (err ?? '') === '' && <span class="quiet">nothing yet</span>}
			</pre>
		</div>
	);
}

export function StepsBody({ result, lines }: PanelProps) {
	const lens = result.lenses.steps;
	const session = useMemo(() => new Session(result, lines), [lens]);
	useMarks(session);
	if (session.trace.length === 0)
		return (
			<div class="panel-body">
				<p class="absent">No line of the program ran, so there is no step.</p>
			</div>
		);
	return (
		// biome-ignore lint/a11y/noStaticElementInteractions: the keys of all that is in it
		<div
			class={mode.value === 'table' ? 'stepper as-table' : 'stepper'}
			onKeyDown={(e) => onKey(e, session)}
		>
			<div class="stepper-head">
				<div class="steering">
					<Buttons session={session} />
					<Timeline session={session} />
				</div>
				{narrow.value && <Around session={session} />}
				<Sentence session={session} />
			</div>
			{mode.value === 'table' ? (
				<Table session={session} />
			) : (
				// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
				<div class="panel-body" tabIndex={0}>
					<Stage session={session} />
				</div>
			)}
			<Output session={session} />
			<Spoken session={session} />
		</div>
	);
}
