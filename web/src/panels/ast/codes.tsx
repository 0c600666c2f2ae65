// The code objects: one row each, and the lists of the one that is unfolded.
import { useMemo, useState } from 'preact/hooks';
import type { AstCode } from '../../api-ast';
import { count, plural } from '../../words';
import { CodeMembers } from '../code-members';
import '../code-sheet';
import { Facts, Linked } from '../parts';

const SHOWN = 100;

function depths(codes: AstCode[]): number[] {
	const all: number[] = [];
	codes.forEach((code, n) => {
		all[n] = code.parent !== null && code.parent < n ? (all[code.parent] ?? 0) + 1 : 0;
	});
	return all;
}

/** Parameters of the rarer kinds, where there are any. */
const positional = (c: AstCode): [string, string][] => [
	...(c.posonly_arg_count > 0
		? [['by position only', count(c.posonly_arg_count)] as [string, string]]
		: []),
	...(c.kwonly_arg_count > 0
		? [['by name only', count(c.kwonly_arg_count)] as [string, string]]
		: []),
];

function Code({ code, depth }: { code: AstCode; depth: number }) {
	return (
		<section
			class="code-box"
			style={{ marginLeft: `${Math.min(depth, 8) * 14}px` }}
			aria-label={`Code object ${code.qualname}`}
		>
			<h3 class="qualname" data-line={code.first_line || undefined} tabIndex={-1}>
				{code.qualname} <span class="quiet small">line {code.first_line}</span>
			</h3>
			<Facts
				facts={[
					['Parameters', count(code.arg_count)],
					...positional(code),
					['Locals', count(code.varnames.length)],
					['Cells', count(code.cellvars.length)],
					['Free', count(code.freevars.length)],
					['Names', count(code.names.length)],
					['Constants', count(code.consts.length)],
					['Stack', count(code.stack_size)],
				]}
			/>
			<CodeMembers code={code} />
		</section>
	);
}

export function Codes({ codes }: { codes: AstCode[] }) {
	const [most, setMost] = useState(SHOWN);
	const body = useMemo(() => {
		const depth = depths(codes);
		return codes
			.slice(0, most)
			.map((code, n) => <Code key={n} code={code} depth={depth[n] ?? 0} />);
	}, [codes, most]);
	return (
		<Linked id="ast">
			{body}
			{codes.length > most && (
				<p class="pad">
					{plural(codes.length - most, 'code object')} more.{' '}
					<button type="button" class="plain-button" onClick={() => setMost(most + SHOWN)}>
						Show more
					</button>
				</p>
			)}
		</Linked>
	);
}
