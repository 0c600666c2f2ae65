// What a link holds: a request for a run, as api/openapi.yaml has it, and the panel that is looked at.
import { type Carried, type LensName, lensNames, record } from '../api';
import { LinkError } from './format';

export interface Shared extends Carried {
	code: string;
	stdin?: string;
	args?: string[];
	/** Not there: what the reader has chosen. */
	runtime?: string;
	/** Not there: what the reader has ticked. */
	lenses?: { [name in LensName]?: Record<string, unknown> };
	panel?: string;
}

const isText = (v: unknown): v is string => typeof v === 'string';
const isRecord = (v: unknown): v is Record<string, unknown> =>
	typeof v === 'object' && v !== null && !Array.isArray(v);
const isFile = (v: unknown): boolean =>
	isRecord(v) && isText(v.path) && isText(v.text ?? v.base64 ?? null);

/** In the order in which they are written, so that one snippet has one link. */
const members = new Map<string, (v: unknown) => boolean>(
	Object.entries({
		code: isText,
		stdin: isText,
		args: (v) => Array.isArray(v) && v.every(isText),
		files: (v) => Array.isArray(v) && v.every(isFile),
		runtime: isText,
		start: isText,
		hash_seed: (v) => typeof v === 'number',
		limits: (v) => isRecord(v) && Object.values(v).every((n) => typeof n === 'number'),
		lenses: (v) => isRecord(v) && Object.values(v).every(isRecord),
		panel: isText,
	} satisfies { [name in keyof Shared]-?: (v: unknown) => boolean }),
);

/** As it is written. */
export function inOrder(shared: Shared): Shared {
	const names = [...members.keys()] as (keyof Shared)[];
	return Object.fromEntries(
		names.filter((n) => shared[n] !== undefined).map((n) => [n, shared[n]]),
	) as unknown as Shared;
}

/** What was read, and what of it is left out, in words.  Fails with a LinkError when it is none. */
export function sharedFrom(read: unknown): { shared: Shared; left: string[] } {
	if (!isRecord(read) || !isText(read.code))
		throw new LinkError('The link can be read, but there is no code in it.');
	const left: string[] = [];
	const shared: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(read)) {
		if (members.get(name)?.(value)) shared[name] = value;
		else left.push(name);
	}
	const lenses = record(shared.lenses);
	for (const name of Object.keys(lenses))
		if (!lensNames.includes(name as LensName)) {
			delete lenses[name];
			left.push(`the lens ${name}`);
		}
	return { shared: shared as unknown as Shared, left };
}
