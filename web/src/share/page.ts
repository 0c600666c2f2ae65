// The page as what a link holds, and a link as the page.
import { type LensName, lensNames, record } from '../api';
import { panels } from '../panels';
import * as s from '../state';
import { inOrder, type Shared } from './shared';

/** What is on the page, as a link holds it. */
export function sharedNow(): Shared {
	const shared: Shared = { ...s.requestNow(), panel: s.tab.value };
	if (s.runtime.value !== null) shared.runtime = s.runtime.value.id;
	return inOrder(shared);
}

const words = (v: unknown): string[] => (Array.isArray(v) ? v.map(String) : []);
/** As readKeys() in objects/ask.ts takes them: a str that looks like a number has quotes. */
const keyWords = (v: unknown): string[] =>
	(Array.isArray(v) ? v : []).map((key) =>
		typeof key === 'number' ? String(key) : key.includes('"') ? `'${key}'` : `"${key}"`,
	);

/** The same for two that are the same JSON, in whatever order their members are. */
const canonical = (v: unknown): string =>
	JSON.stringify(v, (_, inner) =>
		typeof inner === 'object' && inner !== null && !Array.isArray(inner)
			? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
			: inner,
	);

function applyLenses(lenses: NonNullable<Shared['lenses']>): string[] {
	const { bytecode, refcounts, objects, tasks } = lenses;
	s.lensesOff.value = lensNames.filter((name) => lenses[name] === undefined);
	s.adaptive.value = bytecode?.adaptive === true;
	s.showCaches.value = bytecode?.show_caches === true;
	s.refCauses.value = refcounts?.causes === true;
	s.refHolders.value = refcounts?.holders === true;
	s.virtualClock.value = tasks?.virtual_clock === true;
	s.watchNames.value = words(refcounts?.names).join(' ');
	const asked = record(objects);
	s.asked.names.value = words(asked.names).join(' ');
	s.asked.lines.value = words(asked.at).join(' ');
	s.asked.keys.value = keyWords(asked.keys).join(', ');
	s.asked.attributes.value = words(asked.attributes).join(' ');
	// What the page would ask for now is that, unless it has no field for something of it.
	const now = s.lensRequest();
	return Object.entries(lenses)
		.filter(([name, options]) => canonical(now[name as LensName]) !== canonical(options))
		.map(([name]) => `options of the lens ${name}`);
}

/** Puts it on the page; what of it the page has no field for, in words. */
export function applyShared(shared: Shared): string[] {
	const { files, limits, hash_seed, start } = shared;
	s.source.value = shared.code;
	s.stdin.value = shared.stdin ?? '';
	// One a line: what ends with an empty one has one line end more.
	const args = shared.args ?? [];
	s.argLines.value = args.join('\n') + (args[args.length - 1] === '' ? '\n' : '');
	s.carried.value = {
		...(files !== undefined && { files }),
		...(limits !== undefined && { limits }),
		...(hash_seed !== undefined && { hash_seed }),
		...(start !== undefined && { start }),
	};
	if (shared.runtime !== undefined) s.runtimeId.value = shared.runtime;
	s.tab.value = panels.some((p) => p.id === shared.panel) ? String(shared.panel) : 'output';
	const left = shared.lenses === undefined ? [] : applyLenses(shared.lenses);
	if (args.some((a) => a.includes('\n'))) left.push('arguments of several lines, as one');
	return left;
}
