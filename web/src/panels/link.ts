// Rows and source lines, linked both ways.
//
// A panel marks the rows that speak of a source line with data-line (and, when
// it knows the exact range, data-range="endLine,col,endCol").  This hook does the
// rest: pointing at or focusing a row points at its source; the place that is
// pointed at anywhere else marks the rows here with aria-current and scrolls
// to them.  Marks are put on by hand, not by rendering: a pointer that crosses
// a thousand instructions must not render them anew.
import { effect } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { editor, type Link, link, pointed, tab, visit } from '../state';

const ROW = '[data-line]';
/** What a sticky head covers of a panel's top. */
const STICKY_PX = 46;

function linkOf(row: HTMLElement, by: string): Link {
	const line = Number(row.dataset.line);
	const range = row.dataset.range?.split(',').map(Number);
	if (range === undefined) return { line, by };
	const [endLine = line, col = 0, endCol = 0] = range;
	return { line, endLine, col, endCol, by };
}

const rowOf = (target: EventTarget | null): HTMLElement | null =>
	target instanceof Element ? target.closest<HTMLElement>(ROW) : null;

/** The rows of a table, or all that are in none. */
const rowsOf = (box: HTMLElement, table: HTMLElement | null): HTMLElement[] =>
	table === null
		? [...box.querySelectorAll<HTMLElement>(`${ROW}[tabindex]`)].filter(
				(row) => row.closest('table') === null,
			)
		: [...table.querySelectorAll<HTMLElement>(ROW)];

/** One row can be reached with Tab, the others with the arrow keys. */
function rove(box: HTMLElement, to: HTMLElement): void {
	for (const row of rowsOf(box, to.closest('table'))) if (row.tabIndex === 0) row.tabIndex = -1;
	to.tabIndex = 0;
}

function rovers(box: HTMLElement): void {
	for (const table of [null, ...box.querySelectorAll('table')]) {
		const rows = rowsOf(box, table);
		const first = rows[0];
		if (first !== undefined && !rows.some((row) => row.tabIndex === 0)) first.tabIndex = 0;
	}
}

function scrollTo(box: HTMLElement, rows: HTMLElement[]): void {
	const frame = box.getBoundingClientRect();
	const at = rows.map((row) => row.getBoundingClientRect()).filter((r) => r.height > 0);
	const first = at[0];
	if (first === undefined || frame.height === 0) return;
	const head = STICKY_PX;
	const top = frame.top + head;
	if (at.some((r) => r.top >= top && r.bottom <= frame.bottom)) return;
	box.scrollTop += first.top - top - Math.max(0, (frame.height - head) / 3);
}

/** Whether a row's own range has the place in it. */
function holds(row: HTMLElement, now: Link): boolean {
	const at = linkOf(row, '');
	if (now.col === undefined || at.col === undefined || at.endCol === undefined) return true;
	return at.col <= now.col && (at.endLine !== at.line || now.col <= at.endCol);
}

function mark(box: HTMLElement, now: Link | null, exact: boolean): void {
	for (const row of box.querySelectorAll('[aria-current]')) row.removeAttribute('aria-current');
	for (const old of box.querySelectorAll('[data-inside]')) old.removeAttribute('data-inside');
	if (now === null) return;
	const rows = [...box.querySelectorAll<HTMLElement>(`[data-line="${now.line}"]`)].filter(
		(row) => !exact || holds(row, now),
	);
	for (const row of rows) {
		row.setAttribute('aria-current', 'true');
		const folded = row.closest('details:not([open])');
		folded?.setAttribute('data-inside', '');
	}
	if (now.by === 'caret') scrollTo(box, rows);
}

function onKey(event: KeyboardEvent, box: HTMLElement): void {
	const row = rowOf(event.target);
	if (row === null || row !== event.target) return;
	const all = [...box.querySelectorAll<HTMLElement>(ROW)].filter((r) => r.offsetParent !== null);
	const at = all.indexOf(row);
	const page = 10;
	// What stands beside each other is gone through sideways, too.
	const beside = row.closest('table') === null;
	const to = {
		...(beside ? { ArrowRight: at + 1, ArrowLeft: at - 1 } : {}),
		ArrowDown: at + 1,
		ArrowUp: at - 1,
		PageDown: Math.min(at + page, all.length - 1),
		PageUp: Math.max(at - page, 0),
		Home: 0,
		End: all.length - 1,
	}[event.key];
	if (to !== undefined) {
		event.preventDefault();
		all[to]?.focus();
	} else if (event.key === 'Enter' || event.key === ' ') {
		event.preventDefault();
		if (event.key === 'Enter') visit(linkOf(row, ''));
		else editor.current?.goTo(linkOf(row, ''), false);
	}
}

/** Links the rows in `ref`'s element, which is also what scrolls. */
export function useLinkedRows(ref: RefObject<HTMLElement | null>, id: string, exact = false): void {
	useEffect(() => {
		const box = ref.current;
		if (box === null) return undefined;
		let byKeyboard = false;
		const point = (row: HTMLElement | null) => {
			if (row !== null) pointed.value = linkOf(row, id);
			else if (pointed.peek()?.by === id) pointed.value = null;
		};
		const over = (e: PointerEvent) => {
			if (e.pointerType === 'mouse' && e.buttons === 0) point(rowOf(e.target));
		};
		const focus = (e: FocusEvent) => {
			const row = rowOf(e.target);
			if (row === null) return;
			rove(box, row);
			point(row);
			byKeyboard = true;
		};
		const leave = () => {
			// The row that has the focus keeps the word.
			const focused = byKeyboard ? rowOf(document.activeElement) : null;
			point(focused !== null && box.contains(focused) ? focused : null);
		};
		const blur = () => {
			byKeyboard = false;
			point(null);
		};
		const click = (e: MouseEvent) => {
			const row = rowOf(e.target);
			const own = e.target instanceof Element && e.target.closest('button, a, summary, input');
			if (row === null || own || String(getSelection()) !== '') return;
			editor.current?.goTo(linkOf(row, id), false);
			rove(box, row);
			point(row);
		};
		const key = (e: KeyboardEvent) => onKey(e, box);
		box.addEventListener('pointerover', over);
		box.addEventListener('pointerleave', leave);
		box.addEventListener('focusin', focus);
		box.addEventListener('focusout', blur);
		box.addEventListener('click', click);
		box.addEventListener('keydown', key);
		return () => {
			box.removeEventListener('pointerover', over);
			box.removeEventListener('pointerleave', leave);
			box.removeEventListener('focusin', focus);
			box.removeEventListener('focusout', blur);
			box.removeEventListener('click', click);
			box.removeEventListener('keydown', key);
		};
	}, [ref, id]);
	// After each rendering, and whenever the place or the tab changes.
	useEffect(() =>
		effect(() => {
			const now = link.value;
			void tab.value;
			const box = ref.current;
			if (box === null) return;
			rovers(box);
			mark(box, now, exact);
			// A tab that has just been opened has its size only after the frame.
			requestAnimationFrame(() => {
				if (now?.by === 'caret')
					scrollTo(box, [...box.querySelectorAll<HTMLElement>('[aria-current]')]);
			});
		}),
	);
}
