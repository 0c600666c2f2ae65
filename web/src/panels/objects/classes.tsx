// Classes: how the MRO came about, what instances have, what is in the class.
import type { ClassInside, Descriptor, MergeStep } from '../../api-objects';
import * as words from '../../objects/words';
import { count, plural } from '../../words';
import { Pairs, Ref, Rows, Section, type Sight } from './refs';

const kinds: Record<string, string> = {
	data: 'data descriptor',
	'non-data': 'descriptor without __set__',
};
const descriptorWords = (d: Descriptor): string => (d === null ? '' : (kinds[d] ?? d));

/** What is left of each list: what was taken, what must wait. */
function Lists({ step }: { step: MergeStep }) {
	return (
		<ul class="merge-lists">
			{step.lists.map((list, n) => (
				<li key={n}>
					{list.map((name, i) => {
						const state =
							i > 0
								? ''
								: name === step.taken
									? 'taken'
									: step.passed_over.includes(name)
										? 'passed'
										: 'head';
						return (
							<span key={i} class={`merge-name ${state}`}>
								{name}
								{state === 'taken' && <span aria-hidden="true"> ✓</span>}
								{state === 'passed' && <span aria-hidden="true"> ✕</span>}
							</span>
						);
					})}
				</li>
			))}
		</ul>
	);
}

function Order({ inside }: { inside: ClassInside }) {
	return (
		<Section title="MRO: where attributes are looked for, in order">
			<ol class="mro">
				{inside.mro.map((name) => (
					<li key={name}>{name}</li>
				))}
			</ol>
			{inside.mro_by !== 'C3' ? (
				<p class="quiet small obj-note">
					The metaclass has an mro() of its own, or it is too long to be told.
				</p>
			) : inside.merge.length === 0 ? (
				<p class="quiet small obj-note">One base: the class, then the MRO of its base.</p>
			) : (
				<>
					<p class="quiet small obj-note">
						C3 puts {inside.name} first, then merges the MRO of each base and the list of the bases:
						it takes the first head that stands nowhere further back.
					</p>
					<Rows
						name="Steps of the merge"
						heads={['Step', 'What is left of the lists', 'Taken', 'Why']}
						rows={inside.merge.map((step, n) => [
							String(n + 1),
							<Lists key="lists" step={step} />,
							<strong key="taken">{step.taken}</strong>,
							words.mergeWords(step),
						])}
					/>
				</>
			)}
		</Section>
	);
}

export function ClassView({ inside, sight }: { inside: ClassInside; sight: Sight }) {
	const shared = inside.shared_keys;
	const slots = inside.slots ?? [];
	return (
		<>
			<Order inside={inside} />
			<Section title="What instances have">
				<Pairs
					pairs={[
						[
							'Bytes of one',
							`${count(inside.basicsize)}${inside.itemsize > 0 ? `, and ${count(inside.itemsize)} for each item` : ''}`,
						],
						[
							'Slots',
							slots.length === 0
								? 'none of its own'
								: slots.map((s) => `${s.name} at ${words.offsetWords(s.offset)}`).join(', '),
						],
						[
							'Shared keys',
							shared == null
								? 'none: its instances have no __dict__'
								: `${shared.names.length === 0 ? 'none yet' : shared.names.join(', ')}; room for ${count(shared.free)} more, ${count(shared.bytes)} bytes once for all`,
						],
					]}
				/>
			</Section>
			<Section title="What is in the class">
				<Rows
					name="Attributes of the class"
					heads={['Name', 'Type', 'Object']}
					rows={(inside.attributes ?? []).map((a) => [
						<code key="name">{a.name ?? '?'}</code>,
						<span key="type">
							{a.type}
							{a.descriptor !== null && <span class="tag"> {descriptorWords(a.descriptor)}</span>}
						</span>,
						a.object === undefined ? (
							''
						) : (
							<Ref key="to" sight={sight} to={a.object} by={`.${a.name ?? '?'}`} />
						),
					])}
				/>
				<p class="quiet small obj-note">
					{plural(inside.attributes?.length ?? 0, 'attribute')}, made by{' '}
					{inside.made_by === 'C' ? 'C' : 'a class statement or type()'}.
				</p>
			</Section>
		</>
	);
}
