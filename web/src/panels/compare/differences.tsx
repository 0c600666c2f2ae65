// What parts each group from the baseline, as the server says it, in the form
// of `vitrine compare`: "−" is the baseline.
import type { ComponentChildren } from 'preact';
import type {
	Change,
	CodeDifference,
	CountDifference,
	Difference,
	Differences,
	Edit,
	StreamDifference,
} from '../../api-compare';
import { plural } from '../../words';

function Line({ mark, children }: { mark: '−' | '+' | ''; children: ComponentChildren }) {
	return (
		<li class={mark === '−' ? 'minus' : mark === '+' ? 'plus' : ''}>
			<span class="mark-of">{mark}</span>
			<code>{children}</code>
		</li>
	);
}

const shown = (value: unknown): string => JSON.stringify(value) ?? 'null';

function Changes({ list }: { list: Change[] | undefined }) {
	if (list === undefined || list.length === 0) return null;
	return (
		<ul class="edits">
			{list.flatMap((c, n) => {
				const path = c.path.replace(/^\//, '');
				return [
					<Line key={`a${n}`} mark="−">
						{path} {shown(c.a)}
					</Line>,
					<Line key={`b${n}`} mark="+">
						{path} {shown(c.b)}
					</Line>,
				];
			})}
		</ul>
	);
}

function Texts({ mark, list, count }: { mark: '−' | '+'; list: string[]; count: number }) {
	return (
		<>
			{list.map((text, n) => (
				<Line key={n} mark={mark}>
					{text.replace(/\n$/, '')}
				</Line>
			))}
			{count > list.length && <Line mark={mark}>… and {count - list.length} more</Line>}
		</>
	);
}

/** `what` is what is counted: "line". */
function Edits({ what, list }: { what: string; list: Edit[] | null | undefined }) {
	if (!list || list.length === 0) return null;
	return (
		<ul class="edits">
			{list.flatMap((e, n) => [
				<li key={`at${n}`} class="quiet at">
					{what} {e.a_from + 1} | {e.b_from + 1}
				</li>,
				<Texts key={`a${n}`} mark="−" list={e.a} count={e.a_to - e.a_from} />,
				<Texts key={`b${n}`} mark="+" list={e.b} count={e.b_to - e.b_from} />,
			])}
		</ul>
	);
}

function Stream({ name, s }: { name: string; s: StreamDifference | null | undefined }) {
	if (s === null || s === undefined) return null;
	if (s.edits === null)
		return (
			<p>
				{name}: bytes that are not text, from byte {s.first_byte} on
			</p>
		);
	return (
		<>
			{s.only_addresses && <p class="quiet">{name}: the same but for the digits of addresses</p>}
			<Edits what={`${name}, line`} list={s.edits} />
		</>
	);
}

function Code({ c }: { c: CodeDifference }) {
	return (
		<section class="of-code">
			<h4>
				<code>{c.qualname}</code>
				<span class="quiet">
					{c.first_line === null ? '' : `line ${c.first_line}, `}
					{c.only === null
						? `${c.instructions.a} → ${c.instructions.b} instructions`
						: `only on one side, ${plural(c.instructions[c.only], 'instruction')}`}
				</span>
			</h4>
			<Changes list={c.changes} />
			<Edits what="instruction" list={c.edits} />
		</section>
	);
}

function Count({ c }: { c: CountDifference }) {
	return (
		<li>
			line {c.line ?? 0} in {c.function ?? '?'}, <code>{c.name}</code>: {shown(c.a)} → {shown(c.b)}
			{c.times > 1 ? `, ${c.times} times` : ''}
		</li>
	);
}

/** Sequences that lenses have edits of, and what their elements are called. */
const sequences: [string, string][] = [
	['steps', 'step'],
	['collections', 'collection'],
	['tokens', 'token'],
	['tree', 'node'],
	['symbols', 'name'],
	['code', 'code object'],
	['objects', 'object'],
	['growth', 'change of room'],
	['lines', 'line'],
];

function One({ baseline, d }: { baseline: string; d: Difference }) {
	return (
		<section class="card against">
			<h3>
				<span class="minus">− {baseline}</span> <span class="plus">+ {d.runtimes.join(', ')}</span>
			</h3>
			<Changes list={d.changes} />
			<Stream name="stdout" s={d.stdout} />
			<Stream name="stderr" s={d.stderr} />
			{d.code_objects?.map((c, n) => (
				<Code key={n} c={c} />
			))}
			{d.counts !== undefined && d.counts.length > 0 && (
				<ul class="plain">
					{d.counts.map((c, n) => (
						<Count key={n} c={c} />
					))}
				</ul>
			)}
			{sequences.map(([member, what]) => {
				const list = d[member];
				return Array.isArray(list) ? (
					<Edits key={member} what={what} list={list as Edit[]} />
				) : null;
			})}
			{d.truncated && <p class="quiet">… more differs than is shown here</p>}
		</section>
	);
}

export function Against({ baseline, d }: { baseline: string; d: Differences }) {
	return (
		<>
			{(d.against_baseline ?? []).map((one) => (
				<One key={one.runtimes.join()} baseline={baseline} d={one} />
			))}
		</>
	);
}
