import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Layer, Probe } from '../api';
import { Mark, ThemeButton } from '../header';
import { duration, plural } from '../words';
import {
	type Attempt,
	attack,
	attacking,
	attempts,
	keyOf,
	load,
	posture,
	problem,
	tally,
} from './state';

import './posture.css';

const postures = {
	full: {
		head: 'Full',
		words:
			'Namespaces, a read-only root, Landlock, a system call filter and limits, each on its own account.',
	},
	container: {
		head: 'Container',
		words:
			'There are no namespaces to be had here, so Landlock, the system call filter and a sweep do their work; one snippet runs at a time.',
	},
};

function Layers({ layers }: { layers: Layer[] }) {
	return (
		<div class="scroll">
			<table class="grid">
				<caption>Layers of the jail</caption>
				<thead>
					<tr>
						<th scope="col">Layer</th>
						<th scope="col">Holds</th>
						<th scope="col">How it is done here</th>
						<th scope="col">Lost without it</th>
					</tr>
				</thead>
				<tbody>
					{layers.map((l) => (
						<tr key={l.name}>
							<th scope="row">{l.name}</th>
							<td class={l.holds ? 'good' : 'bad'}>{l.holds ? '✓ yes' : '✕ no'}</td>
							<td>{l.how}</td>
							<td class="quiet">{l.without}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

/** What came of an attack, and where in the jail it ended. */
function Outcome({ attempt }: { attempt: Attempt }) {
	if (attempt.state === 'waits') return <td class="quiet">waits</td>;
	if (attempt.state === 'runs') return <td class="busy">running…</td>;
	if (attempt.state === 'not made')
		return (
			<td class="stopped">
				not made: {attempt.problem.title}. {attempt.problem.detail}
			</td>
		);
	const { probe } = attempt;
	if (probe.missing.length > 0)
		return (
			<td class="bad">
				✕ got through: {probe.missing.join(', ')} is missing, as the operator allowed; it said “
				{probe.got}”
			</td>
		);
	if (!probe.passed) return <td class="bad">✕ not as it must be: it said “{probe.got}”</td>;
	return (
		<td class="good">
			✓{' '}
			{probe.stopped_by.length === 0
				? 'as it must be'
				: `stopped by ${probe.stopped_by.join(', ')}`}
		</td>
	);
}

function Row({ probe, several }: { probe: Probe; several: boolean }) {
	const attempt = attempts.value.get(keyOf(probe)) ?? { state: 'at start', probe };
	const seen = 'probe' in attempt ? attempt.probe : null;
	return (
		<tr data-probe={probe.name} data-runtime={probe.runtime} data-state={attempt.state}>
			<th scope="row">
				{probe.what}
				<details>
					<summary>{several ? `${probe.name} on ${probe.runtime}` : probe.name}</summary>
					<pre>{probe.code}</pre>
				</details>
			</th>
			<Outcome attempt={attempt} />
			<td class="got">{seen?.got ?? ''}</td>
			<td class="num quiet">{attempt.state === 'made' ? duration(attempt.wallNs) : ''}</td>
		</tr>
	);
}

function Attack({ probes }: { probes: Probe[] }) {
	const t = tally.value;
	const several = probes.some((p) => p.runtime !== probes[0]?.runtime);
	let words = `${t.contained} of ${t.total} came out as they must when this server started.`;
	if (attacking.value) words = `Attacking: ${t.made} of ${t.total} made.`;
	else if (t.made > 0)
		words = `${t.contained} of ${plural(t.total, 'attack')} came out as they must, just now.`;
	return (
		<section aria-labelledby="attack-head">
			<div class="attack-head">
				<div>
					<h2 id="attack-head">Proof</h2>
					<p role="status" class={t.through > 0 ? 'bad' : 'quiet'}>
						{words}
					</p>
				</div>
				<button
					type="button"
					class="run attack"
					aria-disabled={attacking.value}
					onClick={() => void attack()}
				>
					Attack this server
				</button>
			</div>
			<div class="scroll">
				<table class="grid">
					<caption>Attacks on the jail, and which layer stopped each</caption>
					<thead>
						<tr>
							<th scope="col">What must hold</th>
							<th scope="col">What came of it</th>
							<th scope="col">It was told</th>
							<th scope="col" class="num">
								Took
							</th>
						</tr>
					</thead>
					<tbody>
						{probes.map((p) => (
							<Row key={keyOf(p)} probe={p} several={several} />
						))}
					</tbody>
				</table>
			</div>
		</section>
	);
}

function Body() {
	const p = posture.value;
	if (problem.value !== null)
		return (
			<p class="prose" role="alert">
				{problem.value.title}. {problem.value.detail}
			</p>
		);
	if (p === null) return <p class="prose busy">Asking the server…</p>;
	return (
		<>
			{p.runtimes.map((r) => (
				<section key={r.runtime} aria-label={`CPython ${r.runtime}`}>
					<h2>
						{postures[r.posture].head} posture <span class="tag">CPython {r.runtime}</span>
					</h2>
					<p class="quiet">{postures[r.posture].words}</p>
					<Layers layers={r.layers} />
				</section>
			))}
			<Attack probes={p.probes} />
		</>
	);
}

function App() {
	useEffect(() => {
		void load();
	}, []);
	return (
		<>
			<header class="top">
				<h1>
					<a href="/" class="home">
						<Mark />
						<span class="word">Vitrine</span>
					</a>
				</h1>
				<span class="runtime">How a snippet is confined here</span>
				<span class="spacer" />
				<ThemeButton />
			</header>
			<main class="posture">
				<Body />
			</main>
		</>
	);
}

const host = document.getElementById('app');
if (host !== null) render(<App />, host);
