// Tokens, line by line, as a strip.
import { useMemo, useState } from 'preact/hooks';
import type { AstToken } from '../../api-ast';
import { tokenText } from '../../ast/words';
import { plural } from '../../words';
import { Linked } from '../parts';

/** Tokens that are shown at first, and with each press more. */
const SHOWN = 1500;

interface Line {
	line: number;
	tokens: AstToken[];
}

function linesOf(tokens: AstToken[]): Line[] {
	const all: Line[] = [];
	for (const token of tokens) {
		const line = token.positions[0] ?? 0;
		const last = all[all.length - 1];
		if (last !== undefined && last.line === line) last.tokens.push(token);
		else all.push({ line, tokens: [token] });
	}
	return all;
}

function Token({ token }: { token: AstToken }) {
	const [line, endLine, col, endCol] = token.positions;
	return (
		<li
			class={`token token-${token.type.toLowerCase()}`}
			title={token.string}
			{...(line
				? { tabIndex: -1, 'data-line': line, 'data-range': `${endLine},${col},${endCol}` }
				: {})}
		>
			<code>{tokenText(token.type, token.string)}</code>
			<span class="token-type">{token.exact}</span>
		</li>
	);
}

export function Tokens({ tokens }: { tokens: AstToken[] }) {
	const [most, setMost] = useState(SHOWN);
	const rows = useMemo(
		() =>
			linesOf(tokens.slice(0, most)).map((row, n) => (
				<li key={n} class="token-line">
					<span class="token-at">{row.line || ''}</span>
					<ul aria-label={row.line > 0 ? `Tokens of line ${row.line}` : 'Before the first line'}>
						{row.tokens.map((token, i) => (
							<Token key={i} token={token} />
						))}
					</ul>
				</li>
			)),
		[tokens, most],
	);
	return (
		<Linked id="ast" exact>
			<ol class="tokens" aria-label="Tokens by line">
				{rows}
			</ol>
			{tokens.length > most && (
				<p class="pad">
					{plural(tokens.length - most, 'token')} more.{' '}
					<button type="button" class="plain-button" onClick={() => setMost(most + SHOWN)}>
						Show more
					</button>
				</p>
			)}
		</Linked>
	);
}
