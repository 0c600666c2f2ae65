// What the objects are asked: a few fields, each next to what it is about.
import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { readAttributes, readKeys, readLines, readNames } from '../../objects/ask';
import { asked, caret, run, running } from '../../state';

function Field({
	label,
	hint,
	value,
	refused,
	why,
	children,
}: {
	label: string;
	/** What it stands for when it is empty, or an example. */
	hint: string;
	value: Signal<string>;
	refused: string[];
	why: string;
	children?: ComponentChildren;
}) {
	return (
		<form
			class="ask-field"
			onSubmit={(e) => {
				e.preventDefault();
				void run();
			}}
		>
			<label>
				<span>{label}</span>
				<input
					type="text"
					placeholder={hint}
					spellcheck={false}
					autocapitalize="off"
					value={value.value}
					onInput={(e) => {
						value.value = e.currentTarget.value;
					}}
				/>
			</label>
			{children}
			<button type="submit" class="plain-button" disabled={running.value}>
				Run again
			</button>
			{refused.length > 0 && (
				<p class="ask-refused small" role="status">
					Left out: {refused.join(', ')}. {why}
				</p>
			)}
		</form>
	);
}

export const AskKeys = () => (
	<Field
		label="Keys"
		hint="a, 7, '7'"
		value={asked.keys}
		refused={readKeys(asked.keys.value).refused}
		why="A key is a str of at most 128 characters or an int; at most 16 of them."
	/>
);

export const AskAttributes = ({ example }: { example: string }) => (
	<Field
		label="Lookups"
		hint={example}
		value={asked.attributes}
		refused={readAttributes(asked.attributes.value).refused}
		why="One is a name, a dot and an attribute, as in point.x; at most 16 of them."
	/>
);

function AddLine() {
	const line = caret.value?.line;
	if (line === undefined || readLines(asked.lines.value).values.includes(line)) return null;
	return (
		<button
			type="button"
			class="plain-button"
			onClick={() => {
				asked.lines.value = `${asked.lines.value} ${line}`.trim();
			}}
		>
			Add line {line}
		</button>
	);
}

const listed = (words: (string | number)[], none: string): string =>
	words.length === 0 ? none : words.join(', ');

/** Which names, and when. */
export function AskWhat() {
	const names = readNames(asked.names.value);
	const lines = readLines(asked.lines.value);
	return (
		<details class="ask">
			<summary>
				<span class="drawer-title">Looked at</span>
				<span class="quiet">
					{listed(names.values, 'every name')},{' '}
					{lines.values.length === 0
						? 'at the end'
						: `before line ${lines.values.join(', ')} and at the end`}
				</span>
			</summary>
			<div class="ask-fields">
				<Field
					label="Names"
					hint="every name"
					value={asked.names}
					refused={names.refused}
					why="A name is one of Python’s; at most 64 of them."
				/>
				<Field
					label="Before lines"
					hint="at the end only"
					value={asked.lines}
					refused={lines.refused}
					why="A line is a number from 1 on; at most 16 of them."
				>
					<AddLine />
				</Field>
			</div>
		</details>
	);
}
