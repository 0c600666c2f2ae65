// What the views of all kinds share: references to other objects, sections.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { NamedObject, ObjectNumber } from '../../api-objects';
import type { Look, Series } from '../../objects/view';

/** What a view of an object can ask for. */
export interface Sight {
	look: Look;
	series: Series[];
	/** The source that ran. */
	lines: string[];
	/** Shows another object of the capture; `by` is how it was come by, as `[0]`. */
	go(number: number, by: string): void;
}

/** An object, by its value, as a way to it. */
export function Ref({ sight, to, by }: { sight: Sight; to: ObjectNumber | undefined; by: string }) {
	const o = sight.look.at(to);
	if (o === null) return <span class="quiet">not shown</span>;
	return (
		<button
			type="button"
			class="link obj-ref"
			data-rove
			tabIndex={-1}
			title={`${o.type}: ${o.value}`}
			onClick={() => sight.go(o.object, by)}
		>
			{o.value}
		</button>
	);
}

export function Section({ title, children }: { title: string; children: ComponentChildren }) {
	return (
		<section class="obj-section" data-group>
			<h3>{title}</h3>
			{children}
		</section>
	);
}

/** Scrolls sideways in itself when there is no room, then by keyboard, too. */
export function Wide({ children }: { children: ComponentChildren }) {
	const ref = useRef<HTMLDivElement>(null);
	useEffect(() => {
		const box = ref.current;
		if (box === null) return undefined;
		const watcher = new ResizeObserver(() => {
			if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
			else box.removeAttribute('tabindex');
		});
		watcher.observe(box);
		return () => watcher.disconnect();
	}, []);
	return (
		<div class="obj-wide" ref={ref}>
			{children}
		</div>
	);
}

export type Row = [ComponentChildren, ...ComponentChildren[]];

/** A table with these heads; the first cell of a row is what the row is about. */
export function Rows({ name, heads, rows }: { name: string; heads: string[]; rows: Row[] }) {
	return (
		<Wide>
			<table class="grid obj-table" aria-label={name}>
				<thead>
					<tr>
						{heads.map((head) => (
							<th scope="col" key={head}>
								{head}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{rows.map(([first, ...rest], n) => (
						<tr key={n}>
							<th scope="row">{first}</th>
							{rest.map((cell, i) => (
								<td key={i}>{cell}</td>
							))}
						</tr>
					))}
				</tbody>
			</table>
		</Wide>
	);
}

/** Names and what they are bound to. */
export function Named({ sight, title, all }: { sight: Sight; title: string; all: NamedObject[] }) {
	return (
		<Rows
			name={title}
			heads={[title, 'Object']}
			rows={all.map(({ name, object }) => [
				<code key="name">{name ?? '?'}</code>,
				<Ref key="to" sight={sight} to={object} by={`.${name ?? '?'}`} />,
			])}
		/>
	);
}

/** A word and what it stands for. */
export type Pair = [string, ComponentChildren];

export function Pairs({ pairs }: { pairs: Pair[] }) {
	return (
		<dl class="obj-pairs">
			{pairs.map(([name, value]) => (
				<div key={name}>
					<dt>{name}</dt>
					<dd>{value}</dd>
				</div>
			))}
		</dl>
	);
}
