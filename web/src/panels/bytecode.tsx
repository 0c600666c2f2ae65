import type { ComponentType } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { CodeObject, ExceptionEntry, Instruction } from '../api';
import { adaptive, running, showCaches } from '../state';
import { plural } from '../words';
import { CodeMembers, withoutAddress } from './code-members';
import './code-sheet';
import { Grid } from './grid';
import { Absent, Linked, sourceLine, Toggle } from './parts';
import type { PanelProps } from './props';

const rowId = (code: number, offset: number) => `bc-${code}-${offset}`;

function range(i: Instruction): string | undefined {
	if (i.positions === null || i.positions === undefined) return undefined;
	const [, endLine, col, endCol] = i.positions;
	if (endLine === null || col === null || endCol === null) return undefined;
	return `${endLine},${col},${endCol}`;
}

/** Goes to another instruction of the same code object. */
function jump(id: string) {
	document.getElementById(id)?.focus();
}

function Argument({ code, i }: { code: number; i: Instruction }) {
	const { target } = i;
	if (target != null)
		return (
			<button
				type="button"
				class="link jump"
				tabIndex={-1}
				onClick={() => jump(rowId(code, target))}
			>
				to {target}
			</button>
		);
	if (i.argrepr !== '') return <span title={i.argrepr}>{withoutAddress(i.argrepr)}</span>;
	return i.arg === null || i.arg === undefined ? null : <span class="raw">{i.arg}</span>;
}

/** "2→1"; "1→2/0" where it is another when it jumps. */
function depths(stack: Instruction['stack']): string {
	const [before, ...to] = stack ?? [];
	const after = [...new Set(to.filter((n) => n !== null))].join('/');
	return `${before ?? ''}${after && '→'}${after}`;
}

/** What the counter of its cache says. */
function patience(i: Instruction): string | undefined {
	const n = i.cache?.counter?.value;
	return n === undefined ? n : `Meets something else ${n} times before another form is tried`;
}

const isSpecial = (i: Instruction): boolean => i.specialized != null && i.specialized !== i.op;

function Row({
	code,
	i,
	lead,
	block,
	warm,
	text,
}: {
	code: number;
	i: Instruction;
	lead: boolean;
	block: boolean;
	/** It was looked at after the run. */
	warm: boolean;
	text: string;
}) {
	const at = range(i);
	return (
		<tr
			id={rowId(code, i.offset)}
			class={`${lead ? 'lead ' : ''}${block ? 'block' : ''}`}
			tabIndex={-1}
			data-line={i.line || undefined}
			{...(at === undefined ? {} : { 'data-range': at })}
			title={lead ? text : undefined}
		>
			<td class="num line">{lead ? i.line || '' : ''}</td>
			<td class="target">
				{i.jump_target && (
					<span role="img" aria-label="jump target">
						»
					</span>
				)}
			</td>
			<td class="num offset">{i.offset}</td>
			<td class="op">{i.op}</td>
			{warm && (
				<td class="op">
					{isSpecial(i) ? (
						<span class="tag spec" title={patience(i)}>
							{i.specialized}
						</span>
					) : (
						<span class="quiet">·</span>
					)}
				</td>
			)}
			<td class="arg">
				<Argument code={code} i={i} />
			</td>
			<td class="depth wide">{depths(i.stack)}</td>
		</tr>
	);
}

function Exceptions({ code, table }: { code: number; table: ExceptionEntry[] }) {
	return (
		<Grid
			class="exceptions"
			caption="Exception table: where to go when an instruction in the range raises"
			columns={[
				{ head: 'From', of: 'num', cell: (e) => e.start },
				{ head: 'To', of: 'num', cell: (e) => e.end },
				{
					head: 'Handler',
					of: 'num',
					cell: (e) => (
						<button type="button" class="link" onClick={() => jump(rowId(code, e.target))}>
							{e.target}
						</button>
					),
				},
				{ head: 'Stack depth', of: 'num', cell: (e) => e.depth },
				{ head: 'Keeps lasti', cell: (e) => (e.lasti ? 'yes' : 'no') },
			]}
			rows={table}
		/>
	);
}

function Code({ code, at, lines }: { code: CodeObject; at: number; lines: string[] }) {
	let last: number | null = null;
	const starts = new Set(code.blocks.map((b) => b.start));
	const warm = code.instructions.some((i) => i.specialized !== undefined);
	return (
		<details class="code-object" open>
			<summary>
				<span class="qualname">{code.qualname}</span>
				<span class="quiet">
					line {code.first_line} · {plural(code.instructions.length, 'instruction')} ·{' '}
					{plural(code.blocks.length, 'block')} · stack {code.stack_size}
					{warm && ` · ${code.instructions.filter(isSpecial).length} specialised`}
				</span>
			</summary>
			<table class="grid instructions" aria-label={`Instructions of ${code.qualname}`}>
				<thead>
					<tr>
						<th scope="col">Line</th>
						<th scope="col">
							<span class="sr">Jump target</span>
						</th>
						<th scope="col">Offset</th>
						<th scope="col">Instruction</th>
						{warm && <th scope="col">After the run</th>}
						<th scope="col">Argument</th>
						<th
							scope="col"
							class="wide"
							title="Values on the stack before and after; after the stroke where it jumps"
						>
							Stack
						</th>
					</tr>
				</thead>
				<tbody>
					{code.instructions.map((i) => {
						const lead = i.line !== null && i.line !== last;
						last = i.line ?? last;
						return (
							<Row
								key={i.offset}
								code={at}
								i={i}
								lead={lead}
								block={i.offset > 0 && starts.has(i.offset)}
								warm={warm}
								text={sourceLine(lines, i.line)}
							/>
						);
					})}
				</tbody>
			</table>
			{code.exception_table.length > 0 && <Exceptions code={at} table={code.exception_table} />}
			<CodeMembers code={code} />
		</details>
	);
}

/** The program instruction by instruction, loaded and asked for when somebody wants to see it. */
function Live(props: PanelProps) {
	const [Body, setBody] = useState<ComponentType<PanelProps> | null>(null);
	const [failed, setFailed] = useState(false);
	useEffect(() => {
		import('./instructions/panel').then(
			(m) => setBody(() => m.InstructionsBody),
			() => setFailed(true),
		);
	}, []);
	if (failed) return <Absent what="single instructions: what shows them could not be loaded" />;
	return Body === null ? <div class="panel-body" aria-busy="true" /> : <Body {...props} />;
}

export function BytecodeBody(props: PanelProps) {
	const { result, lines } = props;
	const [live, setLive] = useState('');
	const codes = result.lenses.bytecode?.code_objects;
	const body = useMemo(
		() => codes?.map((code, at) => <Code key={at} code={code} at={at} lines={lines} />),
		[codes, lines],
	);
	if (codes === undefined || codes.length === 0) return <Absent what="its bytecode" />;
	return (
		<>
			<div class="toolbar">
				<Toggle on={adaptive} label="Specialised forms after the run" />
				<Toggle on={showCaches} label="Inline caches" />
				<button
					type="button"
					class="segment"
					aria-pressed={live === result.id}
					disabled={running.value && live !== result.id}
					onClick={() => setLive(live === result.id ? '' : result.id)}
				>
					Step through it
				</button>
			</div>
			{live === result.id ? <Live key={live} {...props} /> : <Linked id="bytecode">{body}</Linked>}
		</>
	);
}
