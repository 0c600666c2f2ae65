// The texts of any two runtimes: beside each other, or one in the other; and
// the same as a table.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { RunResult } from '../../api';
import type { Differences } from '../../api-compare';
import { bytecodeSide, outputSide, type Side, twinRows } from '../../compare/texts';
import { groupOf } from '../../compare/view';
import { narrow } from '../../sides';
import { type Comparing, onlyDifferences, sideBySide } from '../../state';
import { plural } from '../../words';
import { pair, pairOf, ran } from './look';
import { createDiff, partsOf, type Titled } from './merge';

const TABLE_ROWS = 1000;

const sideOf: Record<string, (run: RunResult) => Side> = {
	output: outputSide,
	bytecode: (run) => bytecodeSide(run.lenses.bytecode),
};

/** Whether an aspect has texts to be put beside each other. */
export const hasTexts = (aspect: string): boolean => aspect in sideOf;

function Choice({
	label,
	value,
	ids,
	onChoose,
}: {
	label: string;
	value: string;
	ids: string[];
	onChoose: (id: string) => void;
}) {
	return (
		<label class="picker">
			<span class="sr">{label}</span>
			<select value={value} onChange={(e) => onChoose(e.currentTarget.value)}>
				{ids.map((id) => (
					<option key={id} value={id}>
						{id}
					</option>
				))}
			</select>
		</label>
	);
}

function Picture({ a, b }: { a: Titled; b: Titled }) {
	const host = useRef<HTMLDivElement>(null);
	const beside = sideBySide.value && !narrow.value;
	const only = onlyDifferences.value;
	useEffect(() => {
		if (host.current === null) return undefined;
		const made = createDiff(host.current, a, b, { sideBySide: beside, only });
		return () => made.destroy();
	}, [a, b, beside, only]);
	return <div class="merge" ref={host} data-beside={beside} />;
}

function Twin({ a, b }: { a: Titled; b: Titled }) {
	const [open, setOpen] = useState(false);
	const only = onlyDifferences.value;
	const rows = useMemo(
		() => (open ? twinRows(a.lines, b.lines, partsOf(a, b), !only) : []),
		[a, b, open, only],
	);
	return (
		<details class="members" onToggle={(e) => setOpen(e.currentTarget.open)}>
			<summary>The same as a table</summary>
			<table class="grid twin">
				<caption class="sr">
					{a.title} and {b.title}, line by line
				</caption>
				<thead>
					<tr>
						<th scope="col">{a.title}</th>
						<th scope="col">{b.title}</th>
						<th scope="col">On</th>
						<th scope="col">Line</th>
					</tr>
				</thead>
				<tbody>
					{rows.slice(0, TABLE_ROWS).map((row, n) => (
						<tr key={n} class={row.mark === '−' ? 'minus' : row.mark === '+' ? 'plus' : ''}>
							<td class="num">{row.a === null ? '' : a.numbers[row.a]}</td>
							<td class="num">{row.b === null ? '' : b.numbers[row.b]}</td>
							<td class="quiet">
								{row.mark === '−'
									? `− ${a.title}`
									: row.mark === '+'
										? `+ ${b.title}`
										: row.mark === '…'
											? ''
											: 'both'}
							</td>
							<td>
								<code>{row.text}</code>
							</td>
						</tr>
					))}
				</tbody>
			</table>
			{rows.length > TABLE_ROWS && (
				<p class="quiet small pad">{plural(rows.length - TABLE_ROWS, 'row')} more.</p>
			)}
		</details>
	);
}

export function TwoTexts({
	aspect,
	comparing,
	differences,
}: {
	aspect: string;
	comparing: Comparing;
	differences: Differences;
}) {
	const ids = ran(comparing);
	const two = pairOf(comparing, differences);
	const runOf = (id: string | undefined) =>
		comparing.results.find((one) => one.runtime === id)?.run ?? null;
	const [x, y] = [runOf(two?.a), runOf(two?.b)];
	const make = sideOf[aspect];
	const sides = useMemo(() => {
		if (make === undefined || x === null || y === null) return null;
		const titled = (run: RunResult): Titled => ({ ...make(run), title: run.runtime.id });
		return { a: titled(x), b: titled(y) };
	}, [make, x, y]);
	if (two === null || sides === null) return null;
	const { a, b } = sides;
	const alike = groupOf(differences, two.a) === groupOf(differences, two.b);
	const left = Math.max(a.left, b.left);
	return (
		<section class="two" aria-label={`${two.a} and ${two.b}`}>
			<div class="toolbar">
				<Choice
					label="The first"
					value={two.a}
					ids={ids.filter((id) => id !== two.b)}
					onChoose={(id) => {
						pair.value = { a: id, b: two.b };
					}}
				/>
				<button
					type="button"
					class="icon"
					aria-label="Swap the two"
					title="Swap the two"
					onClick={() => {
						pair.value = { a: two.b, b: two.a };
					}}
				>
					<span aria-hidden="true">⇄</span>
				</button>
				<Choice
					label="The second"
					value={two.b}
					ids={ids.filter((id) => id !== two.a)}
					onChoose={(id) => {
						pair.value = { a: two.a, b: id };
					}}
				/>
				{!narrow.value && !alike && (
					<fieldset class="segments">
						<legend class="sr">Layout</legend>
						{[true, false].map((beside) => (
							<button
								type="button"
								key={String(beside)}
								class="segment"
								aria-pressed={sideBySide.value === beside}
								onClick={() => {
									sideBySide.value = beside;
								}}
							>
								{beside ? 'Side by side' : 'Unified'}
							</button>
						))}
					</fieldset>
				)}
			</div>
			{alike ? (
				<>
					<p class="prose">
						{two.a} and {two.b} are the same here
						{aspect === 'output' ? '; this is what both printed:' : '.'}
					</p>
					{aspect === 'output' && (
						<div class="stream">
							{a.lines.length === 0 ? (
								<p class="nothing">nothing</p>
							) : (
								<pre>{a.lines.join('\n')}</pre>
							)}
						</div>
					)}
				</>
			) : (
				<>
					<div
						class="merge-heads"
						aria-hidden="true"
						data-beside={sideBySide.value && !narrow.value}
					>
						<span>− {two.a}</span>
						<span>+ {two.b}</span>
					</div>
					<Picture a={a} b={b} />
					<Twin a={a} b={b} />
				</>
			)}
			{left > 0 && (
				<p class="quiet small pad">{plural(left, 'line')} more, which are not shown here.</p>
			)}
		</section>
	);
}
