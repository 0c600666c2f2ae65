import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Exception, Frame, Stream } from '../api';
import type { Live, Written } from '../live';
import { visit } from '../state';
import { exceptionLine, isMain } from '../traceback';
import { bytes, count, duration, plural, verdict } from '../words';
import { Facts, Linked } from './parts';
import type { PanelProps } from './props';

const DUMP_BYTES = 4096;
/** Pixels. */
const NEAR_THE_END = 24;

/** Bytes that are no text, sixteen a line, as hexdump -C shows them. */
function hexDump(base64: string): string {
	const raw = atob(base64);
	const rows: string[] = [];
	for (let at = 0; at < Math.min(raw.length, DUMP_BYTES); at += 16) {
		const part = raw.slice(at, at + 16);
		const codes = [...part].map((c) => c.charCodeAt(0));
		const hex = codes.map((c) => c.toString(16).padStart(2, '0')).join(' ');
		const shown = codes.map((c) => (c >= 32 && c < 127 ? String.fromCharCode(c) : '.')).join('');
		rows.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(47)}  ${shown}`);
	}
	if (raw.length > DUMP_BYTES) rows.push(`… ${bytes(raw.length - DUMP_BYTES)} more`);
	return rows.join('\n');
}

function StreamView({ name, title, stream }: { name: string; title: string; stream: Stream }) {
	const text = stream.text ?? hexDump(stream.base64 ?? '');
	return (
		<section class={`stream ${name}`} aria-label={title}>
			<h3>
				{title}
				{stream.base64 !== undefined && <span class="tag">not UTF-8, shown as bytes</span>}
				{stream.truncated && <span class="tag">cut at the output limit</span>}
			</h3>
			{text === '' ? <p class="nothing">nothing</p> : <pre>{text}</pre>}
		</section>
	);
}

/** Grows, with its end in sight unless somebody has scrolled away from it. */
function Growing({ name, title, written: w }: { name: string; title: string; written: Written }) {
	const pre = useRef<HTMLPreElement>(null);
	const follows = useRef(true);
	useLayoutEffect(() => {
		const box = pre.current;
		if (box !== null && follows.current) box.scrollTop = box.scrollHeight;
	}, [w]);
	return (
		<section class={`stream ${name}`} aria-label={title}>
			<h3>
				{title}
				{w.before > 0 && <span class="tag">its end: {count(w.before)} characters before</span>}
			</h3>
			{w.text === '' ? (
				<p class="nothing">nothing yet</p>
			) : (
				<pre
					ref={pre}
					onScroll={({ currentTarget: box }) => {
						const left = box.scrollHeight - box.scrollTop - box.clientHeight;
						follows.current = left < NEAR_THE_END;
					}}
				>
					{w.text}
				</pre>
			)}
		</section>
	);
}

const liveWords = {
	runs: ['', '▶', 'Running', 'What it writes comes as it is written.'],
	looks: ['', '◌', 'The program is over', 'What the lenses show of it is on its way.'],
	stopped: ['stopped', '■', 'Stopped by you', 'What it had written until then is kept.'],
	cut: [
		'bad',
		'✕',
		'The server’s answer was cut off',
		'What the program had written until then is kept. Run it again for the rest.',
	],
};

/** A run while it goes on, or one that has no result. */
export function LiveView({ live, how }: { live: Live; how: 'stopped' | 'cut' | null }) {
	const [tone, glyph, head, detail] = liveWords[how ?? (live.over > 0 ? 'looks' : 'runs')];
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
		<div class="panel-body live" tabIndex={0}>
			<p class={`verdict ${tone}`}>
				<span class="glyph" aria-hidden="true">
					{glyph}
				</span>
				<strong>{head}</strong>
				<span>{detail}</span>
			</p>
			<Growing name="stdout" title="Standard output" written={live.stdout} />
			{live.stderr.text !== '' && (
				<Growing name="stderr" title="Standard error" written={live.stderr} />
			)}
		</div>
	);
}

function FrameView({ frame }: { frame: Frame }) {
	const place = `line ${frame.line}, in ${frame.function}`;
	return (
		<li {...(isMain(frame.file) ? { 'data-line': frame.line } : {})}>
			{isMain(frame.file) ? (
				<button type="button" class="link" onClick={() => visit({ line: frame.line })}>
					{place}
				</button>
			) : (
				<span>
					{frame.file}, {place}
				</span>
			)}
			{frame.text !== null && <code>{frame.text.trim()}</code>}
		</li>
	);
}

function ExceptionView({ e }: { e: Exception }) {
	const line = exceptionLine(e);
	return (
		<section class="card bad" aria-label="Exception">
			<div class="exc-head">
				<h3 class="exc-message">{e.message === '' ? e.type : e.message}</h3>
				{line !== null && (
					<button type="button" class="chip" onClick={() => visit({ line })}>
						Go to line {line}
					</button>
				)}
			</div>
			{e.phase === 'compile' ? (
				<p class="quiet">The compiler refused the source, so nothing ran.</p>
			) : (
				e.traceback.length > 0 && (
					<ol class="frames" aria-label="Traceback, the innermost call last">
						{e.traceback.map((frame, i) => (
							<FrameView key={i} frame={frame} />
						))}
					</ol>
				)
			)}
		</section>
	);
}

const noteText = (note: unknown): string =>
	typeof note === 'string' ? note : JSON.stringify(note);

export function OutputPanel({ result: r }: PanelProps) {
	const v = verdict(r);
	const quiet = r.stderr.text === '';
	return (
		<Linked id="output">
			<p class={`verdict ${v.tone}`}>
				<span class="glyph" aria-hidden="true">
					{v.glyph}
				</span>
				<strong>{v.head}</strong>
				{v.detail !== '' && <span>{v.detail}</span>}
			</p>
			{r.exception !== null && <ExceptionView e={r.exception} />}
			{r.notes.length > 0 && (
				<ul class="card notes" aria-label="Notes">
					{r.notes.map((note, i) => (
						<li key={i}>{noteText(note)}</li>
					))}
				</ul>
			)}
			<StreamView name="stdout" title="Standard output" stream={r.stdout} />
			{!quiet && <StreamView name="stderr" title="Standard error" stream={r.stderr} />}
			{r.denied.length > 0 && (
				<section class="card" aria-label="Refused by the sandbox">
					<h3>Refused by the sandbox</h3>
					<ul class="plain">
						{r.denied.map((d) => (
							<li key={d.syscall}>
								<code>{d.syscall}</code> {plural(d.count, 'time')}, answered {d.errno}
							</li>
						))}
					</ul>
				</section>
			)}
			<Facts
				facts={[
					['Processor time', duration(r.usage.cpu_ns)],
					['Wall time', duration(r.usage.wall_ns)],
					['Peak memory', bytes(r.usage.peak_rss_bytes)],
					['Waited for a slot', duration(r.usage.queue_ns)],
				]}
			/>
			{r.confinement.length > 0 && (
				<p class="quiet small">Confined by {r.confinement.join(', ')}.</p>
			)}
		</Linked>
	);
}
