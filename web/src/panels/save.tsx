// Saves a picture as a file.
import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';

/** What is in `of`: its title is the panel's, and what is told of it the picture's own words, or else the panel's first. */
async function save(of: HTMLElement): Promise<void> {
	const { svgOf } = await import('../svg');
	const panel = of.closest('.panel');
	const id = panel?.id.replace('panel-', '') ?? 'picture';
	const title = document.getElementById(`tab-${id}`)?.textContent ?? id;
	const told = [...of.querySelectorAll('svg[aria-label]')].map((svg) => svg.ariaLabel);
	const desc = told.length > 0 ? told.join('. ') : panel?.querySelector('.prose p')?.textContent;
	const file = new Blob([svgOf(of, `${title} of main.py`, desc ?? '')], { type: 'image/svg+xml' });
	const link = document.createElement('a');
	link.href = URL.createObjectURL(file);
	link.download = `vitrine-${id}.svg`;
	link.click();
	// Not before the browser has begun to read it.
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export function SaveSvg({ of }: { of: RefObject<HTMLElement | null> }) {
	const [failed, setFailed] = useState(false);
	return (
		<button
			type="button"
			class="plain-button save-svg"
			onClick={() => {
				if (of.current !== null)
					save(of.current).then(
						() => setFailed(false),
						() => setFailed(true),
					);
			}}
		>
			{failed ? 'Not saved: try again' : 'Save as SVG'}
		</button>
	);
}
