import { CompareButton } from './compare/button';
import { versionWords } from './compare/choice';
import { earlier } from './draft';
import { examples } from './examples';
import { ShareButton } from './share/button';
import { narrow } from './sides';
import * as s from './state';
import { nextTheme, theme } from './theme';

const mac = /Mac|iPhone|iPad/.test(navigator.platform);

export function Mark() {
	return (
		<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
			<path class="case" d="M8 25V13a8 8 0 0 1 16 0v12" />
			<path class="plinth" d="M5.5 25.5h21" />
			<circle cx="16" cy="18" r="3.4" />
		</svg>
	);
}

/** Which one a run is made on; a choice where there are several. */
function RuntimeName() {
	const r = s.runtime.value;
	if (r === null) return <span class="runtime quiet">runtime unknown</span>;
	if (s.runtimes.value.length === 1) return <span class="runtime">CPython {r.version}</span>;
	return (
		<label class="picker runtimes">
			<span class="sr">Run on</span>
			<select
				value={r.id}
				onChange={(e) => {
					s.runtimeId.value = e.currentTarget.value;
				}}
			>
				{s.runtimes.value.map((one) => (
					<option key={one.id} value={one.id}>
						{narrow.value ? '' : 'CPython '}
						{versionWords(one)}
					</option>
				))}
			</select>
		</label>
	);
}

function choose(id: string) {
	const example = examples.find((e) => e.id === id);
	if (example === undefined) return;
	s.backTo({
		...s.draftNow(),
		code: example.code,
		stdin: example.stdin ?? '',
		args: '',
		watch: '',
		carried: {},
	});
	s.tab.value = example.tab;
	s.editor.current?.focus();
}

/** Its first line that says something. */
const titleOf = (code: string): string =>
	(/^.*\w.*$/m.exec(code)?.[0].trim() ?? 'no words').slice(0, 40);

function Examples() {
	return (
		<label class="picker examples">
			<span class="sr">Examples</span>
			<select
				value=""
				onChange={(e) => {
					const { value } = e.currentTarget;
					const draft = earlier.value[Number(value)];
					if (draft === undefined) choose(value);
					else s.backTo(draft);
					e.currentTarget.value = '';
				}}
			>
				<option value="" disabled>
					Examples
				</option>
				{examples.map((e) => (
					<option key={e.id} value={e.id}>
						{e.title}
					</option>
				))}
				{earlier.value.length > 0 && (
					<optgroup label="Your earlier drafts">
						{earlier.value.map((draft, i) => (
							<option key={i} value={i}>
								{titleOf(draft.code)}
							</option>
						))}
					</optgroup>
				)}
			</select>
		</label>
	);
}

const glyphs = { system: '◐', light: '☀', dark: '☾', contrast: '◼' };
const names = { system: 'system', light: 'light', dark: 'dark', contrast: 'high contrast' };

export function ThemeButton() {
	return (
		<button
			type="button"
			class="icon theme"
			aria-label={`Theme: ${names[theme.value]}. Change it`}
			title={`Theme: ${names[theme.value]}`}
			onClick={nextTheme}
		>
			<span aria-hidden="true">{glyphs[theme.value]}</span>
		</button>
	);
}

export function RunButton() {
	if (s.running.value)
		return (
			<button type="button" class="run stop" onClick={s.stop}>
				<span aria-hidden="true">■</span> Stop
			</button>
		);
	return (
		<button
			type="button"
			class="run"
			aria-keyshortcuts={mac ? 'Meta+Enter' : 'Control+Enter'}
			onClick={() => void s.run()}
		>
			<span aria-hidden="true">▶</span> Run
			<span class="keys" aria-hidden="true">
				{mac ? '⌘⏎' : 'Ctrl ⏎'}
			</span>
		</button>
	);
}

export function Header() {
	return (
		<header class="top">
			<h1>
				<Mark />
				<span class="word">Vitrine</span>
			</h1>
			<RuntimeName />
			<span class="spacer" />
			<Examples />
			<a class="confined" href="/posture">
				Confinement
			</a>
			<ThemeButton />
			<ShareButton />
			<CompareButton />
			<RunButton />
		</header>
	);
}
