// What the lens `objects` replies, as types; api/openapi.yaml says what each
// member means.

/** A whole number; as text when a double could not hold it, as a hash of 64 bits. */
export type Whole = number | string;

/** The number of an object in the same capture; null: none, or left out. */
export type ObjectNumber = number | null;

export interface NamedObject {
	name: string | null;
	object: ObjectNumber;
}

export interface Growth {
	name: string;
	kind: 'list' | 'dict' | 'set' | 'bytearray';
	address: Whole;
	line: number;
	function: string;
	length: number;
	from: number | null;
	to: number;
	bytes: number;
	moved: boolean;
	table?: string;
}

export interface LayoutField {
	offset: number;
	bytes: number;
	field: string;
	value?: Whole;
	address?: Whole;
	object?: number;
	hex?: string;
}

export interface Block {
	block: string;
	address: Whole;
	bytes: number;
	counted: boolean;
	shared: boolean;
}

export interface Items {
	length: number;
	capacity?: number;
	hash?: Whole | null;
	items: ObjectNumber[];
}

export interface DictEntry {
	index: number;
	hash: Whole | null;
	key: ObjectNumber;
	value: ObjectNumber;
	path?: number[];
}

export interface DictTable {
	used: number;
	table: 'general' | 'unicode' | 'split';
	slots: number;
	index_bytes: number;
	entry_bytes: number;
	entry_count: number;
	entries_free: number;
	keys_shared: boolean;
	dummies: number | null;
	indices: number[];
	entries: DictEntry[];
}

export interface SetEntry {
	slot: number;
	hash: Whole | null;
	key: ObjectNumber;
	path?: number[];
}

export interface SetTable {
	used: number;
	dummies: number;
	slots: number;
	in_object: boolean;
	hash: Whole | null;
	entries: SetEntry[];
}

export interface MergeStep {
	lists: string[][];
	passed_over: string[];
	taken: string;
}

export type Descriptor = 'data' | 'non-data' | null;

export interface ClassInside {
	name: string;
	made_by: 'Python' | 'C';
	basicsize: number;
	itemsize: number;
	bases: string[];
	mro: string[];
	mro_by: 'C3' | 'other';
	merge: MergeStep[];
	slots?: { name: string; offset: number }[];
	shared_keys?: { names: string[]; slots: number; free: number; bytes: number } | null;
	attributes?: {
		name: string | null;
		type: string;
		descriptor: Descriptor;
		object?: ObjectNumber;
	}[];
}

export interface InstanceAttribute {
	name?: string | null;
	key?: ObjectNumber;
	where: 'slot' | 'values' | 'dict';
	offset?: number;
	index?: number;
	object: ObjectNumber;
}

export interface InstanceInside {
	class: ObjectNumber;
	storage: 'slots' | 'empty' | 'values' | 'dict';
	dict: ObjectNumber;
	values_capacity?: number;
	attributes: InstanceAttribute[];
}

export interface Inspected {
	object: number;
	address: Whole;
	type: string;
	kind: string;
	value: string;
	refcount: Whole | 'immortal';
	gc_tracked: boolean | null;
	size_bytes: number | null;
	head_bytes: number;
	object_bytes: number;
	blocks: Block[];
	owned_bytes: number;
	layout: LayoutField[];
	int?: {
		sign: number;
		bits: number;
		digit_bits: number;
		digit_count: number;
		digits: number[];
		cached: boolean;
	};
	float?: { bits: string; sign: number; exponent: number; fraction: string };
	str?: {
		length: number;
		char_bytes: 0 | 1 | 2 | 4;
		ascii: boolean;
		compact: boolean;
		interned: 'no' | 'mortal' | 'immortal';
		hash: Whole | null;
		utf8_kept: boolean;
		data?: string;
	};
	bytes?: { length: number; hash: Whole | null; data: string };
	bytearray?: { length: number; capacity: number; start: number; exports: number; data: string };
	tuple?: Items;
	list?: Items;
	dict?: DictTable;
	set?: SetTable;
	class?: ClassInside;
	instance?: InstanceInside;
	function?: {
		qualname: string | null;
		module: string | null;
		code: ObjectNumber;
		defaults: NamedObject[];
		kwdefaults: NamedObject[];
		closure: NamedObject[];
		dict: ObjectNumber;
	};
	method?: { function: ObjectNumber; self: ObjectNumber };
	builtin?: { name: string; self: ObjectNumber };
	code?: {
		qualname: string | null;
		file: string | null;
		first_line: number;
		arg_count: number;
		posonly_arg_count: number;
		kwonly_arg_count: number;
		local_count: number;
		stack_size: number;
		code_bytes: number;
	};
	cell?: { contents: ObjectNumber };
	module?: { name: string | null; file: string | null; names: number };
	generator?: {
		qualname: string | null;
		state: 'created' | 'suspended' | 'running' | 'closed';
		line: number | null;
		code: ObjectNumber;
		locals: NamedObject[];
		stack: ObjectNumber[];
		waits_for: ObjectNumber;
	};
	exception?: {
		args: ObjectNumber;
		cause: ObjectNumber;
		context: ObjectNumber;
		has_traceback: boolean;
	};
	array?: {
		dtype: string;
		itemsize: number;
		shape: number[];
		strides: number[];
		elements: number;
		flags: string[];
		owns_data: boolean;
		data: Whole;
		base: ObjectNumber;
		offset_in_base: number | null;
	};
	other?: { members: NamedObject[]; refers_to: ObjectNumber[] };
}

export interface ProbeStep {
	slot: number;
	index?: number;
	hash: Whole | null;
	key: ObjectNumber;
	there: string;
}

export interface KeyProbe {
	name: string;
	object: ObjectNumber;
	key: string;
	hash: Whole;
	steps: ProbeStep[];
	found: boolean | null;
}

export interface Tried {
	place: string;
	name?: string;
	found: boolean;
	object?: ObjectNumber;
	descriptor?: Descriptor;
}

export interface LookupStep {
	of: ObjectNumber;
	attribute: string;
	tried: Tried[];
	result: string;
	object: ObjectNumber;
	calls: ObjectNumber;
}

export interface Lookup {
	expression: string;
	bound: boolean;
	steps: LookupStep[];
}

export interface Capture {
	when: 'end' | 'line' | 'running';
	line: number | null;
	function: string | null;
	hit: number | null;
	names: { name: string; scope: 'local' | 'global'; object: ObjectNumber }[];
	probes: KeyProbe[];
	lookups: Lookup[];
	objects: Inspected[];
	dropped: { names: number; objects: number; items: number };
}

export interface ObjectsLens {
	truncated?: boolean;
	captures?: Capture[];
	running?: Capture | null;
	growth?: Growth[];
	lines?: { line: number; hits: number; captured: number }[];
}
