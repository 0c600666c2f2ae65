// Small pieces that several panels use.
import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type Link, run, running, visit } from '../state';
import { useLinkedRows } from './link';

/** The scrolling body of a panel, its rows linked to the source; `exact`: the
 * caret marks those that it stands in, not all of its line. */
export function Linked({
	id,
	exact = false,
	children,
}: {
	id: string;
	exact?: boolean;
	children: ComponentChildren;
}) {
	const ref = useRef<HTMLDivElement>(null);
	useLinkedRows(ref, id, exact);
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
		<div class="panel-body" ref={ref} tabIndex={0}>
			{children}
		</div>
	);
}

export function Absent({ what }: { what: string }) {
	return (
		<div class="panel-body">
			<p class="absent">This run says nothing about {what}.</p>
		</div>
	);
}

export function Facts({ facts }: { facts: [string, string][] }) {
	return (
		<dl class="facts">
			{facts.map(([name, value]) => (
				<div key={name}>
					<dt>{name}</dt>
					<dd>{value}</dd>
				</div>
			))}
		</dl>
	);
}

/** What a run is asked for, by a box that has it made anew. */
export function Toggle({ on, label }: { on: Signal<boolean>; label: string }) {
	return (
		<label class="check">
			<input
				type="checkbox"
				checked={on.value}
				disabled={running.value}
				onChange={(e) => {
					on.value = e.currentTarget.checked;
					void run();
				}}
			/>
			{label}
		</label>
	);
}

/** A line of the source that ran, without its indentation. */
export const sourceLine = (lines: string[], line: number | null): string =>
	line === null ? '' : (lines[line - 1]?.trim() ?? '');

/** A button to a line of the source, one of a group (see useRoving) unless it stands `alone`. */
export function LineLink({
	place,
	text,
	alone = false,
}: {
	place: Omit<Link, 'by'>;
	text?: string;
	alone?: boolean;
}) {
	return (
		<button
			type="button"
			class="link"
			onClick={() => visit(place)}
			{...(alone ? {} : { 'data-rove': '', tabIndex: -1 })}
		>
			{text ?? `line ${place.line}`}
		</button>
	);
}

const KEYS: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

const rovers = (group: Element): HTMLElement[] =>
	[...group.querySelectorAll<HTMLElement>('[data-rove]')].filter(
		(e) => e.closest('[data-group]') === group,
	);

/** Of the buttons with data-rove in each [data-group] one can be reached with
 * Tab, the others with the arrows, Home and End. */
export function useRoving(ref: { current: HTMLElement | null }): void {
	useEffect(() => {
		const box = ref.current;
		if (box === null) return undefined;
		const focus = (e: FocusEvent) => {
			const to = e.target as HTMLElement;
			const group = to.dataset.rove === undefined ? null : to.closest('[data-group]');
			if (group === null) return;
			for (const one of rovers(group)) one.tabIndex = one === to ? 0 : -1;
		};
		const key = (e: KeyboardEvent) => {
			const from = e.target as HTMLElement;
			const group = from.dataset.rove === undefined ? null : from.closest('[data-group]');
			if (group === null || e.ctrlKey || e.altKey || e.metaKey || e.shiftKey) return;
			const seen = rovers(group).filter((one) => one.offsetParent !== null);
			const by = KEYS[e.key];
			const to =
				by !== undefined
					? seen[seen.indexOf(from) + by]
					: { Home: seen[0], End: seen[seen.length - 1] }[e.key];
			if (by === undefined && to === undefined) return;
			e.preventDefault();
			e.stopPropagation();
			to?.focus();
		};
		box.addEventListener('focusin', focus);
		box.addEventListener('keydown', key);
		return () => {
			box.removeEventListener('focusin', focus);
			box.removeEventListener('keydown', key);
		};
	}, []);
	// A group always has one, whatever of it is rendered anew.
	useEffect(() => {
		const box = ref.current;
		if (box === null) return undefined;
		const check = () => {
			for (const group of box.querySelectorAll('[data-group]')) {
				const own = rovers(group);
				const first = own[0];
				if (first !== undefined && !own.some((e) => e.tabIndex === 0)) first.tabIndex = 0;
			}
		};
		check();
		const watcher = new MutationObserver(check);
		watcher.observe(box, { childList: true, subtree: true });
		return () => watcher.disconnect();
	}, []);
}
