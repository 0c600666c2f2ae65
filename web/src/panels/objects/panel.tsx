// Objects as they lie in memory: a list of names, and all that is known of the
// one that is chosen.  From there one goes on to what it refers to.
import { signal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Capture, Inspected, ObjectsLens } from '../../api-objects';
import { capturesOf, growthOf, Look, seriesOf } from '../../objects/view';
import { droppedWords, whenWords } from '../../objects/words';
import { adopt } from '../../sheet';
import { plural } from '../../words';
import { Linked, useRoving } from '../parts';
import type { PanelProps } from '../props';
import { AskWhat } from './ask';
import * as c from './callables';
import { ClassView } from './classes';
import { CHARTS, GrowthOf } from './growth';
import { AlsoKnownAs, Identity, Sizes } from './head';
import { Lookups, lookupsOf } from './lookups';
import { Memory } from './memory';
import { GROWTH, Names } from './names';
import { Float, Int } from './numbers';
import css from './objects.css' with { type: 'text' };
import type { Sight } from './refs';
import { Bytes, Sequence, Text } from './sequences';
import { Dict, SetView } from './tables';

adopt(css);

/** The name that is looked into, from run to run. */
const chosen = signal<string | null>(null);

/** What is special about it, by its kind. */
function Special({ o, sight }: { o: Inspected; sight: Sight }) {
	const items = o.list ?? o.tuple;
	return (
		<>
			{o.instance !== undefined && <c.Instance i={o.instance} sight={sight} />}
			{o.int !== undefined && <Int int={o.int} />}
			{o.float !== undefined && <Float float={o.float} />}
			{o.str !== undefined && <Text text={o.str} />}
			<Bytes o={o} />
			{items !== undefined && <Sequence o={o} items={items} sight={sight} />}
			{o.dict !== undefined && <Dict o={o} dict={o.dict} sight={sight} />}
			{o.set !== undefined && <SetView o={o} set={o.set} sight={sight} />}
			{o.class !== undefined && <ClassView inside={o.class} sight={sight} />}
			{o.function !== undefined && <c.FunctionView f={o.function} sight={sight} />}
			{o.method !== undefined && <c.Method m={o.method} sight={sight} />}
			{o.builtin !== undefined && <c.Builtin b={o.builtin} sight={sight} />}
			{o.code !== undefined && <c.Code c={o.code} />}
			{o.cell !== undefined && <c.CellView cell={o.cell} sight={sight} />}
			{o.module !== undefined && <c.ModuleView m={o.module} />}
			{o.generator !== undefined && <c.Generator g={o.generator} sight={sight} />}
			{o.exception !== undefined && <c.ExceptionView e={o.exception} sight={sight} />}
			{o.array !== undefined && <c.ArrayView a={o.array} sight={sight} />}
			{o.other !== undefined && <c.Other x={o.other} sight={sight} />}
		</>
	);
}

const lengthOf = (o: Inspected): number | null =>
	o.list?.length ?? o.dict?.used ?? o.set?.used ?? o.bytearray?.length ?? null;

interface Crumb {
	object: number;
	by: string;
}

function Trail({ trail, back }: { trail: Crumb[]; back: (to: number) => void }) {
	if (trail.length < 2) return null;
	return (
		<nav class="obj-trail" aria-label="How it was come by" data-group>
			{trail.slice(0, -1).map(({ by }, n) => (
				<button key={n} type="button" class="link" data-rove tabIndex={-1} onClick={() => back(n)}>
					{n === 0 ? `‹ ${by}` : by}
				</button>
			))}
			<span>{trail[trail.length - 1]?.by}</span>
		</nav>
	);
}

function Detail({
	sight,
	trail,
	back,
}: {
	sight: Sight;
	trail: Crumb[];
	back: (to: number) => void;
}) {
	const number = trail[trail.length - 1]?.object;
	const o = sight.look.at(number);
	const head = useRef<HTMLHeadingElement>(null);
	const deep = trail.length;
	const before = useRef(deep);
	// Who followed a reference is to hear where it led.
	useEffect(() => {
		if (before.current !== deep) head.current?.focus();
		before.current = deep;
	}, [deep]);
	if (o === null) return <p class="absent">This object was left out: there were too many.</p>;
	const names = sight.look.names(o.object);
	const grown = growthOf(sight.series, o);
	// Where it is asked for, or what one looks for first, it comes first.
	const classy = o.instance ?? o.class ?? o.module;
	const early = classy !== undefined || lookupsOf(names, sight).length > 0;
	return (
		<>
			<Trail trail={trail} back={back} />
			<h2 class="obj-title" tabIndex={-1} ref={head}>
				<span class="quiet">{o.type}</span> <code>{o.value}</code>
			</h2>
			<AlsoKnownAs names={names} />
			<Identity o={o} />
			<Special o={o} sight={sight} />
			{early && <Lookups names={names} sight={sight} />}
			{grown !== null && (
				<GrowthOf title="Room over time" series={grown} length={lengthOf(o)} lines={sight.lines} />
			)}
			<Sizes o={o} />
			<Memory o={o} sight={sight} />
			{!early && <Lookups names={names} sight={sight} />}
		</>
	);
}

function AllGrowth({ sight }: { sight: Sight }) {
	const { series, lines } = sight;
	return (
		<>
			<h2 class="obj-title">Room over time</h2>
			{series.slice(0, CHARTS).map((s, n) => (
				<GrowthOf key={n} title={`${s.name}, a ${s.kind}`} series={s} length={null} lines={lines} />
			))}
			{series.length > CHARTS && (
				<p class="quiet small obj-note">
					{plural(series.length - CHARTS, 'container')} more, not shown.
				</p>
			)}
		</>
	);
}

/** What was asked about and is not there. */
function Unbound({ capture }: { capture: Capture }) {
	const none = capture.lookups.filter((l) => !l.bound).map((l) => l.expression);
	if (none.length === 0) return null;
	return (
		<p class="small obj-note">
			Not looked up, as there is no such name: <code>{none.join(', ')}</code>
		</p>
	);
}

function View({ lens, capture, lines }: { lens: ObjectsLens; capture: Capture; lines: string[] }) {
	const look = useMemo(() => new Look(capture), [capture]);
	const series = useMemo(() => seriesOf(lens.growth ?? []), [lens]);
	const names = capture.names;
	const kept = names.some((n) => n.name === chosen.value) ? chosen.value : null;
	const name =
		kept ?? (chosen.value === GROWTH && series.length > 0 ? GROWTH : (names[0]?.name ?? GROWTH));
	const start = names.find((n) => n.name === name);
	const [path, setPath] = useState<{ from: string; capture: Capture; crumbs: Crumb[] } | null>(
		null,
	);
	const crumbs = path !== null && path.from === name && path.capture === capture ? path.crumbs : [];
	const set = (next: Crumb[]) => setPath({ from: name, capture, crumbs: next });
	const sight: Sight = {
		look,
		series,
		lines,
		go: (object, by) => set([...crumbs, { object, by }]),
	};
	const trail = [{ object: start?.object ?? 0, by: name }, ...crumbs];
	const dropped = droppedWords(capture);
	return (
		<div class="obj-main">
			<Names
				look={look}
				chosen={name}
				choose={(next) => {
					chosen.value = next;
					setPath(null);
				}}
				grown={series.length}
			/>
			<Linked id="objects">
				<div class="obj-detail">
					<Unbound capture={capture} />
					{name === GROWTH ? (
						<AllGrowth sight={sight} />
					) : (
						<Detail
							key={name}
							sight={sight}
							trail={trail}
							back={(to) => set(crumbs.slice(0, to))}
						/>
					)}
					{dropped !== '' && <p class="quiet small obj-note">{dropped}</p>}
				</div>
			</Linked>
		</div>
	);
}

function missed(lens: ObjectsLens): string {
	const rare = (lens.lines ?? []).filter((l) => l.captured < l.hits);
	return rare
		.map((l) =>
			l.captured === 0
				? `line ${l.line}: not looked at`
				: `line ${l.line}: the first ${l.captured} of ${plural(l.hits, 'time')}`,
		)
		.join('; ');
}

export function ObjectsBody({ result, lines }: PanelProps) {
	const lens = result.lenses.objects ?? {};
	const captures = useMemo(() => capturesOf(lens), [lens]);
	const [picked, pick] = useState<{ lens: ObjectsLens; at: number } | null>(null);
	const box = useRef<HTMLDivElement>(null);
	useRoving(box);
	const at = picked?.lens === lens ? picked.at : captures.length - 1;
	const capture = captures[at];
	const never = (lens.lines ?? []).filter((l) => l.hits === 0).map((l) => l.line);
	const rare = missed(lens);
	return (
		<div class="objects" ref={box}>
			<div class="obj-head">
				{captures.length > 1 && (
					<label class="obj-when">
						<span>When</span>
						<select value={at} onChange={(e) => pick({ lens, at: Number(e.currentTarget.value) })}>
							{captures.map((one, n) => (
								<option key={n} value={n}>
									{whenWords(one)}
								</option>
							))}
						</select>
					</label>
				)}
				<AskWhat />
			</div>
			{never.length > 0 && (
				<p class="quiet small pad">Never about to run: line {never.join(', ')}.</p>
			)}
			{rare !== '' && <p class="quiet small pad">Looked at in part: {rare}.</p>}
			{capture === undefined ? (
				<div class="panel-body">
					<p class="absent">
						The program did not come to its last line, nor to a line that was asked for, so there
						was nothing to look at.
					</p>
				</div>
			) : capture.names.length === 0 && (lens.growth ?? []).length === 0 ? (
				<div class="panel-body">
					<p class="absent">No name is bound to anything here.</p>
				</div>
			) : (
				<View lens={lens} capture={capture} lines={lines} />
			)}
		</div>
	);
}
