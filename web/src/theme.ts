import { effect, signal } from '@preact/signals';
import { embedded } from './embedded';

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'vitrine.theme';
const order: Theme[] = ['system', 'light', 'dark'];

function kept(): Theme {
	try {
		const value = embedded
			? new URLSearchParams(location.search).get('theme')
			: localStorage.getItem(KEY);
		return value === 'light' || value === 'dark' ? value : 'system';
	} catch {
		return 'system';
	}
}

export const theme = signal<Theme>(kept());

export function nextTheme(): void {
	theme.value = order[(order.indexOf(theme.value) + 1) % order.length] ?? 'system';
}

effect(() => {
	const value = theme.value;
	if (value === 'system') delete document.documentElement.dataset.theme;
	else document.documentElement.dataset.theme = value;
	if (embedded) return;
	try {
		if (value === 'system') localStorage.removeItem(KEY);
		else localStorage.setItem(KEY, value);
	} catch {
		// Not kept then.
	}
});
