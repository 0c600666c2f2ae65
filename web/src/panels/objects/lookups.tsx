// Where an attribute was looked for, place by place.
import type { Lookup, LookupStep } from '../../api-objects';
import * as words from '../../objects/words';
import { AskAttributes } from './ask';
import { Ref, Section, type Sight } from './refs';

function Step({ step, sight }: { step: LookupStep; sight: Sight }) {
	return (
		<>
			<ol class="tried" aria-label={`Places tried for ${step.attribute}`}>
				{step.tried.map((t, n) => (
					<li key={n} class={t.found ? 'found' : undefined}>
						<strong>{words.placeWords(t)}</strong>: {words.triedWords(t)}
						{t.found && t.object != null && (
							<>
								{' · '}
								<Ref sight={sight} to={t.object} by={`.${step.attribute}`} />
							</>
						)}
					</li>
				))}
			</ol>
			<p class="obj-say">
				{words.resultWords(step.result)}
				{step.calls !== null && (
					<>
						{' '}
						<Ref sight={sight} to={step.calls} by={`.${step.attribute}`} />
					</>
				)}
				{step.object !== null && step.object !== step.calls && (
					<>
						{' '}
						It is <Ref sight={sight} to={step.object} by={`.${step.attribute}`} />
					</>
				)}
			</p>
		</>
	);
}

export function LookupView({ lookup, sight }: { lookup: Lookup; sight: Sight }) {
	return (
		<div class="lookup">
			<h4>
				<code>{lookup.expression}</code>
			</h4>
			{lookup.steps.map((step, n) => (
				<Step key={n} step={step} sight={sight} />
			))}
		</div>
	);
}

/** Those that begin at one of these names. */
export const lookupsOf = (names: string[], sight: Sight): Lookup[] =>
	sight.look.capture.lookups.filter(
		(l) => l.bound && names.includes(l.expression.split('.')[0] ?? ''),
	);

export function Lookups({ names, sight }: { names: string[]; sight: Sight }) {
	const first = names[0];
	if (first === undefined) return null;
	const mine = lookupsOf(names, sight);
	return (
		<Section title="Looking up an attribute">
			<AskAttributes example={`${first}.name`} />
			{mine.map((l) => (
				<LookupView key={l.expression} lookup={l} sight={sight} />
			))}
		</Section>
	);
}
