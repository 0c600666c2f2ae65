// The button that shares, and the box that it opens; what is in the box comes with it.
import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { isLink, storedId } from './is-link';

const BOX = 'share';

const menu = signal<ComponentType | null>(null);
const failed = signal(false);
const isOpen = signal(false);
/** What says that the page came by a link; here once one was opened. */
const notice = signal<ComponentType<{ draft?: boolean }> | null>(null);

/** Opens a link that is in the address. */
export async function openAddress(): Promise<void> {
	try {
		const part = await import('./open');
		notice.value = part.LinkNotice;
		const id = storedId();
		await (id === null || isLink(location.hash)
			? part.openLink(location.hash)
			: part.openStored(id));
	} catch {
		notice.value = () => (
			<p class="stale" role="alert">
				What opens links could not be loaded: the server did not answer. Your own draft is here;
				load the page again to open the link.
			</p>
		);
	}
}

export function Notice() {
	const Body = notice.value;
	return Body !== null && <Body />;
}

export function ShareButton() {
	return (
		<button
			type="button"
			class="plain-button share"
			popovertarget={BOX}
			aria-haspopup="dialog"
			aria-label="Share"
			title="A link, a command or text with this snippet"
		>
			<svg viewBox="0 0 16 16" aria-hidden="true">
				<path d="M8 10V1.8M4.8 4.8 8 1.6l3.2 3.2M3 8v6h10V8" />
			</svg>
			<span class="word">Share</span>
		</button>
	);
}

async function load() {
	failed.value = false;
	try {
		const { Menu } = await import('./menu');
		menu.value = Menu;
	} catch {
		failed.value = true;
	}
}

/** Escape closes it, and goes back to the button. */
export function ShareBox() {
	const Body = menu.value;
	return (
		<div
			id={BOX}
			popover="auto"
			class="share-box"
			role="dialog"
			aria-labelledby="share-head"
			onToggle={(e) => {
				isOpen.value = (e as unknown as ToggleEvent).newState === 'open';
				if (isOpen.value) void load();
			}}
		>
			<h2 id="share-head">Share</h2>
			{Body !== null ? (
				isOpen.value && <Body />
			) : (
				<p class="quiet small" role="status">
					{failed.value ? 'This part could not be loaded: the server did not answer.' : 'Loading…'}
				</p>
			)}
		</div>
	);
}
