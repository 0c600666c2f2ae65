import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { EditorPane } from './editor/pane';
import { Header, RunButton } from './header';
import { Results } from './results';
import { narrow, sides } from './sides';
import { editor, loadRuntimes, run, side, tab } from './state';

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
			<RunButton />
		</nav>
	);
}

/** F6 goes round the regions; Ctrl+Enter runs from anywhere. */
function onKey(e: KeyboardEvent) {
	if (e.key === 'Enter' && (e.ctrlKey || e.metaKey) && !e.defaultPrevented) {
		e.preventDefault();
		void run();
	} else if (e.key === 'F6') {
		e.preventDefault();
		const inEditor = document.activeElement?.classList.contains('editor') === true;
		if (inEditor) {
			side.value = 'result';
			requestAnimationFrame(() => document.getElementById(`tab-${tab.value}`)?.focus());
		} else {
			side.value = 'code';
			requestAnimationFrame(() => editor.current?.focus());
		}
	}
}

function App() {
	useEffect(() => {
		void loadRuntimes();
		document.addEventListener('keydown', onKey);
		return () => document.removeEventListener('keydown', onKey);
	}, []);
	return (
		<>
			<Header />
			<main>
				<EditorPane />
				<Results />
			</main>
			<BottomBar />
		</>
	);
}

const host = document.getElementById('app');
if (host !== null) render(<App />, host);
