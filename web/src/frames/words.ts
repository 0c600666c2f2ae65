// Calls, depth and the two stacks in words.
import type { CalledFunction, CallStack, FramesLens } from '../api-frames';
import { bytes, count, plural } from '../words';
import { bytesEach } from './view';

const sum = (
	functions: CalledFunction[],
	kind: CalledFunction['kind'],
	of: 'calls' | 'resumes',
): number => functions.filter((f) => f.kind === kind).reduce((all, f) => all + f[of], 0);

export function summary(lens: FramesLens): string {
	const functions = lens.functions ?? [];
	const resumes = sum(functions, 'python', 'resumes');
	const parts = [`${plural(sum(functions, 'python', 'calls'), 'call')} of Python functions`];
	if (resumes > 0) parts.push(`${plural(resumes, 'resume')} of generators and coroutines`);
	parts.push(`${plural(sum(functions, 'c', 'calls'), 'call')} of C functions`);
	const last = parts.pop();
	const main = lens.threads?.[0];
	const deep =
		main === undefined
			? ''
			: ` The main thread was at most ${plural(main.depth, 'frame')} deep, and used ${bytes(main.c_most)} of its C stack.`;
	return `${parts.join(', ')} and ${last}.${deep}`;
}

/** What keeps this version from the end of the C stack. */
export function guardWords(lens: FramesLens): string {
	const c = lens.limits?.c_recursion;
	if (c === undefined) return '';
	const most = c.most ?? 0;
	return {
		nothing:
			'This CPython counts frames only: sys.setrecursionlimit() is all that stops recursion before the C stack is full.',
		calls: `This CPython also counts calls that go through C: at most ${count(most)} in one another.`,
		bytes: `This CPython also looks at the C stack itself: it stops recursion at ${bytes(most)} of it.`,
	}[c.by];
}

export interface Trouble {
	head: string;
	text: string[];
	/** Of main.py. */
	line: number | null;
}

/** ", 999 of them of deep": the function that is on a stack most often. */
function most(stack: CallStack, functions: CalledFunction[]): string {
	const [first] = stack.repeated;
	const f = first === undefined ? undefined : functions[first.function];
	return f === undefined || first === undefined
		? ''
		: `, ${count(first.times)} of them of ${f.name}`;
}

function overflowed(lens: FramesLens, crash: NonNullable<FramesLens['crash']>): Trouble {
	const functions = lens.functions ?? [];
	const each = bytesEach(crash.stack, functions);
	const limit = lens.limits?.recursion_limit;
	const text = [
		`All of the thread’s C stack was used, ${bytes(crash.c_used)} of ${bytes(crash.c_stack)}, when there were ${plural(crash.stack.depth, 'frame')} of Python at one time${most(crash.stack, functions)}. The next call had no room, and the processor stopped the program (SIGSEGV): that is no exception, and no try catches it.`,
	];
	text.push(
		each === null || each <= 0
			? 'A call through C code (repr, a key function, map, __getattr__) takes some of the C stack.'
			: `Each further frame took ${bytes(each)} of the C stack, since it was called through C code (as repr, a key function, map or __getattr__ are). A Python function that another calls takes none of it from 3.11 on.`,
	);
	if (limit !== undefined)
		text.push(
			`sys.getrecursionlimit() was ${count(limit)}, ${limit > crash.stack.depth ? 'which was not reached' : 'which did not stop it'}. ${guardWords(lens)}`,
		);
	return { head: 'The C stack overflowed', text, line: crash.line };
}

/** What went wrong with a stack, in plain words; null: nothing. `raised`: the type of the exception that ended the run. */
export function trouble(lens: FramesLens, raised: string | null): Trouble | null {
	const { crash = null, limits = null } = lens;
	const functions = lens.functions ?? [];
	if (crash?.overflow === true) return overflowed(lens, crash);
	if (crash !== null)
		return {
			head: 'It crashed, and not for want of stack',
			text: [
				`The program got SIGSEGV with ${bytes(crash.c_used)} of ${bytes(crash.c_stack)} of its C stack used, ${plural(crash.stack.depth, 'frame')} deep.`,
			],
			line: crash.line,
		};
	const deepest = (lens.threads ?? []).reduce<NonNullable<FramesLens['threads']>[number] | null>(
		(a, t) => (a === null || t.depth > a.depth ? t : a),
		null,
	);
	if (deepest === null || limits === null) return null;
	if (raised !== 'RecursionError' && deepest.depth < limits.recursion_limit) return null;
	// The innermost is at its first line: what called it is where it went on and on.
	const [, ...callers] = [...deepest.deepest.outermost, ...deepest.deepest.innermost].reverse();
	const last = callers.find((e) => functions[e.function ?? -1]?.file === null && e.line !== null);
	const end = raised === 'RecursionError' ? '' : ', which the program caught';
	const c = deepest.c_stack === null ? '' : ` of ${bytes(deepest.c_stack)}`;
	return {
		head: 'The recursion limit was reached',
		text: [
			`There were ${plural(deepest.depth, 'frame')} at one time${most(deepest.deepest, functions)}, and sys.getrecursionlimit() is ${count(limits.recursion_limit)}: so Python raised RecursionError${end}. That is a count of frames: of the C stack ${bytes(deepest.c_most)}${c} were used.`,
		],
		line: last?.line ?? null,
	};
}

/** What a box or a row of the tree stands for. */
export function callsWords(node: {
	calls: number;
	resumes: number;
	unwound: number;
	deeper: number;
}): string {
	const parts = [plural(node.calls, 'call')];
	if (node.resumes > 0) parts.push(plural(node.resumes, 'resume'));
	if (node.deeper > 0) parts.push(`${count(node.deeper)} of them from further down`);
	if (node.unwound > 0) parts.push(`${count(node.unwound)} left by an exception`);
	return parts.join(', ');
}
