// How the compiler read the source, in the order in which it does: tokens, the
// tree that the parser makes of them, scopes of names, code objects.
import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { type AstPart, type AstStage, astParts } from '../../api-ast';
import { whole } from '../../ast/tree';
import { partTitles, stageWords } from '../../ast/words';
import { adopt } from '../../sheet';
import { count } from '../../words';
import { LineLink, useRoving } from '../parts';
import type { PanelProps } from '../props';
import css from './ast.css' with { type: 'text' };
import { Codes } from './codes';
import { Scopes } from './scopes';
import { Tokens } from './tokens';
import { TreeView } from './tree-view';

adopt(css);

const part = signal<AstPart>('tree');

function Stages({ stages }: { stages: AstStage[] }) {
	return (
		<fieldset class="parts-line">
			<legend class="sr">From the source to its code</legend>
			{astParts.map((name, n) => {
				const stage = stages.find((s) => s.part === name);
				const odd = stage === undefined || stage.state !== 'whole';
				return (
					<span key={name} class="parts-step">
						{n > 0 && (
							<span class="parts-arrow" aria-hidden="true">
								→
							</span>
						)}
						<button
							type="button"
							class="segment"
							aria-pressed={part.value === name}
							onClick={() => {
								part.value = name;
							}}
						>
							{partTitles[name]}{' '}
							<span class="quiet">
								{stage === undefined ? '–' : count(stage.rows)}
								{odd && <span aria-hidden="true"> ▲</span>}
								{odd && <span class="sr">, not whole</span>}
							</span>
						</button>
					</span>
				);
			})}
		</fieldset>
	);
}

function Notice({ stage }: { stage: AstStage | undefined }) {
	if (stage === undefined) return <p class="absent">This part was not reached.</p>;
	const words = stageWords(stage);
	if (words === '') return null;
	const at = stage.error?.positions ?? null;
	const exact = whole(at);
	const line = at?.[0] ?? null;
	const place =
		line === null
			? null
			: exact === null
				? { line }
				: { line, endLine: exact[1], col: exact[2], endCol: exact[3] };
	return (
		<p class={`small pad ${stage.state === 'failed' ? 'notice-bad' : 'quiet'}`}>
			{words} {place !== null && <LineLink place={place} />}
		</p>
	);
}

export function AstBody({ result, lines }: PanelProps) {
	const lens = result.lenses.ast ?? {};
	const box = useRef<HTMLDivElement>(null);
	useRoving(box);
	const stages = lens.stages ?? [];
	const now = part.value;
	return (
		<div class="ast" ref={box}>
			<Stages stages={stages} />
			<div data-group>
				<Notice stage={stages.find((s) => s.part === now)} />
			</div>
			{now === 'tokens' && <Tokens tokens={lens.tokens ?? []} />}
			{now === 'tree' && <TreeView nodes={lens.tree ?? []} lines={lines} />}
			{now === 'symbols' && <Scopes scopes={lens.symbols ?? []} codes={lens.code ?? []} />}
			{now === 'code' && <Codes codes={lens.code ?? []} />}
		</div>
	);
}
