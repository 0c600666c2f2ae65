// The steps as a table, of which only the rows on screen are rendered.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { changes, eventWords, frameTitle } from '../../steps/words';
import { count } from '../../words';
import { sourceLine } from '../parts';
import type { Session } from './session';

const coarse = matchMedia('(pointer: coarse)');
const EXTRA = 8;

function Row({ session, i, high }: { session: Session; i: number; high: number }) {
	const { trace, lines, output } = session;
	const now = session.at.value === i;
	const name = trace.frameAt(trace.frame[i] ?? 0, i)?.function ?? '';
	const told = changes(trace, i, output).join('; ');
	const left = trace.leftOutBefore(i);
	return (
		<tr
			aria-rowindex={i + 2}
			aria-current={now ? 'step' : undefined}
			class={left > 0 ? 'after-gap' : undefined}
			tabIndex={now ? 0 : -1}
			style={{ height: `${high}px` }}
			onClick={() => session.go(i)}
			data-step={i}
		>
			<td class="num" title={left > 0 ? `${count(left)} steps left out before` : undefined}>
				{left > 0 && <span class="gap-note">+{count(left)}</span>}
				{count(trace.number[i] ?? 0)}
			</td>
			<td class="num line">{trace.line[i]}</td>
			<td class="src" title={sourceLine(lines, trace.line[i] ?? null)}>
				{sourceLine(lines, trace.line[i] ?? null)}
			</td>
			<td class="in">{frameTitle(name)}</td>
			<td class="what" title={told}>
				<strong>{eventWords(trace, i)}</strong> {told}
			</td>
		</tr>
	);
}

export function Table({ session }: { session: Session }) {
	const { trace } = session;
	const box = useRef<HTMLDivElement>(null);
	const [top, setTop] = useState(0);
	const [height, setHeight] = useState(600);
	const at = session.at.value;
	const high = coarse.matches ? 44 : 30;
	const first = Math.max(0, Math.floor(top / high) - EXTRA);
	const end = Math.min(trace.length, Math.ceil((top + height) / high) + EXTRA);
	useEffect(() => {
		if (box.current === null) return undefined;
		const watcher = new ResizeObserver(() => setHeight(box.current?.clientHeight ?? 600));
		watcher.observe(box.current);
		return () => watcher.disconnect();
	}, []);
	// The step comes on screen, and the focus with it if it was in the table.
	useLayoutEffect(() => {
		const b = box.current;
		if (b === null || b.clientHeight === 0) return;
		const head = 34;
		const y = at * high;
		if (y < b.scrollTop || y + high > b.scrollTop + b.clientHeight - head)
			b.scrollTop = Math.max(0, y - (b.clientHeight - head) / 2);
	}, [at, high]);
	useLayoutEffect(() => {
		const b = box.current;
		if (b === null || !b.contains(document.activeElement) || document.activeElement === b) return;
		b.querySelector<HTMLElement>(`[data-step="${at}"]`)?.focus({ preventScroll: true });
	}, [at, first]);
	const rows = [];
	for (let i = first; i < end; i++) rows.push(<Row key={i} session={session} i={i} high={high} />);
	const move = (e: KeyboardEvent) => {
		const page = Math.max(1, Math.floor(height / high) - 2);
		const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[e.key];
		if (by === undefined || e.shiftKey || e.ctrlKey || e.altKey || e.metaKey) return;
		e.preventDefault();
		session.go(at + by);
	};
	return (
		// biome-ignore lint/a11y/noStaticElementInteractions: keys of the rows in it
		<div
			class="panel-body steps-table"
			ref={box}
			onScroll={(e) => setTop(e.currentTarget.scrollTop)}
			onKeyDown={move}
		>
			<table class="grid" aria-rowcount={trace.length + 1}>
				<caption class="sr">Steps, one a row</caption>
				<thead>
					<tr aria-rowindex={1}>
						<th scope="col" class="num">
							Step
						</th>
						<th scope="col" class="num">
							Line
						</th>
						<th scope="col">Source</th>
						<th scope="col">In</th>
						<th scope="col">What happened</th>
					</tr>
				</thead>
				<tbody>
					{first > 0 && (
						<tr class="filler" style={{ height: `${first * high}px` }}>
							<td colSpan={5} />
						</tr>
					)}
					{rows}
					{end < trace.length && (
						<tr class="filler" style={{ height: `${(trace.length - end) * high}px` }}>
							<td colSpan={5} />
						</tr>
					)}
				</tbody>
			</table>
		</div>
	);
}
