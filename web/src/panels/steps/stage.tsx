// The picture of a step: frames on the left, what they lead to on the right, and
// arrows between them.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { StepObject } from '../../api';
import { narrow } from '../../sides';
import { type FrameView, heapAt, isPlain, valuesIn, viewAt } from '../../steps/view';
import { count } from '../../words';
import { drawArrows } from './arrows';
import { Box } from './boxes';
import { Frames } from './frames';
import { plainToo, type Session } from './session';
import type { Look } from './values';

const BOXES = 60;
/** While steps come in quick succession: what is on screen at first. */
const HURRIED = 20;

/** Lights what a number means, wherever it stands. */
function light(stage: HTMLElement, number: string | null): void {
	for (const old of stage.querySelectorAll('.pointed')) old.classList.remove('pointed');
	stage.classList.toggle('pointing', number !== null);
	if (number === null) return;
	for (const e of stage.querySelectorAll(`[data-to="${number}"], #o-${number}`))
		e.classList.add('pointed');
}

const numberAt = (target: EventTarget | null): string | null => {
	if (!(target instanceof Element)) return null;
	const ref = target.closest<HTMLElement>('.ref');
	return ref?.dataset.to ?? target.closest('.box')?.id.slice(2) ?? null;
};

/** One value that leads to an object can be reached with Tab, the others with
 * the arrows up and down; Enter goes to the object, Escape comes back. */
function useRoving(stage: { current: HTMLDivElement | null }): void {
	const from = useRef<HTMLElement | null>(null);
	useEffect(() => {
		const box = stage.current;
		if (box === null) return undefined;
		const refs = () =>
			[...box.querySelectorAll<HTMLElement>('.ref, .frame-line')].filter(
				(e) => e.offsetParent !== null,
			);
		const key = (e: KeyboardEvent) => {
			const target = e.target as HTMLElement;
			if (e.shiftKey || e.ctrlKey || e.altKey || e.metaKey) return;
			if (e.key === 'Escape' && target.classList.contains('box')) {
				const back = from.current?.isConnected === true ? from.current : refs()[0];
				back?.focus();
				e.preventDefault();
			}
			if (e.key !== 'ArrowDown' && e.key !== 'ArrowUp') return;
			const all = refs();
			const at = all.indexOf(target);
			const inside = target.classList.contains('box')
				? all.findIndex((r) => target.contains(r))
				: -1;
			const to = inside >= 0 ? inside : at < 0 ? -1 : at + (e.key === 'ArrowDown' ? 1 : -1);
			if (to < 0 && at < 0) return;
			e.preventDefault();
			all[Math.max(0, Math.min(all.length - 1, to))]?.focus();
		};
		const focus = (e: FocusEvent) => {
			const target = e.target as HTMLElement;
			light(box, numberAt(target));
			if (!target.matches('.ref, .frame-line')) return;
			for (const r of box.querySelectorAll<HTMLElement>('[tabindex="0"]')) r.tabIndex = -1;
			target.tabIndex = 0;
		};
		const click = (e: MouseEvent) => {
			const ref = e.target instanceof Element ? e.target.closest<HTMLElement>('.ref') : null;
			const to = ref === null ? null : document.getElementById(`o-${ref.dataset.to}`);
			if (ref === null || to === null) return;
			from.current = ref;
			to.focus({ preventScroll: true });
			to.scrollIntoView({ block: 'nearest' });
		};
		const over = (e: PointerEvent) => light(box, numberAt(e.target));
		const leave = () => light(box, null);
		box.addEventListener('keydown', key);
		box.addEventListener('focusin', focus);
		box.addEventListener('focusout', leave);
		box.addEventListener('click', click);
		box.addEventListener('pointerover', over);
		box.addEventListener('pointerleave', leave);
		return () => {
			box.removeEventListener('keydown', key);
			box.removeEventListener('focusin', focus);
			box.removeEventListener('focusout', leave);
			box.removeEventListener('click', click);
			box.removeEventListener('pointerover', over);
			box.removeEventListener('pointerleave', leave);
		};
	}, [stage]);
	useEffect(() => {
		const box = stage.current;
		if (box === null || box.querySelector('[tabindex="0"]') !== null) return;
		const first = box.querySelector<HTMLElement>('.ref, .frame-line');
		if (first !== null) first.tabIndex = 0;
	});
}

function useArrows(
	stage: { current: HTMLDivElement | null },
	svg: { current: SVGSVGElement | null },
): void {
	const draw = () => {
		if (stage.current === null || svg.current === null) return;
		if (narrow.peek() || stage.current.offsetParent === null) svg.current.replaceChildren();
		else drawArrows(stage.current, svg.current);
	};
	const drawn = useRef('');
	const size = () => `${stage.current?.clientWidth} ${stage.current?.clientHeight}`;
	useLayoutEffect(() => {
		draw();
		drawn.current = size();
	});
	useEffect(() => {
		if (stage.current === null) return undefined;
		// A box that was unfolded, or the pane.
		const watcher = new ResizeObserver(() => {
			if (drawn.current === size()) return;
			draw();
			drawn.current = size();
		});
		watcher.observe(stage.current);
		return () => watcher.disconnect();
	}, [stage]);
}

/** What runs is on screen, however deep it is. */
function useCurrentInView(stage: { current: HTMLDivElement | null }, at: number): void {
	useLayoutEffect(() => {
		const box = stage.current?.parentElement;
		const card = stage.current?.querySelector('.frame.current');
		if (box == null || card == null || narrow.peek()) return;
		const r = card.getBoundingClientRect();
		const b = box.getBoundingClientRect();
		const margin = 12;
		if (r.bottom > b.bottom - margin)
			box.scrollTop += Math.min(r.bottom - b.bottom + margin, r.top - b.top - margin);
		else if (r.top < b.top + margin) box.scrollTop += r.top - b.top - margin;
	}, [at]);
}

const restWords = (o: StepObject | null): string => {
	if (o === null) return 'suspended';
	return o.state === 'created' ? 'not begun' : (o.state ?? 'suspended');
};

export function Stage({ session }: { session: Session }) {
	const { trace } = session;
	const at = session.at.value;
	const [most, setMost] = useState(BOXES);
	const stage = useRef<HTMLDivElement>(null);
	const svg = useRef<SVGSVGElement>(null);
	const view = useMemo(() => viewAt(trace, at), [trace, at]);
	const { boxes, more } = heapAt(
		trace,
		view,
		session.hurried.value ? Math.min(most, HURRIED) : most,
		plainToo.value,
	);
	const look: Look = {
		object: (n) => trace.objectAt(n, at),
		inline: (n) => !plainToo.value && isPlain(trace, n, at),
	};
	const named = (values: unknown[]) =>
		values.filter((v) => typeof v === 'number' && look.inline(v)).join();
	const namesOf = (f: FrameView) => named([...f.variables.map((v) => v.value), f.value]);
	const restsOf = (f: FrameView) =>
		restWords(f.generator === null ? null : trace.objectAt(f.generator, at));
	useRoving(stage);
	useArrows(stage, svg);
	useCurrentInView(stage, at);
	return (
		<div class="stage" ref={stage}>
			<svg class="arrows" ref={svg} aria-hidden="true" />
			<Frames
				view={view}
				event={trace.eventAt(at)}
				look={look}
				restsOf={restsOf}
				namesOf={namesOf}
			/>
			<div class="heap">
				{boxes.flatMap((box) => [
					box.lead && <div key={`r${box.number}`} class="row-break" />,
					<Box key={box.number} box={box} look={look} names={named(valuesIn(box.object))} />,
				])}
				{boxes.length === 0 && (
					<p class="more-boxes">No objects yet but what the frames say themselves.</p>
				)}
				{more > 0 && !session.hurried.value && (
					<p class="more-boxes">
						{count(more)} more objects.{' '}
						<button type="button" class="plain-button" onClick={() => setMost(most + BOXES)}>
							Show {count(Math.min(BOXES, more))} of them
						</button>
					</p>
				)}
			</div>
			<label class="check small">
				<input
					type="checkbox"
					checked={plainToo.value}
					onChange={(e) => {
						plainToo.value = e.currentTarget.checked;
					}}
				/>
				Boxes for functions and classes as well
			</label>
		</div>
	);
}
