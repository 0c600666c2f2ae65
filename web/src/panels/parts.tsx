// Small pieces that several panels use.
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { useLinkedRows } from './link';

/** The scrolling body of a panel, its rows linked to the source. */
export function Linked({ id, children }: { id: string; children: ComponentChildren }) {
	const ref = useRef<HTMLDivElement>(null);
	useLinkedRows(ref, id);
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

/** A line of the source that ran, without its indentation. */
export const sourceLine = (lines: string[], line: number | null): string =>
	line === null ? '' : (lines[line - 1]?.trim() ?? '');
