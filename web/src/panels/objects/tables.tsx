// Dicts and sets: their tables as they are in memory, and how a key is looked
// for in them.
import { useState } from 'preact/hooks';
import type { DictTable, Inspected, KeyProbe, SetTable, Whole } from '../../api-objects';
import { ordersOf } from '../../objects/view';
import * as words from '../../objects/words';
import { count, plural } from '../../words';
import { AskKeys } from './ask';
import { Pairs, Ref, Rows, Section, type Sight } from './refs';

/** Slots that are drawn. */
const SLOTS = 256;

interface Slot {
	/** What stands in it, for the eye and in words. */
	text: string;
	words: string;
	state: 'full' | 'empty' | 'dummy';
}

interface Path {
	label: string;
	slots: number[];
}

const same = (a: Path | null, b: Path): boolean =>
	a !== null && a.label === b.label && a.slots.join() === b.slots.join();

function Slots({ slots, path, name }: { slots: Slot[]; path: Path | null; name: string }) {
	const orders = ordersOf(path?.slots ?? []);
	return (
		// Another path is shown from its beginning.
		<ol key={path?.label ?? ''} class="slots" start={0} aria-label={name}>
			{slots.map((slot, n) => {
				const order = orders.get(n);
				return (
					<li
						key={n}
						class={`slot is-${slot.state}${order === undefined ? '' : ' on-path'}`}
						{...(order === undefined ? {} : { style: { '--turn': Math.min(...order) } })}
					>
						<span class="slot-at" aria-hidden="true">
							{n}
						</span>
						<span class="slot-in" aria-hidden="true">
							{slot.text}
						</span>
						{order !== undefined && (
							<span class="slot-order" aria-hidden="true">
								{order.join()}
							</span>
						)}
						<span class="sr">
							{`slot ${n}: ${slot.words}${order === undefined ? '' : `; looked at as number ${order.join(' and ')}`}`}
						</span>
					</li>
				);
			})}
		</ol>
	);
}

/** The path of an entry, which lights its slots. */
function PathButton({
	path,
	now,
	show,
}: {
	path: Path;
	now: Path | null;
	show: (path: Path | null) => void;
}) {
	const on = same(now, path);
	return (
		<button
			type="button"
			class="link path-button"
			data-rove
			tabIndex={-1}
			aria-pressed={on}
			aria-label={`${path.slots.join(' → ')}, the slots looked at for ${path.label}`}
			onClick={() => show(on ? null : path)}
		>
			{path.slots.join(' → ')}
		</button>
	);
}

const hashCell = (hash: Whole | null) =>
	hash === null ? '' : <code key="hash">{String(hash)}</code>;

function Probe({
	probe,
	now,
	show,
	sight,
}: {
	probe: KeyProbe;
	now: Path | null;
	show: (path: Path | null) => void;
	sight: Sight;
}) {
	const path = { label: `the key ${probe.key}`, slots: probe.steps.map((s) => s.slot) };
	const found =
		probe.found === null
			? 'cannot be told'
			: probe.found
				? 'it is in the table'
				: 'it is not there';
	return (
		<div class="probe">
			<p class="obj-say">
				<code>{probe.key}</code>: {found}, after {plural(probe.steps.length, 'slot')}.{' '}
				<PathButton path={path} now={now} show={show} />
			</p>
			<Rows
				name={`How the key ${probe.key} is looked for`}
				heads={['', 'Slot', 'What is there', 'Key there']}
				rows={probe.steps.map((s, n) => [
					`${n + 1}.`,
					String(s.slot),
					words.probeWords(s.there),
					s.key === null ? '' : <Ref key="k" sight={sight} to={s.key} by=" key" />,
				])}
			/>
			<p class="quiet small obj-note">hash {String(probe.hash)}</p>
		</div>
	);
}

function Probes({
	o,
	sight,
	now,
	show,
}: {
	o: Inspected;
	sight: Sight;
	now: Path | null;
	show: (path: Path | null) => void;
}) {
	// An object with two names is probed once for each.
	const mine = sight.look.capture.probes.filter(
		(p, n, all) =>
			p.object === o.object && all.findIndex((q) => q.object === p.object && q.key === p.key) === n,
	);
	const named = sight.look.names(o.object).length > 0;
	return (
		<Section title="Looking for a key">
			{named ? (
				<AskKeys />
			) : (
				<p class="quiet small obj-note">Keys are looked for in what has a name.</p>
			)}
			{mine.map((p) => (
				<Probe key={p.key} probe={p} now={now} show={show} sight={sight} />
			))}
		</Section>
	);
}

/** What was asked is shown first, of each object anew. */
function usePath(o: Inspected, sight: Sight): [Path | null, (path: Path | null) => void] {
	const [shown, show] = useState<{ of: Inspected; path: Path | null } | null>(null);
	const probe = sight.look.capture.probes.find((p) => p.object === o.object);
	const first =
		probe === undefined
			? null
			: { label: `the key ${probe.key}`, slots: probe.steps.map((s) => s.slot) };
	return [shown?.of === o ? shown.path : first, (path) => show({ of: o, path })];
}

function Legend({ path, cut, slots }: { path: Path | null; cut: number; slots: number }) {
	return (
		<p class="quiet small obj-note">
			{path === null
				? 'Press a path of slots to see in which order they are looked at.'
				: `Slots that are looked at for ${path.label}, in order: ${path.slots.join(', ')}. The first is hash & ${slots - 1}.`}
			{cut > 0 && ` ${plural(cut, 'slot')} more, not shown.`}
		</p>
	);
}

export function Dict({ o, dict, sight }: { o: Inspected; dict: DictTable; sight: Sight }) {
	const [path, show] = usePath(o, sight);
	const slots = dict.indices.slice(0, SLOTS).map((index): Slot => {
		if (index === -1) return { text: '', words: 'empty', state: 'empty' };
		if (index < 0) return { text: '✕', words: 'of a deleted entry', state: 'dummy' };
		return { text: String(index), words: `entry ${index}`, state: 'full' };
	});
	return (
		<>
			<Section title="Hash table">
				<Pairs
					pairs={[
						['Kind', words.tableWords[dict.table] ?? dict.table],
						[
							'Slots',
							`${count(dict.slots)}, of ${plural(dict.index_bytes, 'byte')} each; ${
								dict.dummies === null ? 'deleted ones not known' : `${count(dict.dummies)} deleted`
							}`,
						],
						[
							'Entries',
							`${count(dict.used)} in use, ${count(dict.entry_count)} made, ${count(dict.entries_free)} more before it grows; ${plural(dict.entry_bytes, 'byte')} each`,
						],
					]}
				/>
				<h4>Slots: which entry each one names</h4>
				<Slots slots={slots} path={path} name="Slots of the index" />
				<Legend path={path} cut={dict.slots - slots.length} slots={dict.slots} />
				<h4>Entries, in the order in which they came</h4>
				<Rows
					name="Entries"
					heads={['Entry', 'Key', 'Value', 'Slots looked at', 'Hash']}
					rows={dict.entries.map((e) => {
						const key = sight.look.at(e.key);
						const slotsOf = e.path ?? [];
						const gone =
							e.key === null && e.value === null && e.hash === null && slotsOf.length === 0;
						if (gone) return [String(e.index), <i key="gone">deleted</i>, '', '', ''];
						return [
							String(e.index),
							<Ref key="k" sight={sight} to={e.key} by=" key" />,
							<Ref key="v" sight={sight} to={e.value} by={`[${key?.value ?? '?'}]`} />,
							slotsOf.length === 0 ? (
								''
							) : (
								<PathButton
									key="p"
									path={{ label: key?.value ?? `entry ${e.index}`, slots: slotsOf }}
									now={path}
									show={show}
								/>
							),
							hashCell(e.hash),
						];
					})}
				/>
				{dict.entry_count > dict.entries.length && (
					<p class="quiet small obj-note">
						{plural(dict.entry_count - dict.entries.length, 'entry', 'entries')} more, not shown.
					</p>
				)}
			</Section>
			<Probes o={o} sight={sight} now={path} show={show} />
		</>
	);
}

/** The slots that are known: what is behind the last entry that is told, when
 * there are more, may be empty or not. */
function setSlots(set: SetTable, sight: Sight): Slot[] {
	const told = set.entries.length < set.used + set.dummies;
	const last = set.entries[set.entries.length - 1]?.slot ?? -1;
	const known = Math.min(SLOTS, told ? last + 1 : set.slots);
	const slots = Array.from(
		{ length: Math.max(0, known) },
		(): Slot => ({
			text: '',
			words: 'empty',
			state: 'empty',
		}),
	);
	for (const e of set.entries) {
		if (e.slot < 0 || e.slot >= slots.length) continue;
		const deleted = e.key === null && e.path === undefined;
		const text = deleted ? '✕' : (sight.look.at(e.key)?.value ?? '?');
		slots[e.slot] = {
			text,
			words: deleted ? 'deleted' : text,
			state: deleted ? 'dummy' : 'full',
		};
	}
	return slots;
}

const setHash = (o: Inspected, set: SetTable): string => {
	if (set.hash !== null) return String(set.hash);
	return o.type === 'frozenset' ? 'nobody asked yet' : 'none: what can change has none';
};

export function SetView({ o, set, sight }: { o: Inspected; set: SetTable; sight: Sight }) {
	const [path, show] = usePath(o, sight);
	const slots = setSlots(set, sight);
	const full = set.entries.filter((e) => e.key !== null || e.path !== undefined);
	return (
		<>
			<Section title="Hash table">
				<Pairs
					pairs={[
						['Items', `${count(set.used)} in ${plural(set.slots, 'slot')}`],
						['Deleted', plural(set.dummies, 'slot')],
						['Where', set.in_object ? 'in the object itself' : 'in a block of its own'],
						['Hash of it all', setHash(o, set)],
					]}
				/>
				<h4>Slots</h4>
				<div class="wide-slots">
					<Slots slots={slots} path={path} name="Slots of the table" />
				</div>
				<Legend path={path} cut={set.slots - slots.length} slots={set.slots} />
				<Rows
					name="Items by slot"
					heads={['Slot', 'Item', 'Slots looked at', 'Hash']}
					rows={full.map((e) => [
						String(e.slot),
						<Ref key="k" sight={sight} to={e.key} by=" item" />,
						<PathButton
							key="p"
							path={{
								label: sight.look.at(e.key)?.value ?? `slot ${e.slot}`,
								slots: e.path ?? [],
							}}
							now={path}
							show={show}
						/>,
						hashCell(e.hash),
					])}
				/>
			</Section>
			<Probes o={o} sight={sight} now={path} show={show} />
		</>
	);
}
