// Objects: a box for each, with its number and what is in it.
import { Component, type ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { StepObject, StepValue } from '../../api';
import type { BoxView } from '../../steps/view';
import { shortName, typeName } from '../../steps/words';
import { count, plural } from '../../words';
import { Chip, hue, type Look, Value } from './values';

interface BoxProps {
	box: BoxView;
	look: Look;
	/** Of values that are named in place; a box is rendered when it changes. */
	names: string;
}

const lit = (changed: boolean): string => (changed ? ' lit-up' : '');

const CELLS = 24;
const ROWS = 12;

/** The first ones, and a button for the others. */
function useFolded<T>(values: T[], most: number) {
	const [all, setAll] = useState(false);
	const hidden = values.length - most;
	if (hidden <= 2) return { all: values.length, shown: values, button: null };
	return {
		all: values.length,
		shown: all ? values : values.slice(0, most),
		button: (
			<button type="button" class="link fold" onClick={() => setAll(!all)}>
				{all ? 'Show fewer' : `${count(hidden)} more`}
			</button>
		),
	};
}

function Cells({ o, before, look }: { o: StepObject; before: StepObject | null; look: Look }) {
	const items = useFolded(o.items ?? [], CELLS);
	const indexed = o.kind !== 'set';
	const hidden = (o.length ?? items.all) - items.all;
	if (items.all === 0 && hidden <= 0) return <p class="no-names">empty</p>;
	const was = new Set(before?.items);
	const changed = (v: StepValue, i: number) =>
		before !== null && (indexed ? before.items?.[i] !== v : !was.has(v));
	return (
		<div class="cells">
			{items.shown.map((v, i) => (
				<span key={i} class={`cell${lit(changed(v, i))}`}>
					{indexed && <span class="ix">{i}</span>}
					<span class="val">
						<Value value={v} look={look} />
					</span>
				</span>
			))}
			{items.button}
			{hidden > 0 && <span class="cell more">{count(hidden)} more, not recorded</span>}
		</div>
	);
}

function Row({
	name,
	changed,
	children,
}: {
	name: ComponentChildren;
	changed: boolean;
	children: ComponentChildren;
}) {
	return (
		<div class={changed ? 'lit-up' : undefined}>
			<dt>{name}</dt>
			<dd>{children}</dd>
		</div>
	);
}

type Pair = [StepValue, StepValue];

/** Rows of a dict, of attributes, of a closure's cells. */
function Rows({
	rows,
	before,
	literal,
	hidden,
	look,
}: {
	rows: Pair[];
	before: Pair[] | null;
	/** Names are values, not names. */
	literal: boolean;
	hidden: number;
	look: Look;
}) {
	const old = before === null ? null : new Map(before);
	const folded = useFolded(rows, ROWS);
	return (
		<dl>
			{folded.shown.map(([k, v], i) => (
				<Row
					key={i}
					name={literal ? <Value value={k} look={look} /> : k}
					changed={old !== null && old.get(k) !== v}
				>
					<Value value={v} look={look} />
				</Row>
			))}
			{folded.button !== null && <div class="more">{folded.button}</div>}
			{hidden > 0 && <div class="more">{count(hidden)} more, not recorded</div>}
		</dl>
	);
}

function List({ name, values, look }: { name: string; values: StepValue[]; look: Look }) {
	if (values.length === 0) return null;
	return (
		<Row name={name} changed={false}>
			{values.map((v, i) => (
				<span key={i}>
					{i > 0 && ', '}
					<Value value={v} look={look} />
				</span>
			))}
		</Row>
	);
}

function Inside({ box, look }: { box: BoxView; look: Look }) {
	const { object: o, before } = box;
	const attributes = o.attributes ?? [];
	return (
		<>
			{o.items !== undefined && <Cells o={o} before={before} look={look} />}
			{o.entries !== undefined &&
				(o.entries.length === 0 ? (
					<p class="no-names">empty</p>
				) : (
					<Rows
						rows={o.entries}
						before={before?.entries ?? null}
						literal={true}
						hidden={(o.length ?? o.entries.length) - o.entries.length}
						look={look}
					/>
				))}
			{o.text !== undefined && <p class={`text${lit(before !== null)}`}>{o.text}</p>}
			<dl>
				<List name="args" values={o.args ?? []} look={look} />
				<List
					name="bases"
					values={(o.bases ?? []).filter((b) => b !== "<class 'object'>")}
					look={look}
				/>
				<List name="defaults" values={o.defaults ?? []} look={look} />
				{o.function !== undefined && <List name="function" values={[o.function]} look={look} />}
				{o.self !== undefined && <List name="self" values={[o.self]} look={look} />}
			</dl>
			{o.closure !== undefined && o.closure.length > 0 && (
				<>
					<p class="part">remembers</p>
					<Rows
						rows={o.closure}
						before={before?.closure ?? null}
						literal={false}
						hidden={0}
						look={look}
					/>
				</>
			)}
			{attributes.length > 0 && (
				<Rows
					rows={attributes}
					before={before?.attributes ?? null}
					literal={false}
					hidden={0}
					look={look}
				/>
			)}
			{o.kind === 'instance' && attributes.length === 0 && (
				<p class="no-names">no attributes yet</p>
			)}
		</>
	);
}

const SIZED = new Set(['list', 'tuple', 'set', 'deque']);

function head(o: StepObject): { type: string; note: string } {
	const type = typeName(o);
	if (SIZED.has(o.kind)) return { type, note: plural(o.length ?? o.items?.length ?? 0, 'item') };
	if (o.kind === 'dict') return { type, note: plural(o.length ?? o.entries?.length ?? 0, 'key') };
	if (o.kind === 'function' || o.kind === 'class')
		return {
			type: `${o.kind} ${shortName(o.name ?? '?')}`,
			note: o.line === undefined ? '' : `line ${o.line}`,
		};
	if (o.kind === 'generator')
		return {
			type: `${type.replace('_', ' ')} ${shortName(o.name ?? '?')}`,
			note: `${o.state ?? ''}${o.line === undefined ? '' : ` at line ${o.line}`}`,
		};
	return { type, note: '' };
}

export class Box extends Component<BoxProps> {
	override shouldComponentUpdate(next: BoxProps): boolean {
		const now = this.props;
		return (
			now.box.object !== next.box.object ||
			now.box.before !== next.box.before ||
			now.box.change !== next.box.change ||
			now.names !== next.names
		);
	}

	override render() {
		const { box, look } = this.props;
		const { type, note } = head(box.object);
		return (
			// biome-ignore lint/a11y/useSemanticElements: no fieldset, nothing is filled in
			<div
				class={`box ${box.object.kind} ${hue(box.number)} ${box.change ?? ''}`}
				id={`o-${box.number}`}
				role="group"
				aria-label={`#${box.number}: ${type}${note === '' ? '' : `, ${note}`}${box.change === null ? '' : `, ${box.change}`}`}
				tabIndex={-1}
			>
				<p class="box-head">
					<Chip number={box.number} />
					<span class="box-type">{type}</span>
					<span class="quiet">{note}</span>
				</p>
				<Inside box={box} look={look} />
			</div>
		);
	}
}
