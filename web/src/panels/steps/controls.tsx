// What moves through the steps: buttons, the timeline, and keys.
import { useMemo } from 'preact/hooks';
import { narrow } from '../../sides';
import { caret } from '../../state';
import * as moves from '../../steps/moves';
import { columnsOf, profileOf } from '../../steps/profile';
import type { Trace } from '../../steps/trace';
import { frameTitle } from '../../steps/words';
import { count, plural } from '../../words';
import { mode, type Session, speed, speeds } from './session';

function Button({
	name,
	keys,
	sign,
	to,
	session,
	text,
	ends,
}: {
	name: string;
	keys: string;
	sign: string;
	to: number | null;
	session: Session;
	text?: string;
	/** The slider reaches it as well: where there is little room it is left out. */
	ends?: boolean;
}) {
	return (
		<button
			type="button"
			class={`icon${text === undefined ? '' : ' worded'}${ends === true ? ' ends' : ''}`}
			aria-label={name}
			title={`${name} (${keys})`}
			aria-disabled={to === null}
			onClick={() => session.go(to)}
		>
			<span aria-hidden="true">{sign}</span>
			{text !== undefined && <span aria-hidden="true"> {text}</span>}
		</button>
	);
}

function Player({ session }: { session: Session }) {
	const on = session.playing.value;
	return (
		<span class="player">
			<button
				type="button"
				class="icon"
				aria-label={on ? 'Pause' : 'Play'}
				title={`${on ? 'Pause' : 'Play'} (P)`}
				onClick={() => (on ? session.pause() : session.play())}
			>
				<span aria-hidden="true">{on ? '❚❚' : '▶'}</span>
			</button>
			<label>
				<span class="sr">Steps a second</span>
				<select
					value={speed.value}
					onChange={(e) => {
						speed.value = Number(e.currentTarget.value);
					}}
				>
					{speeds.map((s) => (
						<option key={s} value={s}>
							{count(s)}/s
						</option>
					))}
				</select>
			</label>
		</span>
	);
}

/** The line that is asked about: the caret's, if it ever ran, else the step's. */
export function askedLine(session: Session): number {
	const line = caret.value?.line;
	if (line !== undefined && session.trace.visits.has(line)) return line;
	return session.trace.line[session.at.value] ?? 0;
}

export function Visits({ session }: { session: Session }) {
	const line = askedLine(session);
	const { total, sofar, here, next, last } = moves.visitsOf(session.trace, line, session.at.value);
	return (
		<fieldset class="visits" aria-label={`Visits of line ${line}`}>
			<Button
				name={`Last visit of line ${line}`}
				keys="Shift N"
				sign="⇠"
				to={last}
				session={session}
			/>
			<span class="visits-now">
				line {line}
				<span class="quiet">
					{here ? `visit ${count(sofar)} of ${count(total)}` : plural(total, 'visit')}
				</span>
			</span>
			<Button name={`Next visit of line ${line}`} keys="N" sign="⇢" to={next} session={session} />
		</fieldset>
	);
}

const PICTURE = 'M2 4h6v12H2zM12 2h6v6h-6zM12 12h6v6h-6zM8 7h4M8 13l4 2';
const TABLE = 'M2 4h16M2 10h16M2 16h16M7 4v12';

const W = 600;
const H = 30;

function Overview({ session }: { session: Session }) {
	const { trace } = session;
	const profile = useMemo(() => profileOf(trace, W), [trace]);
	const columns = profile.depth.length;
	const wide = W / columns;
	const x = (c: number) => (c * wide).toFixed(1);
	const outline = useMemo(() => {
		const high = (H - 8) / Math.max(3, profile.deepest + 1);
		let d = `M0 ${H}`;
		profile.depth.forEach((depth, c) => {
			d += `V${(H - (depth + 1) * high).toFixed(1)}H${x(c + 1)}`;
		});
		return `${d}V${H}Z`;
	}, [profile]);
	const line = askedLine(session);
	const paths = useMemo(() => new Map<number, string>(), [trace]);
	const visited =
		paths.get(line) ??
		columnsOf(trace.visits.get(line) ?? [], trace.length, columns)
			.map((c) => `M${x(c)} 0h${Math.max(1, wide - 0.5).toFixed(1)}`)
			.join('');
	paths.set(line, visited);
	const ticks = (at: number[]) => at.map((c) => `M${x(c + 0.5)} ${H - 9}V${H}`).join('');
	return (
		<svg class="map" viewBox={`0 0 ${W} ${H}`} preserveAspectRatio="none" aria-hidden="true">
			<path class="depth" d={outline} />
			<path class="gaps" d={profile.gaps.map((c) => `M${x(c)} 0V${H}`).join('')} />
			<path class="raised" d={ticks(profile.raised)} />
			<path class="visited" d={visited} />
		</svg>
	);
}

/** Only what is not there needs a word. */
function keptWords(trace: Trace): string {
	const after = trace.leftOutAfter;
	if (after === null) return 'then not recorded';
	const left = (trace.total ?? trace.length) - trace.length;
	return left > 0 ? `${count(left)} left out` : '';
}

export function Count({ session }: { session: Session }) {
	const { trace } = session;
	return (
		<output class="step-now">
			<strong>{count(trace.number[session.at.value] ?? 0)}</strong>{' '}
			<span class="quiet">
				/ {count(Math.max(trace.total ?? 0, trace.number[session.last] ?? 0))}
			</span>
			<span class="quiet kept">{keptWords(trace)}</span>
		</output>
	);
}

export function Timeline({ session }: { session: Session }) {
	const { trace } = session;
	const at = session.at.value;
	const number = trace.number[at] ?? 0;
	const name = trace.frameAt(trace.frame[at] ?? 0, at)?.function ?? '';
	return (
		<div class="timeline">
			<div class="track">
				<Overview session={session} />
				<input
					type="range"
					min={0}
					max={Math.max(0, session.last)}
					value={at}
					aria-label="Step"
					aria-valuetext={`step ${count(number)}, line ${trace.line[at]}, ${frameTitle(name)}`}
					onInput={(e) => session.go(Number(e.currentTarget.value))}
				/>
			</div>
			{narrow.value ? <Ways /> : <Count session={session} />}
		</div>
	);
}

function Ways() {
	return (
		<fieldset class="moves-group ways" aria-label="Show the steps as">
			{(['picture', 'table'] as const).map((m) => (
				<button
					key={m}
					type="button"
					class="icon"
					aria-label={m === 'picture' ? 'Picture' : 'Table'}
					title={m === 'picture' ? 'Picture' : 'Table'}
					aria-pressed={mode.value === m}
					onClick={() => {
						mode.value = m;
					}}
				>
					<svg viewBox="0 0 20 20" aria-hidden="true">
						<path d={m === 'picture' ? PICTURE : TABLE} />
					</svg>
				</button>
			))}
		</fieldset>
	);
}

export function Buttons({ session }: { session: Session }) {
	const { trace } = session;
	const at = session.at.value;
	return (
		<fieldset class="moves" aria-label="Stepping">
			<span class="moves-group">
				<Button
					name="First step"
					keys="Home"
					sign="⇤"
					to={at > 0 ? 0 : null}
					ends={true}
					session={session}
				/>
				<Button name="Step back" keys="←" sign="←" to={at > 0 ? at - 1 : null} session={session} />
				<Button
					name="Step forward"
					keys="→"
					sign="→"
					to={at < session.last ? at + 1 : null}
					session={session}
				/>
				<Button
					name="Last step"
					keys="End"
					sign="⇥"
					to={at < session.last ? session.last : null}
					ends={true}
					session={session}
				/>
			</span>
			<span class="moves-group">
				<Button
					name="Step over calls"
					keys="Shift →"
					sign="↷"
					text="Over"
					to={moves.over(trace, at)}
					session={session}
				/>
				<Button
					name="Step out of this function"
					keys="Shift ↑"
					sign="↥"
					text="Out"
					to={moves.out(trace, at)}
					session={session}
				/>
			</span>
			<Player session={session} />
			{!narrow.value && <Ways />}
		</fieldset>
	);
}

/** Keys anywhere in the panel but where they mean something else. */
export function onKey(e: KeyboardEvent, session: Session): void {
	if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return;
	const target = e.target instanceof HTMLElement ? e.target : null;
	if (target?.closest('select, textarea, input[type="text"]') != null) return;
	const { trace } = session;
	const at = session.at.peek();
	const to = ((): number | null | undefined => {
		switch (e.key) {
			case 'ArrowRight':
				return e.shiftKey ? moves.over(trace, at) : at + 1;
			case 'ArrowLeft':
				return e.shiftKey ? moves.overBack(trace, at) : at - 1;
			case 'ArrowUp':
				return e.shiftKey ? moves.out(trace, at) : undefined;
			case 'Home':
				return 0;
			case 'End':
				return session.last;
			case 'n':
				return moves.nextVisit(trace, askedLine(session), at);
			case 'N':
				return moves.visitsOf(trace, askedLine(session), at).last;
			default:
				return undefined;
		}
	})();
	if (to !== undefined) {
		e.preventDefault();
		session.go(to);
	} else if (e.key === 'p' || e.key === 'P') {
		e.preventDefault();
		if (session.playing.peek()) session.pause();
		else session.play();
	}
}
