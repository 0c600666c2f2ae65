// The parts of the HTTP contract that the page leans on, as types, and the
// calls themselves.  Every value in a reply is data from a stranger's program:
// it is shown as text, never as markup.

import type { AstLens } from './api-ast';
import type { CountsLens } from './api-counts';
import type { FramesLens } from './api-frames';
import type { GcLens } from './api-gc';
import type { InstructionsLens } from './api-instructions';
import type { MemoryLens } from './api-memory';
import type { ObjectsLens } from './api-objects';
import type { ProcessesLens } from './api-processes';
import type { ProfileLens } from './api-profile';
import type { RacesLens } from './api-races';
import type { RefcountsLens } from './api-refcounts';
import type { TasksLens } from './api-tasks';
import type { ThreadsLens } from './api-threads';
import { parseExact } from './exact';

export interface Stream {
	text?: string;
	base64?: string;
	truncated: boolean;
}

export interface Frame {
	file: string;
	line: number;
	function: string;
	text: string | null;
}

export interface Exception {
	type: string;
	message: string;
	phase: 'compile' | 'run';
	line: number | null;
	traceback: Frame[];
	text: string;
}

export type LimitName = 'wall' | 'deadline' | 'cpu' | 'memory' | 'output' | 'processes' | 'disk';

export interface Limit {
	name: LimitName;
	allowed: number;
	used: number;
}

export interface Usage {
	wall_ns: number;
	cpu_ns: number;
	peak_rss_bytes: number;
	queue_ns: number;
}

export interface Denied {
	syscall: string;
	count: number;
	errno: string;
}

export type Positions = [number | null, number | null, number | null, number | null];

export interface Instruction {
	offset: number;
	op: string;
	opcode: number;
	arg: number | null;
	argrepr: string;
	line: number | null;
	positions: Positions | null;
	jump_target: boolean;
	target: number | null;
	/** Values on the stack before, after, and where it jumps. */
	stack: (number | null)[] | null;
	specialized?: string | null;
	cache?: { counter?: { value: number } } | null;
}

export interface ExceptionEntry {
	start: number;
	end: number;
	target: number;
	depth: number;
	lasti: boolean;
}

export interface CodeObject {
	name: string;
	qualname: string;
	first_line: number;
	flags: string[];
	stack_size: number;
	arg_count: number;
	names: string[];
	varnames: string[];
	freevars: string[];
	cellvars: string[];
	consts: string[];
	instructions: Instruction[];
	/** Basic blocks; only where they begin is looked at here. */
	blocks: { start: number }[];
	exception_table: ExceptionEntry[];
}

export interface BytecodeLens {
	code_objects?: CodeObject[];
}

export interface TimedLine {
	line: number;
	hits: number;
	self_ns: number;
}

export interface TimingLens {
	compile_ns?: number;
	exec_wall_ns?: number;
	exec_cpu_ns?: number;
	lines?: TimedLine[];
}

/** A literal as Python writes it; the number of an object; null: not shown. */
export type StepValue = string | number | null;

export interface StepFrame {
	function: string;
	/** Not there for the first of a thread, and for a generator's that is suspended. */
	caller?: number;
	/** The object that it is the frame of. */
	generator?: number;
}

/** What is in an object; which members are there depends on the kind. */
export interface StepObject {
	kind: string;
	/** When its name is not the kind. */
	type?: string;
	items?: StepValue[];
	entries?: [StepValue, StepValue][];
	/** When there are more than are shown. */
	length?: number;
	text?: string;
	args?: StepValue[];
	name?: string;
	line?: number;
	defaults?: StepValue[];
	closure?: [string, StepValue][];
	bases?: StepValue[];
	attributes?: [string, StepValue][];
	function?: StepValue;
	self?: StepValue;
	state?: string;
	frame?: number;
}

/** New or changed, by number; null: gone. */
export interface StepState {
	frames?: Record<string, StepFrame | null>;
	variables?: Record<string, Record<string, StepValue>>;
	objects?: Record<string, StepObject | null>;
}

/** What it does not say is as in the step before. */
export interface Step extends StepState {
	/** Its number, from 1 on; not there: the one before, and 1. */
	step?: number;
	/** Not there: "line". */
	event?: string;
	line: number;
	frame?: number;
	thread?: number;
	/** Bytes printed so far on standard output and error; -1: not known. */
	output?: [number, number];
	value?: StepValue;
}

export interface StepsLens {
	truncated?: boolean;
	total?: number | null;
	steps?: Step[];
	keyframes?: (StepState & { step: number })[];
}

export interface Lenses {
	steps?: StepsLens;
	objects?: ObjectsLens;
	ast?: AstLens;
	bytecode?: BytecodeLens;
	refcounts?: RefcountsLens;
	gc?: GcLens;
	timing?: TimingLens;
	counts?: CountsLens;
	profile?: ProfileLens;
	memory?: MemoryLens;
	frames?: FramesLens;
	threads?: ThreadsLens;
	tasks?: TasksLens;
	processes?: ProcessesLens;
	/** These two are asked for by themselves, see again.ts. */
	races?: RacesLens;
	instructions?: InstructionsLens;
}

export const lensNames = [
	'steps',
	'objects',
	'ast',
	'bytecode',
	'refcounts',
	'gc',
	'timing',
	'profile',
	'counts',
	'memory',
	'frames',
	'threads',
	'tasks',
	'processes',
] as const;
export type LensName = (typeof lensNames)[number];

export interface Runtime {
	id: string;
	version: string;
	gil?: boolean;
	[more: string]: unknown;
}

/** A CPython that is installed and does not serve. */
export interface Broken {
	id: string;
	reason: string;
}

export interface RunResult {
	id: string;
	status: 'ok' | 'error' | 'limit' | 'signal' | 'cancelled';
	limit: Limit | null;
	exit_code: number | null;
	signal: string | null;
	exception: Exception | null;
	stdout: Stream;
	stderr: Stream;
	runtime: Runtime;
	usage: Usage;
	denied: Denied[];
	workdir: string;
	confinement: string[];
	notes: unknown[];
	lenses: Lenses;
}

/** Members of a request that the page has no field for; they come by a link. */
export interface Carried {
	files?: { path: string; text?: string; base64?: string }[];
	limits?: Record<string, number>;
	hash_seed?: number;
	start?: string;
}

export interface RunRequest extends Carried {
	code: string;
	stdin?: string;
	args?: string[];
	runtime?: string;
	lenses: { [name in keyof Lenses]?: Record<string, unknown> };
}

/** RFC 9457 problem details, or what stands for one when none came. */
export interface Problem {
	status: number;
	title: string;
	detail: string;
	errors: { pointer: string; detail: string }[];
	retryAfter: number | null;
	requestId: string | null;
}

export class ProblemError extends Error {
	constructor(readonly problem: Problem) {
		super(problem.title);
	}
}

export const record = (v: unknown): Record<string, unknown> =>
	typeof v === 'object' && v !== null ? (v as Record<string, unknown>) : {};
const text = (v: unknown): string | null => (typeof v === 'string' ? v : null);

/** Problem details from their JSON. */
export function problemFrom(body: Record<string, unknown>, status = Number(body.status)): Problem {
	const errors = Array.isArray(body.errors) ? body.errors : [];
	return {
		status,
		title: text(body.title) ?? `The server answered ${status}`,
		detail: text(body.detail) ?? '',
		errors: errors.map((e) => ({
			pointer: text(record(e).pointer) ?? '',
			detail: text(record(e).detail) ?? '',
		})),
		retryAfter: null,
		requestId: text(body.request_id),
	};
}

async function problemOf(reply: Response): Promise<Problem> {
	let body: Record<string, unknown> = {};
	try {
		body = record(await reply.json());
	} catch {
		// Not JSON: a proxy's own page, say.  The status still speaks.
	}
	const retry = Number(reply.headers.get('Retry-After'));
	const problem = problemFrom(body, reply.status);
	return {
		...problem,
		retryAfter: Number.isFinite(retry) && retry > 0 ? retry : null,
		requestId: problem.requestId ?? reply.headers.get('X-Request-Id'),
	};
}

export const unreached = (): Problem => ({
	status: 0,
	title: 'The server could not be reached',
	detail: 'Nothing was run. Your code is kept here; check that the server is up and run again.',
	errors: [],
	retryAfter: null,
	requestId: null,
});

/** The reply, when it is one of success; else a ProblemError. */
export async function send(path: string, init: RequestInit): Promise<Response> {
	let reply: Response;
	try {
		reply = await fetch(path, init);
	} catch (error) {
		if (error instanceof DOMException && error.name === 'AbortError') throw error;
		throw new ProblemError(unreached());
	}
	if (!reply.ok) throw new ProblemError(await problemOf(reply));
	return reply;
}

const call = async (path: string, init: RequestInit): Promise<unknown> =>
	parseExact(await (await send(path, init)).text());

export async function getRuntimes(): Promise<{
	runtimes: Runtime[];
	broken: Broken[];
	links: boolean;
}> {
	const reply = record(await call('/v1/runtimes', { headers: { Accept: 'application/json' } }));
	const list = <T>(v: unknown): T[] => (Array.isArray(v) ? (v as T[]) : []);
	return {
		runtimes: list<Runtime>(reply.runtimes),
		broken: list<Broken>(reply.broken),
		links: reply.links === true,
	};
}

/** A layer of the jail, as it is on this server. */
export interface Layer {
	name: string;
	holds: boolean;
	how: string;
	without: string;
}

/** An attack on the jail, and what came of it. */
export interface Probe {
	name: string;
	/** The id of the runtime that it was made on. */
	runtime: string;
	what: string;
	passed: boolean;
	stopped_by: string[];
	/** When it did not pass: what is not there, as the operator allowed. */
	missing: string[];
	got: string;
	/** Its source: only in the posture. */
	code?: string;
}

export interface Posture {
	runtimes: { runtime: string; posture: 'full' | 'container'; layers: Layer[] }[];
	probes: Probe[];
}

export async function getPosture(): Promise<Posture> {
	return (await call('/v1/posture', { headers: { Accept: 'application/json' } })) as Posture;
}

/** Makes one attack, now. */
export async function postProbe(
	name: string,
	runtime: string,
): Promise<Probe & { wall_ns: number }> {
	const where = `${encodeURIComponent(name)}?runtime=${encodeURIComponent(runtime)}`;
	return (await call(`/v1/posture/probes/${where}`, {
		method: 'POST',
		headers: { Accept: 'application/json' },
	})) as Probe & { wall_ns: number };
}
