// The names of a capture, one of which is looked into.
import type { Capture } from '../../api-objects';
import type { Look } from '../../objects/view';
import { bytes, plural } from '../../words';

/** What is chosen when no object is: how all containers grew. */
export const GROWTH = '';

export function Names({
	look,
	chosen,
	choose,
	grown,
}: {
	look: Look;
	chosen: string;
	choose: (name: string) => void;
	/** How many containers changed their room. */
	grown: number;
}) {
	const { names }: Capture = look.capture;
	const rows = [...names.map((n) => n.name), ...(grown > 0 ? [GROWTH] : [])];
	const move = (e: KeyboardEvent) => {
		const at = rows.indexOf(chosen);
		const to = {
			ArrowDown: at + 1,
			ArrowRight: at + 1,
			ArrowUp: at - 1,
			ArrowLeft: at - 1,
			Home: 0,
			End: rows.length - 1,
		}[e.key];
		const next = to === undefined ? undefined : rows[to];
		if (to !== undefined) e.preventDefault();
		if (next === undefined) return;
		choose(next);
		const option = document.getElementById(`obj-name-${to}`);
		option?.focus();
		option?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
	};
	const option = (name: string, at: number, title: string, note: string) => (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys
		<div
			key={`${at} ${name}`}
			id={`obj-name-${at}`}
			role="option"
			aria-selected={name === chosen}
			tabIndex={name === chosen || (at === 0 && !rows.includes(chosen)) ? 0 : -1}
			onClick={() => choose(name)}
		>
			<span class="obj-name">{title}</span>
			<span class="obj-type">{note}</span>
		</div>
	);
	return (
		<div class="obj-names" role="listbox" aria-label="What is bound" onKeyDown={move}>
			{names.map(({ name, scope, object }, at) => {
				const o = look.at(object);
				const note = o === null ? 'not shown' : `${o.type} · ${bytes(o.owned_bytes)}`;
				return option(name, at, name, scope === 'local' ? `local · ${note}` : note);
			})}
			{grown > 0 && option(GROWTH, names.length, 'Room over time', plural(grown, 'container'))}
		</div>
	);
}
