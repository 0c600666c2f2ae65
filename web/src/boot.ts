// Runs before the first paint, so that a chosen theme does not flash.
try {
	const embedded = document.documentElement.dataset.page === 'embed';
	const theme = embedded
		? new URLSearchParams(location.search).get('theme')
		: localStorage.getItem('vitrine.theme');
	if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
	// Storage may be refused: then the system's theme it is.
}

export {};
