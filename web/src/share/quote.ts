// A snippet as text for elsewhere: a command, Markdown, a frame.
import type { RunRequest, RunResult, Stream } from '../api';

/** Output that is longer is cut: it is to be read, in a chat or an issue. */
export const MOST_OUTPUT = 8_000;

/** A command for a POSIX shell.  JSON is one line that begins with a brace, so nothing in it can end the
 * document, and nothing of it is the shell's: it has no quotes to mind and no limit as arguments have. */
export const curlOf = (request: RunRequest, origin: string): string =>
	[
		`curl -sS '${origin}/v1/runs' -H 'Content-Type: application/json' --data-binary @- <<'JSON'`,
		// A terminal takes these as keys.
		JSON.stringify(request).replace(
			/[\u007f-\u009f\u2028\u2029\ufeff]/g,
			(c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
		),
		'JSON',
		'',
	].join('\n');

/** The text between fences that nothing in it can end. */
export function fenced(text: string, language: string): string {
	const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
	const fence = '`'.repeat(Math.max(3, longest + 1));
	return `${fence}${language}\n${text.replace(/\n?$/, '\n')}${fence}`;
}

function streamText(stream: Stream): string {
	if (stream.text === undefined) return '(bytes that are not UTF-8)';
	const whole = stream.text;
	const cut = whole.length > MOST_OUTPUT ? `${whole.slice(0, MOST_OUTPUT)}\n… cut here` : whole;
	return stream.truncated ? `${cut}\n… cut at the output limit` : cut;
}

/** How a run ended, in a line; nothing when it finished. */
function ending(r: RunResult): string {
	if (r.status === 'limit') return `Stopped by a limit: ${r.limit?.name ?? 'unknown'}.`;
	if (r.status === 'signal') return `Killed by ${r.signal ?? 'a signal'}.`;
	if (r.status === 'error' && r.exception === null) return `Exit code ${r.exit_code}.`;
	return r.status === 'cancelled' ? 'Cancelled.' : '';
}

/** The blocks of a run: what it printed, and how it ended. */
function outcomeOf(r: RunResult): string[] {
	const on = `CPython ${r.runtime.version}`;
	const blocks: string[] = [];
	const stream = (what: string, s: Stream) => {
		if (s.text !== '') blocks.push(`${what}, ${on}:`, fenced(streamText(s), 'text'));
	};
	stream('Output', r.stdout);
	stream('Standard error', r.stderr);
	// What went to standard error holds the traceback, unless the program sent it elsewhere.
	const e = r.exception;
	if (e !== null && !(r.stderr.text ?? '').includes(e.text.trimEnd().split('\n').pop() ?? ''))
		blocks.push(`Exception, ${on}:`, fenced(e.text, 'text'));
	if (ending(r) !== '') blocks.push(ending(r));
	return blocks.length === 0 ? [`It printed nothing, ${on}.`] : blocks;
}

/** `result`: of that very request, or null; `link`: null when it is too large for one. */
export function markdownOf(
	request: Pick<RunRequest, 'code' | 'stdin' | 'args' | 'files'>,
	result: RunResult | null,
	link: string | null,
): string {
	const blocks = [fenced(request.code, 'python')];
	for (const file of request.files ?? [])
		if (file.text !== undefined)
			blocks.push(`File ${fileName(file.path)}:`, fenced(file.text, 'text'));
	if (request.args !== undefined && request.args.length > 0)
		blocks.push('Arguments, one a line:', fenced(request.args.join('\n'), 'text'));
	if (request.stdin !== undefined) blocks.push('Standard input:', fenced(request.stdin, 'text'));
	if (result !== null) blocks.push(...outcomeOf(result));
	if (link !== null) blocks.push(`[Open in Vitrine](${link})`);
	return `${blocks.join('\n\n')}\n`;
}

/** A path as code, so that nothing in it is Markdown's. */
const fileName = (path: string): string => `\`${path.replace(/[`\s]/g, '_')}\``;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** HTML for another page.  The snippet waits there until somebody presses Run. */
export const embedOf = (address: string): string =>
	`<iframe src="${escaped(address)}" title="A Python snippet in Vitrine" width="100%" height="460" ` +
	'loading="lazy" allow="clipboard-write"></iframe>\n';
