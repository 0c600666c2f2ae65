// The button that compares, beside Run, and the choice of the runtimes.
import { broken, chosen, compare, compareOff, running, runtimes } from '../state';
import { FEWEST, MOST, offAfter, versionWords } from './choice';

const CHOOSER = 'chooser';

/** Nothing where there is nothing to be compared with. */
export function CompareButton() {
	if (runtimes.value.length < FEWEST) return null;
	const n = chosen.value.length;
	return (
		<span class="split">
			<button
				type="button"
				class="plain-button compare"
				disabled={n < FEWEST}
				aria-disabled={running.value}
				aria-keyshortcuts="Control+Shift+Enter"
				title={`Run it on ${n} CPythons and see what differs (Ctrl+Shift+Enter)`}
				onClick={() => void compare()}
			>
				<span aria-hidden="true">⇄</span> <span class="word">Compare</span>
				<span class="quiet">
					<span class="sr">on </span>
					{n}
				</span>
			</button>
			<button
				type="button"
				class="plain-button more"
				popovertarget={CHOOSER}
				aria-label="Choose the CPythons to compare"
				title="Choose the CPythons to compare"
			>
				<span aria-hidden="true">▾</span>
			</button>
		</span>
	);
}

/** Opened by the button's other half; Escape closes it, and goes back there. */
export function Chooser() {
	if (runtimes.value.length < FEWEST) return null;
	const on = chosen.value;
	const full = on.length >= MOST;
	const ticked = (id: string) => on.some((r) => r.id === id);
	return (
		<div
			id={CHOOSER}
			popover="auto"
			class="chooser"
			role="dialog"
			aria-labelledby="chooser-head"
			onToggle={(e) => {
				if ((e as unknown as ToggleEvent).newState === 'open')
					e.currentTarget.querySelector('input')?.focus();
			}}
		>
			<h2 id="chooser-head">Compare on</h2>
			<ul class="plain">
				{runtimes.value.map((r) => (
					<li key={r.id}>
						<label class="check">
							<input
								type="checkbox"
								checked={ticked(r.id)}
								disabled={full && !ticked(r.id)}
								onChange={(e) => {
									compareOff.value = offAfter(
										runtimes.value,
										compareOff.value,
										r.id,
										e.currentTarget.checked,
									);
								}}
							/>
							<strong>{r.id}</strong>
							<span class="quiet">CPython {versionWords(r)}</span>
						</label>
					</li>
				))}
			</ul>
			{broken.value.map((b) => (
				<p key={b.id} class="quiet small">
					{b.id} does not serve here: {b.reason}
				</p>
			))}
			<p class="quiet small" role="status">
				{on.length < FEWEST
					? `Choose ${FEWEST} at least.`
					: full && runtimes.value.length > MOST
						? `${MOST} at most stand beside each other.`
						: `${on.length} of ${runtimes.value.length} are chosen.`}
			</p>
			<button
				type="button"
				class="run"
				disabled={running.value || on.length < FEWEST}
				onClick={() => {
					document.getElementById(CHOOSER)?.hidePopover();
					void compare();
				}}
			>
				Compare
			</button>
		</div>
	);
}
