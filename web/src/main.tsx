import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { Chooser, CompareButton } from './compare/button';
import { EditorPane } from './editor/pane';
import { Header, RunButton } from './header';
import { Results } from './results';
import { Notice, openAddress, ShareBox } from './share/button';
import { isLink, storedId } from './share/is-link';
import { narrow, sides } from './sides';
import { compare, editor, focusResult, loadRuntimes, run, side } from './state';

/** Under 800 px: which of the two sides is on screen. */
function BottomBar() {
	if (!narrow.value) return null;
	const onKey = (e: KeyboardEvent) => {
		if (e.key !== 'ArrowLeft' && e.key !== 'ArrowRight') return;
		e.preventDefault();
		side.value = side.value === 'code' ? 'result' : 'code';
		document.getElementById(`side-tab-${side.value}`)?.focus();
	};
	return (
		<nav class="bottom" aria-label="Parts of the page">
			<div role="tablist" aria-label="Code or result" onKeyDown={onKey}>
				{sides.map(([id, title]) => (
					<button
						type="button"
						key={id}
						role="tab"
						id={`side-tab-${id}`}
						aria-controls={`side-${id}`}
						aria-selected={side.value === id}
						tabIndex={side.value === id ? 0 : -1}
						onClick={() => {
							side.value = id;
						}}
					>
						{title}
					</button>
				))}
			</div>
			<CompareButton />
			<RunButton />
		</nav>
	);
}

/** F6 goes round the regions; Ctrl+Enter runs from anywhere, with Shift it compares. */
function onKey(e: KeyboardEvent) {
	if (e.key === 'Enter' && (e.ctrlKey || e.metaKey) && !e.defaultPrevented) {
		e.preventDefault();
		void (e.shiftKey ? compare() : run());
	} else if (e.key === 'F6') {
		e.preventDefault();
		const inEditor = document.activeElement?.classList.contains('editor') === true;
		if (inEditor) {
			side.value = 'result';
			requestAnimationFrame(focusResult);
		} else {
			side.value = 'code';
			requestAnimationFrame(() => editor.current?.focus());
		}
	}
}

const onAddress = (): void => {
	if (isLink(location.hash)) void openAddress();
};

function App() {
	useEffect(() => {
		void loadRuntimes();
		document.addEventListener('keydown', onKey);
		window.addEventListener('hashchange', onAddress);
		return () => {
			document.removeEventListener('keydown', onKey);
			window.removeEventListener('hashchange', onAddress);
		};
	}, []);
	return (
		<>
			<Header />
			<Notice />
			<main>
				<EditorPane />
				<Results />
			</main>
			<BottomBar />
			<Chooser />
			<ShareBox />
		</>
	);
}

const host = document.getElementById('app');
const start = (): void => {
	if (host !== null) render(<App />, host);
};
// What a link holds is there at once, and not the draft first.
if (isLink(location.hash) || storedId() !== null) void openAddress().then(start);
else start();
