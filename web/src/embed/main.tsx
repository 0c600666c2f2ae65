// The page at /e/, for the frames of other pages: a snippet from its address, Run, what it printed and one
// panel.  It runs nothing by itself and keeps nothing: see embedded.ts.
import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { lensNames } from '../api';
import { connect } from '../editor/connect';
import { createEditor } from '../editor/editor';
import { Mark, RunButton } from '../header';
import { panels } from '../panels';
import { Guard } from '../panels/guard';
import { LiveView } from '../panels/output';
import { Announcer, StatusLine, Tabs, Without } from '../results';
import { encode } from '../share/format';
import { isLink } from '../share/is-link';
import { LinkNotice, openLink, openStored } from '../share/open';
import { inOrder, type Shared } from '../share/shared';
import * as s from '../state';
import { askedOf } from './asked';

import './embed.css';

const asked = askedOf(location.search);
/** The address of the whole page with what is here; null: it became too large for one. */
const whole = signal<string | null>('/');

/** What came by the link, with the code as it was edited. */
function follow(shared: Shared): void {
	let latest = 0;
	effect(() => {
		const code = s.source.value;
		const mine = ++latest;
		const told = (at: string | null) => {
			if (mine === latest) whole.value = at;
		};
		if (code === shared.code)
			told(isLink(location.hash) ? `/${location.hash}` : `/s/${asked.link}`);
		else
			encode(inOrder({ ...shared, code }))
				.then((fragment) => told(`/#${fragment}`))
				.catch(() => told(null));
	});
}

function Bar() {
	const runtime = s.runtime.value;
	return (
		<header class="top embed-bar">
			<h1>
				<Mark />
				<span class="file">main.py</span>
			</h1>
			<span class="runtime">{runtime === null ? '' : `CPython ${runtime.version}`}</span>
			<span class="spacer" />
			{whole.value === null ? (
				<span class="quiet small">Too large for a link</span>
			) : (
				<a class="open" href={whole.value} target="_blank" rel="noopener">
					Open in Vitrine
				</a>
			)}
			<RunButton />
		</header>
	);
}

/** What the program is given, where it is given something. */
function Input() {
	const given = [
		['Arguments, one a line', s.argLines.value] as const,
		['Standard input', s.stdin.value] as const,
		...(s.carried.value.files ?? []).map((f) => [f.path, f.text ?? f.base64 ?? ''] as const),
	].filter(([, text]) => text !== '');
	if (given.length === 0) return null;
	return (
		<details class="drawer">
			<summary>
				<span class="drawer-title">{given.map(([what]) => what).join(' · ')}</span>
			</summary>
			{given.map(([what, text]) => (
				<div key={what} class="pad">
					<p class="small quiet">{what}</p>
					<pre>{text}</pre>
				</div>
			))}
		</details>
	);
}

function Result() {
	const o = s.outcome.value;
	const live = s.live.value;
	const begun = o !== null || live !== null;
	const of = panels.filter((p) => p.id === 'output' || p.id === asked.lens);
	return (
		<section
			class={`pane results ${begun ? '' : 'not-run'}`}
			id="side-result"
			aria-label="Result"
			aria-busy={s.running.value}
		>
			{begun && of.length > 1 && <Tabs of={of} />}
			{s.stale.value && o?.kind === 'result' && <p class="stale">Edited since this run.</p>}
			{begun &&
				of.map((p) => (
					<div
						key={p.id}
						{...(of.length > 1
							? { role: 'tabpanel', 'aria-labelledby': `tab-${p.id}` }
							: { role: 'region', 'aria-label': p.title })}
						id={`panel-${p.id}`}
						hidden={s.tab.value !== p.id}
						class="panel"
					>
						{live !== null && p.id === 'output' ? (
							<LiveView live={live} how={null} />
						) : o?.kind === 'result' ? (
							<Guard title={p.title} result={o.result}>
								<p.Panel result={o.result} request={o.request} lines={o.lines} />
							</Guard>
						) : (
							<Without id={p.id} o={o} />
						)}
					</div>
				))}
			<div class="status-line">
				{o === null && !s.running.value ? <span>Not run yet</span> : <StatusLine />}
			</div>
			<Announcer />
		</section>
	);
}

function Embed() {
	const host = useRef<HTMLDivElement>(null);
	useEffect(() => {
		void s.loadRuntimes();
		return host.current === null ? undefined : connect(createEditor, host.current, asked.readOnly);
	}, []);
	return (
		<>
			<Bar />
			<LinkNotice draft={false} />
			<main class="embed">
				<section class="pane code" aria-label="Code">
					<div class="editor" ref={host} />
					<Input />
				</section>
				<Result />
			</main>
		</>
	);
}

function fail(error: string): void {
	const now = s.draftNow();
	s.opened.value = {
		error,
		left: [],
		runtime: null,
		before: now,
		asOpened: '',
		hidden: false,
	};
}

async function start(): Promise<void> {
	s.source.value = '';
	const { link } = asked;
	if (isLink(location.hash) || link !== null) {
		const shared = await (link === null || isLink(location.hash)
			? openLink(location.hash)
			: openStored(link));
		if (shared !== null) {
			asked.lens ??= shared.panel ?? null;
			follow(shared);
		}
	} else fail('There is no snippet in the address of this frame.');
	if (asked.runtime !== null) s.runtimeId.value = asked.runtime;
	// The output first, as the panel has nothing to show yet; one lens is what there is room for.
	s.tab.value = asked.lens ?? 'output';
	s.lensesOff.value = lensNames.filter((name) => name !== asked.lens);
	const opened = s.opened.value;
	if (opened !== null)
		s.opened.value = {
			...opened,
			left: [...opened.left, ...asked.left],
			runtime: asked.runtime ?? opened.runtime,
		};
	const app = document.getElementById('app');
	if (app !== null) render(<Embed />, app);
}

window.addEventListener('hashchange', () => location.reload());
void start();
