// Standard input and arguments, and the lenses, folded away until wanted.
import { lensNames } from './api';
import { panels } from './panels';
import { argLines, carried, lensesOff, stdin } from './state';
import { plural } from './words';

function summary(): string {
	const parts = [];
	if (stdin.value !== '')
		parts.push(`stdin: ${plural(stdin.value.split(/\n(?=.)/s).length, 'line')}`);
	const args = argLines.value === '' ? 0 : argLines.value.replace(/\n$/, '').split('\n').length;
	if (args > 0) parts.push(plural(args, 'argument'));
	parts.push(...carriedWords());
	return parts.length === 0 ? 'none' : parts.join(' · ');
}

/** What came by a link and there is no field for. */
function carriedWords(): string[] {
	const { files = [], limits = {}, hash_seed, start } = carried.value;
	return [
		...files.map((f) => `file ${f.path}`),
		...Object.entries(limits).map(([name, n]) => `${name} ${n}`),
		...(hash_seed === undefined ? [] : [`hash_seed ${hash_seed}`]),
		...(start === undefined ? [] : [`start ${start}`]),
	];
}

function CarriedView() {
	const words = carriedWords();
	if (words.length === 0) return null;
	return (
		<div class="carried">
			<p>By the link, each run also has: {words.join(', ')}.</p>
			{carried.value.files?.map((f) => (
				<details key={f.path}>
					<summary>{f.path}</summary>
					<pre>{f.text ?? f.base64}</pre>
				</details>
			))}
			<button
				type="button"
				class="plain-button"
				onClick={() => {
					carried.value = {};
				}}
			>
				Leave these off
			</button>
		</div>
	);
}

export function Drawer() {
	return (
		<details class="drawer">
			<summary>
				<span class="drawer-title">Input and arguments</span>
				<span class="quiet">{summary()}</span>
			</summary>
			<div class="drawer-body">
				<label>
					<span>Standard input</span>
					<textarea
						rows={4}
						spellcheck={false}
						value={stdin.value}
						onInput={(e) => {
							stdin.value = e.currentTarget.value;
						}}
					/>
				</label>
				<label>
					<span>Arguments, one a line</span>
					<textarea
						rows={4}
						spellcheck={false}
						value={argLines.value}
						onInput={(e) => {
							argLines.value = e.currentTarget.value;
						}}
					/>
				</label>
				<CarriedView />
			</div>
		</details>
	);
}

const titleOf = (name: string): string => panels.find((p) => p.id === name)?.title ?? name;

/** What a run is looked at through. */
export function LensDrawer() {
	const off = lensesOff.value;
	const on = lensNames.filter((name) => !off.includes(name));
	return (
		<details class="drawer">
			<summary>
				<span class="drawer-title">Lenses</span>
				<span class="quiet">
					{off.length === 0 ? 'all' : on.length === 0 ? 'none' : on.map(titleOf).join(' · ')}
				</span>
			</summary>
			<fieldset class="drawer-checks">
				<legend class="small quiet">
					What a run records. Steps and refcounts make long programs slower.
				</legend>
				{lensNames.map((name) => (
					<label class="check" key={name}>
						<input
							type="checkbox"
							checked={!off.includes(name)}
							onChange={(e) => {
								const rest = off.filter((o) => o !== name);
								lensesOff.value = e.currentTarget.checked ? rest : [...rest, name];
							}}
						/>
						{titleOf(name)}
					</label>
				))}
			</fieldset>
		</details>
	);
}
