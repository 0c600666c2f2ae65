// Scopes within scopes, and what each of their names is.
import { useMemo, useState } from 'preact/hooks';
import type { AstCode, AstScope } from '../../api-ast';
import { flagWord, kindOf, scopeTitle } from '../../ast/words';
import { plural } from '../../words';
import { Linked } from '../parts';

/** Names of one scope. */
const NAMES = 300;
/** Boxes that are shown at first, and with each press more. */
const SHOWN = 100;

function Names({ scope }: { scope: AstScope }) {
	if (scope.symbols.length === 0) return <p class="quiet small pad">No names.</p>;
	return (
		<>
			<table class="grid scope-names" aria-label={`Names of ${scopeTitle(scope)}`}>
				<thead>
					<tr>
						<th scope="col">Name</th>
						<th scope="col">Kind</th>
						<th scope="col">Here it is</th>
						<th scope="col">Instructions</th>
					</tr>
				</thead>
				<tbody>
					{scope.symbols.slice(0, NAMES).map((symbol) => {
						const kind = kindOf(scope, symbol);
						return (
							<tr key={symbol.name}>
								<th scope="row">
									<code>{symbol.name}</code>
								</th>
								<td>
									<span class={`tint kind-chip hue-${kind.hue}`} title={kind.means}>
										{kind.word}
									</span>
								</td>
								<td>{symbol.flags.map(flagWord).join(', ')}</td>
								<td class="ops">{symbol.ops === null ? 'not known' : symbol.ops.join(', ')}</td>
							</tr>
						);
					})}
				</tbody>
			</table>
			{scope.symbols.length > NAMES && (
				<p class="quiet small pad">
					{plural(scope.symbols.length - NAMES, 'name')} more, not shown.
				</p>
			)}
		</>
	);
}

function Scope({ n, all, codes }: { n: number; all: AstScope[]; codes: AstCode[] }) {
	const scope = all[n];
	if (scope === undefined) return null;
	const code = scope.code === null ? undefined : codes[scope.code];
	const inner = all.flatMap((s, i) => (s.parent === n && i > n ? [i] : []));
	const notes = [
		...(scope.nested ? ['inside a function'] : []),
		...(scope.optimized ? ['locals in fixed slots'] : []),
		...(code === undefined ? [] : [`code object ${code.qualname}`]),
	];
	return (
		<section class={`scope scope-${scope.type}`} aria-label={scopeTitle(scope)}>
			<h3 data-line={scope.line || undefined} tabIndex={-1}>
				{scopeTitle(scope)}
				<span class="quiet small">
					{scope.line > 0 && ` line ${scope.line}`}
					{notes.length > 0 && ` · ${notes.join(' · ')}`}
				</span>
			</h3>
			<Names scope={scope} />
			{inner.map((i) => (
				<Scope key={i} n={i} all={all} codes={codes} />
			))}
		</section>
	);
}

const kinds: [
	AstScope['type'],
	'local' | 'cell' | 'free' | 'global implicit' | 'global explicit',
][] = [
	['function', 'local'],
	['function', 'cell'],
	['function', 'free'],
	['function', 'global explicit'],
	['function', 'global implicit'],
];

function Legend({ scopes }: { scopes: AstScope[] }) {
	const there = new Set(scopes.flatMap((s) => s.symbols.map((x) => x.scope)));
	const shown = kinds.filter(([, kind]) => there.has(kind));
	return (
		<dl class="scope-legend">
			{shown.map(([type, scope]) => {
				const at = { name: '', type, line: 0, parent: null, code: null } as const;
				const kind = kindOf(
					{ ...at, nested: false, optimized: true, symbols: [] },
					{ name: '', scope, flags: [], ops: null },
				);
				return (
					<div key={scope}>
						<dt>
							<span class={`tint kind-chip hue-${kind.hue}`}>{kind.word}</span>
						</dt>
						<dd>{kind.means}</dd>
					</div>
				);
			})}
		</dl>
	);
}

export function Scopes({ scopes, codes }: { scopes: AstScope[]; codes: AstCode[] }) {
	const [most, setMost] = useState(SHOWN);
	const body = useMemo(() => {
		const shown = scopes.slice(0, most);
		return shown.map((s, n) =>
			s.parent === null || s.parent >= n ? <Scope key={n} n={n} all={shown} codes={codes} /> : null,
		);
	}, [scopes, codes, most]);
	return (
		<Linked id="ast">
			<Legend scopes={scopes} />
			<div class="scopes">{body}</div>
			{scopes.length > most && (
				<p class="pad">
					{plural(scopes.length - most, 'scope')} more.{' '}
					<button type="button" class="plain-button" onClick={() => setMost(most + SHOWN)}>
						Show more
					</button>
				</p>
			)}
		</Linked>
	);
}
