// Functions and what belongs to them, generators, instances, and all else.
import type { Inspected, InstanceAttribute } from '../../api-objects';
import * as words from '../../objects/words';
import { count, plural } from '../../words';
import { LineLink } from '../parts';
import { Named, type Pair, Pairs, Ref, type Row, Rows, Section, type Sight } from './refs';

type Inside<K extends keyof Inspected> = NonNullable<Inspected[K]>;

export function FunctionView({ f, sight }: { f: Inside<'function'>; sight: Sight }) {
	const none = f.defaults.length + f.kwdefaults.length + f.closure.length === 0;
	return (
		<Section title="Function">
			<Pairs
				pairs={[
					['Qualified name', f.qualname ?? 'none'],
					['Module', f.module ?? 'none'],
					['Code', <Ref key="code" sight={sight} to={f.code} by=".__code__" />],
					[
						'__dict__',
						f.dict === null ? (
							'not made yet'
						) : (
							<Ref key="d" sight={sight} to={f.dict} by=".__dict__" />
						),
					],
				]}
			/>
			{none && (
				<p class="quiet small obj-note">No defaults, and no variables of a function around it.</p>
			)}
			{f.defaults.length + f.kwdefaults.length > 0 && (
				<>
					<h4>Defaults: made once, at the def, and shared by all calls</h4>
					<Named sight={sight} title="Parameter" all={[...f.defaults, ...f.kwdefaults]} />
				</>
			)}
			{f.closure.length > 0 && (
				<>
					<h4>Closure: cells that it shares with the function around it</h4>
					<Rows
						name="Closure"
						heads={['Variable', 'Cell', 'In the cell now']}
						rows={f.closure.map(({ name, object }) => {
							const cell = sight.look.at(object)?.cell;
							return [
								<code key="name">{name ?? '?'}</code>,
								<Ref key="cell" sight={sight} to={object} by={` cell ${name ?? '?'}`} />,
								cell === undefined ? (
									'not shown'
								) : cell.contents === null ? (
									'nothing'
								) : (
									<Ref key="in" sight={sight} to={cell.contents} by={` cell ${name ?? '?'}`} />
								),
							];
						})}
					/>
				</>
			)}
		</Section>
	);
}

export const Method = ({ m, sight }: { m: Inside<'method'>; sight: Sight }) => (
	<Section title="Bound method">
		<Pairs
			pairs={[
				['Function', <Ref key="f" sight={sight} to={m.function} by=".__func__" />],
				['Its self', <Ref key="s" sight={sight} to={m.self} by=".__self__" />],
			]}
		/>
	</Section>
);

export const Builtin = ({ b, sight }: { b: Inside<'builtin'>; sight: Sight }) => (
	<Section title="Made in C">
		<Pairs
			pairs={[
				['Name', b.name],
				[
					'Its self',
					b.self === null ? 'none' : <Ref key="s" sight={sight} to={b.self} by=".__self__" />,
				],
			]}
		/>
	</Section>
);

export const Code = ({ c }: { c: Inside<'code'> }) => (
	<Section title="Code object">
		<Pairs
			pairs={[
				['Qualified name', c.qualname ?? 'none'],
				[
					'Begins at',
					c.file === null || c.file.endsWith('/main.py') ? (
						<LineLink key="line" place={{ line: c.first_line }} />
					) : (
						`line ${c.first_line} of ${c.file}`
					),
				],
				[
					'Parameters',
					`${count(c.arg_count)}, ${count(c.posonly_arg_count)} of them by position only; ${count(c.kwonly_arg_count)} by name only`,
				],
				['Local variables', count(c.local_count)],
				['Stack', plural(c.stack_size, 'value')],
				['Bytecode', plural(c.code_bytes, 'byte')],
			]}
		/>
	</Section>
);

export const CellView = ({ cell, sight }: { cell: Inside<'cell'>; sight: Sight }) => (
	<Section title="Cell">
		<p class="obj-say">
			One variable that several functions share. In it now:{' '}
			{cell.contents === null ? 'nothing' : <Ref sight={sight} to={cell.contents} by=" contents" />}
		</p>
	</Section>
);

export const ModuleView = ({ m }: { m: Inside<'module'> }) => (
	<Section title="Module">
		<Pairs
			pairs={[
				['Name', m.name ?? 'none'],
				['File', m.file ?? 'none'],
				['Names in it', count(m.names)],
			]}
		/>
	</Section>
);

const states: Record<string, string> = {
	created: 'not begun: no line of it ran yet',
	suspended: 'suspended: it waits, and keeps its frame',
	running: 'running',
	closed: 'closed: its frame is gone',
};

export function Generator({ g, sight }: { g: Inside<'generator'>; sight: Sight }) {
	return (
		<Section title="Frame that waits">
			<Pairs
				pairs={[
					['State', states[g.state] ?? g.state],
					['At', g.line === null ? 'no line' : <LineLink key="line" place={{ line: g.line }} />],
					['Code', <Ref key="code" sight={sight} to={g.code} by=".gi_code" />],
					[
						'Waits for',
						g.waits_for === null ? (
							'nothing but next()'
						) : (
							<Ref key="w" sight={sight} to={g.waits_for} by=" waits for" />
						),
					],
				]}
			/>
			{g.locals.length > 0 && <Named sight={sight} title="Local" all={g.locals} />}
			{g.stack.length > 0 && (
				<>
					<h4>Its stack, the lowest first</h4>
					<ol class="spots" start={0} aria-label="Stack">
						{g.stack.map((item, n) => (
							<li key={n} class="spot">
								<span class="spot-at">{n}</span>
								<Ref sight={sight} to={item} by={` stack ${n}`} />
							</li>
						))}
					</ol>
				</>
			)}
		</Section>
	);
}

const whereWords = (a: InstanceAttribute): string => {
	if (a.where === 'slot') return `slot at ${words.offsetWords(a.offset ?? 0)}`;
	if (a.where === 'values') return `value ${a.index ?? '?'}, for that key of the class`;
	return 'its dict';
};

export function Instance({ i, sight }: { i: Inside<'instance'>; sight: Sight }) {
	const pairs: Pair[] = [
		['Class', <Ref key="class" sight={sight} to={i.class} by=".__class__" />],
		['Attributes are kept in', words.storageWords[i.storage] ?? i.storage],
	];
	if (i.values_capacity !== undefined) pairs.push(['Room for', plural(i.values_capacity, 'value')]);
	if (i.dict !== null)
		pairs.push(['__dict__', <Ref key="dict" sight={sight} to={i.dict} by=".__dict__" />]);
	return (
		<Section title="Instance">
			<Pairs pairs={pairs} />
			{i.attributes.length > 0 && (
				<Rows
					name="Attributes"
					heads={['Attribute', 'Object', 'Where']}
					rows={i.attributes.map((a): Row => {
						const name = a.name ?? sight.look.at(a.key)?.value ?? '?';
						return [
							<code key="name">{name}</code>,
							a.where === 'slot' && a.object === null ? (
								<i key="unset">not set</i>
							) : (
								<Ref key="to" sight={sight} to={a.object} by={`.${name}`} />
							),
							whereWords(a),
						];
					})}
				/>
			)}
		</Section>
	);
}

export function ExceptionView({ e, sight }: { e: Inside<'exception'>; sight: Sight }) {
	const to = (object: number | null, by: string) =>
		object === null ? 'none' : <Ref key={by} sight={sight} to={object} by={by} />;
	return (
		<Section title="Exception">
			<Pairs
				pairs={[
					['args', to(e.args, '.args')],
					['__cause__, of raise … from', to(e.cause, '.__cause__')],
					['__context__, handled meanwhile', to(e.context, '.__context__')],
					['__traceback__', e.has_traceback ? 'yes: it keeps the frames alive' : 'none'],
				]}
			/>
		</Section>
	);
}

export function ArrayView({ a, sight }: { a: Inside<'array'>; sight: Sight }) {
	return (
		<Section title="Array">
			<Pairs
				pairs={[
					['dtype', `${a.dtype}, ${plural(a.itemsize, 'byte')} an element`],
					['Shape', `(${a.shape.join(', ')}), ${plural(a.elements, 'element')}`],
					['Strides', `(${a.strides.join(', ')}): bytes from one element to the next, by axis`],
					['Flags', a.flags.join(', ')],
					['Data', `${words.address(a.data)}, ${a.owns_data ? 'its own' : 'another’s'}`],
					[
						'Base',
						a.base === null ? (
							'none: it is no view'
						) : (
							<span key="base">
								<Ref sight={sight} to={a.base} by=".base" />
								{a.offset_in_base !== null &&
									`, it begins ${plural(a.offset_in_base, 'byte')} into it`}
							</span>
						),
					],
				]}
			/>
		</Section>
	);
}

export function Other({ x, sight }: { x: Inside<'other'>; sight: Sight }) {
	if (x.members.length + x.refers_to.length === 0) return null;
	return (
		<Section title="What it refers to">
			{x.members.length > 0 && <Named sight={sight} title="Member" all={x.members} />}
			{x.refers_to.length > 0 && (
				<ol class="spots" start={0} aria-label="Refers to">
					{x.refers_to.map((item, n) => (
						<li key={n} class="spot">
							<Ref sight={sight} to={item} by={` refers to ${n}`} />
						</li>
					))}
				</ol>
			)}
		</Section>
	);
}
