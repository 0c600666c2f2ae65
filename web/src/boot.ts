// Runs before the first paint, so that a chosen theme does not flash, and what is needed comes early.
const usual = matchMedia('(prefers-contrast: more)').matches ? 'contrast' : undefined;
try {
	const embedded = document.documentElement.dataset.page === 'embed';
	const theme = embedded
		? new URLSearchParams(location.search).get('theme')
		: localStorage.getItem('vitrine.theme');
	const shown = ['light', 'dark', 'contrast'].find((one) => one === theme) ?? usual;
	if (shown !== undefined) document.documentElement.dataset.theme = shown;
	// The editor comes along with the page, where it is not the plain field that is used.
	if (!embedded && localStorage.getItem('vitrine.plain') === null)
		for (const part of document.querySelectorAll<HTMLLinkElement>('link[rel=later]'))
			part.rel = 'modulepreload';
} catch {
	// Storage may be refused: then the system's theme it is.
	if (usual !== undefined) document.documentElement.dataset.theme = usual;
}

export {};
