// What a code object has beside its instructions.
import { useState } from 'preact/hooks';
import type { CodeLists } from '../api-ast';

/** A code object by name and line: its address differs from run to run, and
 * its file is always this one. */
export const withoutAddress = (repr: string): string =>
	repr.replace(/^(<code object .+) at 0x[0-9a-fA-F]+, file ".*", line (\d+)>$/, '$1, line $2>');

const lists = [
	['Constants', 'consts'],
	['Names', 'names'],
	['Locals', 'varnames'],
	['Free variables', 'freevars'],
	['Cell variables', 'cellvars'],
	['Flags', 'flags'],
] as const;

/** Laid out when it is unfolded: each list may have a thousand. */
export function CodeMembers({ code }: { code: CodeLists }) {
	const [open, setOpen] = useState(false);
	return (
		<details class="members" onToggle={(e) => setOpen(e.currentTarget.open)}>
			<summary>Constants, names and flags</summary>
			<dl>
				{(open ? lists : [])
					.filter(([, member]) => (code[member] ?? []).length > 0)
					.map(([title, member]) => (
						<div key={member}>
							<dt>{title}</dt>
							<dd>
								{code[member].map((value, n) => (
									<code key={n} title={value}>
										{withoutAddress(value)}
									</code>
								))}
							</dd>
						</div>
					))}
			</dl>
		</details>
	);
}
