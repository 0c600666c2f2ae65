import type { Exception, Frame, Stream } from '../api';
import { visit } from '../state';
import { exceptionLine, isMain } from '../traceback';
import { bytes, duration, plural, verdict } from '../words';
import { Facts, Linked } from './parts';
import type { PanelProps } from './props';

const DUMP_BYTES = 4096;

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
