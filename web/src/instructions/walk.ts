// Instructions as they ran: the stack before each, put together again, and each step in words.
import type { InstructionsLens, RanCode, RanStep } from '../api-instructions';

export interface Walk {
	steps: RanStep[];
	/** Before each step, of its frame: the lowest first. */
	stacks: string[][];
	code(step: RanStep): RanCode | undefined;
	/** The step's instruction, by its place in its code. */
	row(step: RanStep): number;
}

const NONE: string[] = [];

export function walkOf(lens: InstructionsLens): Walk {
	const steps = lens.steps ?? [];
	const codes = lens.code_objects ?? [];
	const rows = codes.map((c) => new Map(c.instructions.map((i, n) => [i.offset, n])));
	const of = new Map<number, string[]>();
	const stacks = steps.map((s) => {
		const had = of.get(s.frame) ?? NONE;
		if (s.push === undefined) return had;
		const now =
			s.push.length === 0 && s.keep === had.length ? had : had.slice(0, s.keep).concat(s.push);
		of.set(s.frame, now);
		return now;
	});
	return {
		steps,
		stacks,
		code: (s) => (s.code === null ? undefined : codes[s.code]),
		row: (s) => (s.code === null ? -1 : (rows[s.code]?.get(s.offset ?? -1) ?? -1)),
	};
}

export const lineOf = (walk: Walk, step: RanStep): number | null =>
	walk.code(step)?.instructions[walk.row(step)]?.line ?? null;

const LEFT = {
	return: 'returns',
	yield: 'hands on, and may go on later,',
	exception: 'is left by an exception',
};

/** "Frame 2, of f: BINARY_OP * is next." */
export function sayOf(walk: Walk, step: RanStep): string {
	const code = walk.code(step);
	const who = `Frame ${step.frame}, of ${code?.function ?? 'other code'}`;
	if (step.left !== undefined)
		return `${who}, ${LEFT[step.left]}${step.value === undefined ? '' : ` ${step.value}`}.`;
	if (step.raised !== undefined) return `${step.raised} comes to ${who.toLowerCase()}.`;
	const i = code?.instructions[walk.row(step)];
	return `${who}: ${i === undefined ? 'an instruction' : `${i.op} ${i.arg}`.trim()} is next.`;
}

/** How many of its values are new since the frame's step before, from the top. */
export const fresh = (step: RanStep): number => step.push?.length ?? 0;
