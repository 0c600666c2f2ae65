// What the lens `ast` replies, as types; api/openapi.yaml says what each member
// means.

/** Line, end line, column, end column; columns are bytes of UTF-8. */
export type Place = [number | null, number | null, number | null, number | null];

export const astParts = ['tokens', 'tree', 'symbols', 'code'] as const;
export type AstPart = (typeof astParts)[number];

export interface AstStage {
	part: AstPart;
	state: 'whole' | 'cut' | 'failed' | 'unreached';
	rows: number;
	why: string | null;
	error: { type: string; message: string; positions: Place } | null;
}

export interface AstToken {
	type: string;
	exact: string;
	string: string;
	positions: Place;
	cut?: true;
}

export interface AstNode {
	/** null: None stands there in place of a node. */
	type: string | null;
	parent: number | null;
	field: string | null;
	index: number | null;
	positions: Place | null;
	values: Record<string, string | number | (string | null)[]>;
	cut?: true;
}

export interface AstSymbol {
	name: string;
	scope: 'local' | 'cell' | 'free' | 'global explicit' | 'global implicit' | null;
	flags: string[];
	ops: string[] | null;
}

export interface AstScope {
	name: string;
	type: string;
	line: number;
	parent: number | null;
	code: number | null;
	nested: boolean;
	optimized: boolean;
	symbols: AstSymbol[];
	cut?: true;
}

/** The lists of a code object, by their names in `dis`. */
export interface CodeLists {
	flags: string[];
	varnames: string[];
	cellvars: string[];
	freevars: string[];
	names: string[];
	consts: string[];
}

export interface AstCode extends CodeLists {
	name: string;
	qualname: string;
	parent: number | null;
	first_line: number;
	arg_count: number;
	posonly_arg_count: number;
	kwonly_arg_count: number;
	stack_size: number;
	cut?: true;
}

export interface AstLens {
	truncated?: boolean;
	stages?: AstStage[];
	tokens?: AstToken[];
	tree?: AstNode[];
	symbols?: AstScope[];
	code?: AstCode[];
}
