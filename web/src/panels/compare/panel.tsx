// One snippet on several runtimes: an overview, and a tab for each aspect that
// says whether they are the same in it.
import type { Figures } from '../../api-compare';
import { aspectsOf, cellOf, markOf } from '../../compare/view';
import { comparedWords } from '../../compare/words';
import { adopt } from '../../sheet';
import { type Comparing, onlyDifferences, outcome } from '../../state';
import { duration } from '../../words';
import { Grid } from '../grid';
import css from './compare.css' with { type: 'text' };
import { hasTexts, TwoTexts } from './diff';
import { Against } from './differences';
import { aspect } from './look';
import { Letter, MarkView, Overview } from './overview';

adopt(css);

function onKey(e: KeyboardEvent, names: string[]) {
	const at = names.indexOf(aspect.value);
	const to = {
		ArrowRight: (at + 1) % names.length,
		ArrowLeft: (at + names.length - 1) % names.length,
		Home: 0,
		End: names.length - 1,
	}[e.key];
	const next = to === undefined ? undefined : names[to];
	if (next === undefined) return;
	e.preventDefault();
	aspect.value = next;
	document.getElementById(`aspect-${next}`)?.focus();
}

function Times({ figures }: { figures: Figures[] }) {
	const say = (ns: number | null) => (ns === null ? '' : duration(ns));
	return (
		<>
			<p class="prose">
				Times are not judged: two runs on one runtime differ in them, too. They were taken while the
				others ran.
			</p>
			<Grid
				columns={[
					{ head: 'CPython', heads: true, cell: (f) => f.runtime },
					{ head: 'Compile', cell: (f) => say(f.compile_ns) },
					{ head: 'Run, CPU', cell: (f) => say(f.exec_cpu_ns) },
					{ head: 'Run, wall', cell: (f) => say(f.exec_wall_ns) },
				]}
				rows={figures}
				id={(f) => f.runtime}
			/>
		</>
	);
}

function Aspect({ name, comparing: c }: { name: string; comparing: Comparing }) {
	const { whole } = c;
	const d = whole?.differences[name];
	if (whole === null || d === undefined) return null;
	const { groups } = d;
	if (groups === undefined)
		return (
			<div class="panel-body">
				<Times figures={d.figures ?? []} />
			</div>
		);
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
		<div class="panel-body" tabIndex={0}>
			<ul class="groups" aria-label="Those that are the same, together">
				{groups.map((group, n) => {
					return (
						<li key={group.join()}>
							{groups.length > 1 && <Letter group={n} />}
							<strong>{group.join(', ')}</strong>{' '}
							{n > 0 ? (
								<MarkView mark={cellOf(whole, name, group[0] ?? '') ?? markOf(whole, name)} />
							) : (
								<span class="quiet">
									{groups.length > 1
										? 'baseline'
										: group.length > 1
											? 'are the same'
											: 'has nothing to be compared with'}
								</span>
							)}
						</li>
					);
				})}
			</ul>
			{(d.incomplete ?? []).length > 0 && (
				<p class="quiet small pad">
					Of {d.incomplete?.join(', ')} not all is there; what is not could differ.
				</p>
			)}
			{hasTexts(name) && <TwoTexts aspect={name} comparing={c} differences={d} />}
			{hasTexts(name) && groups.length > 1 ? (
				<details class="members">
					<summary>All that differs from {whole.baseline}, as the server says it</summary>
					<Against baseline={whole.baseline ?? ''} d={d} />
				</details>
			) : (
				<Against baseline={whole.baseline ?? ''} d={d} />
			)}
		</div>
	);
}

export function ComparisonBody() {
	const o = outcome.value;
	if (o?.kind !== 'comparison') return null;
	const { comparing: c } = o;
	const { whole } = c;
	const only = onlyDifferences.value;
	const aspects = whole === null ? [] : aspectsOf(whole, only);
	// What was looked at in the comparison before may not be here.
	const open = aspects.includes(aspect.value) ? aspect.value : '';
	const names = ['', ...aspects];
	return (
		<>
			<div class="toolbar compare-head">
				<p class="compare-summary">
					<strong>{comparedWords(c)}</strong>
				</p>
				{c.end === null && (
					<progress
						max={c.asked.length}
						value={c.results.length}
						aria-label="Runtimes that have answered"
					/>
				)}
				<label class="check">
					<input
						type="checkbox"
						checked={only}
						onChange={(e) => {
							onlyDifferences.value = e.currentTarget.checked;
						}}
					/>
					Only differences
				</label>
			</div>
			<div
				class="tabs chips"
				role="tablist"
				aria-label="What is compared"
				onKeyDown={(e) => onKey(e, names)}
			>
				{names.map((name) => (
					<button
						type="button"
						key={name}
						role="tab"
						id={`aspect-${name}`}
						aria-controls="aspect-panel"
						aria-selected={open === name}
						tabIndex={open === name ? 0 : -1}
						onClick={() => {
							aspect.value = name;
						}}
						onFocus={(e) => e.currentTarget.scrollIntoView({ block: 'nearest', inline: 'nearest' })}
					>
						{name === '' ? 'Overview' : name}
						{name !== '' && whole !== null && <MarkView mark={markOf(whole, name)} />}
					</button>
				))}
			</div>
			<div role="tabpanel" id="aspect-panel" aria-labelledby={`aspect-${open}`} class="panel">
				{open === '' ? <Overview comparing={c} /> : <Aspect name={open} comparing={c} />}
			</div>
		</>
	);
}
