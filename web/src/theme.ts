import { effect, signal } from '@preact/signals';
import { embedded } from './embedded';

const order = ['system', 'light', 'dark', 'contrast'] as const;
export type Theme = (typeof order)[number];
const KEY = 'vitrine.theme';

function kept(): Theme {
	try {
		const value = embedded
			? new URLSearchParams(location.search).get('theme')
			: localStorage.getItem(KEY);
		return order.find((one) => one === value) ?? 'system';
	} catch {
		return 'system';
	}
}

export const theme = signal<Theme>(kept());

export function nextTheme(): void {
	theme.value = order[(order.indexOf(theme.value) + 1) % order.length] ?? 'system';
}

/** The system asks for more contrast, and is followed. */
const more = matchMedia('(prefers-contrast: more)');
const asked = signal(more.matches);
more.addEventListener('change', () => {
	asked.value = more.matches;
});

effect(() => {
	const value = theme.value;
	const shown = value === 'system' && asked.value ? 'contrast' : value;
	if (shown === 'system') delete document.documentElement.dataset.theme;
	else document.documentElement.dataset.theme = shown;
	if (embedded) return;
	try {
		if (value === 'system') localStorage.removeItem(KEY);
		else localStorage.setItem(KEY, value);
	} catch {
		// Not kept then.
	}
});
