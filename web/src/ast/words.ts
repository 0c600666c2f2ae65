// Scopes, names and stages in plain words.
import type { AstPart, AstScope, AstStage, AstSymbol, Place } from '../api-ast';
import { count } from '../words';

export const partTitles: Record<AstPart, string> = {
	tokens: 'Tokens',
	tree: 'Tree',
	symbols: 'Scopes',
	code: 'Code',
};

export interface Kind {
	word: string;
	/** What that means, in a few words. */
	means: string;
	/** Which colour it has. */
	hue: number;
}

const inModule = { word: 'global', means: 'a name of the module', hue: 3 };

/** symtable calls every name that a scope makes local; what that comes to
 * depends on the scope. */
export function kindOf(scope: AstScope, symbol: AstSymbol): Kind {
	switch (symbol.scope) {
		case 'local':
			if (scope.type === 'module') return inModule;
			if (scope.type === 'class')
				return { word: 'of the class', means: 'becomes an attribute of the class', hue: 4 };
			return { word: 'local', means: 'a variable of this call alone', hue: 0 };
		case 'cell':
			return { word: 'cell', means: 'local, and in a cell: inner functions use it', hue: 1 };
		case 'free':
			return { word: 'free', means: 'the cell of a function around this one', hue: 6 };
		case 'global explicit':
			return { word: 'global, declared', means: 'by a global statement', hue: 3 };
		case 'global implicit':
			return {
				word: 'global or built-in',
				means: 'looked for in the module, then builtins',
				hue: 7,
			};
		default:
			return { word: 'not known', means: '', hue: 7 };
	}
}

const flagWords: Record<string, string> = {
	declared_global: 'declared global',
	nonlocal: 'declared nonlocal',
	namespace: 'a function or class',
};
export const flagWord = (flag: string): string => flagWords[flag] ?? flag.replace(/_/g, ' ');

export function scopeTitle(scope: AstScope): string {
	if (scope.type === 'module') return 'the module';
	return `${scope.type} ${scope.name}`;
}

export function stageWords(stage: AstStage): string {
	switch (stage.state) {
		case 'whole':
			return '';
		case 'cut':
			return `Only a part is shown: ${stage.why ?? 'there is more'}.`;
		case 'failed': {
			const e = stage.error;
			return e === null ? 'It ended at an error.' : `It ended at ${e.type}: ${e.message}`;
		}
		default:
			return 'Not reached: an error of the source ended a part before it.';
	}
}

export function placeWords(place: Place | null): string {
	if (place === null) return 'no place of its own';
	const [line, end, col, endCol] = place;
	if (line === null) return 'place not known';
	if (end !== null && end !== line) return `lines ${count(line)} to ${count(end)}`;
	return `line ${count(line)}${col === null || endCol === null ? '' : `, bytes ${col} to ${endCol}`}`;
}

const quiet: Record<string, string> = {
	NEWLINE: '⏎',
	NL: '⏎',
	INDENT: '→|',
	DEDENT: '|←',
	ENDMARKER: 'end',
};

/** What a token is written as, where its text cannot be seen. */
export const tokenText = (type: string, string: string): string => quiet[type] ?? string;
