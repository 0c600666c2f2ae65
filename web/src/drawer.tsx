// Standard input and arguments, folded away until wanted.
import { argLines, stdin } from './state';
import { plural } from './words';

function summary(): string {
	const parts = [];
	if (stdin.value !== '')
		parts.push(`stdin: ${plural(stdin.value.split(/\n(?=.)/s).length, 'line')}`);
	const args = argLines.value === '' ? 0 : argLines.value.replace(/\n$/, '').split('\n').length;
	if (args > 0) parts.push(plural(args, 'argument'));
	return parts.length === 0 ? 'none' : parts.join(' · ');
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
			</div>
		</details>
	);
}
