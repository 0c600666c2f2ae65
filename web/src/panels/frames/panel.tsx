// Who called whom, how deep it went, what it took of the C stack, and why it overflowed.
import type { FramesLens } from '../../api-frames';
import { summary, trouble } from '../../frames/words';
import { adopt } from '../../sheet';
import { plural } from '../../words';
import { LineLink, Linked } from '../parts';
import type { PanelProps } from '../props';
import { CallsByPath } from './calls';
import { Depths, Stack } from './depth';
import css from './frames.css' with { type: 'text' };
import { Functions } from './functions';

adopt(css);

function Trouble({ lens, raised }: { lens: FramesLens; raised: string | null }) {
	const t = trouble(lens, raised);
	if (t === null) return null;
	return (
		<section class="card bad frames-trouble" aria-label={t.head}>
			<h3>
				<span class="exc-type">{t.head}</span>
			</h3>
			{t.text.map((words) => (
				<p key={words}>{words}</p>
			))}
			{t.line !== null && (
				<p>
					It was at <LineLink alone place={{ line: t.line }} />.
				</p>
			)}
		</section>
	);
}

function missing(lens: FramesLens): string {
	const parts: string[] = [];
	const d = lens.dropped;
	if (d && d.no_node > 0) parts.push(`${plural(d.no_node, 'call')} not in the tree`);
	if (d && d.no_function > 0)
		parts.push(`${plural(d.no_function, 'call')} of functions there was no room for`);
	if (d && d.threads > 0) parts.push(plural(d.threads, 'thread'));
	if (parts.length > 0) return `Not in it: ${parts.join(', ')}.`;
	return lens.truncated === true
		? 'The last part is missing: the run was ended, or set a profile function of its own.'
		: '';
}

export function FramesBody({ result }: PanelProps) {
	const lens = result.lenses.frames;
	if (lens === undefined) return null;
	const functions = lens.functions ?? [];
	const odd = missing(lens);
	return (
		<Linked id="frames">
			<div class="prose">
				<p>{summary(lens)}</p>
				{odd !== '' && <p class="quiet">{odd}</p>}
			</div>
			<Trouble lens={lens} raised={result.exception?.type ?? null} />
			{lens.crash != null && (
				<Stack
					stack={lens.crash.stack}
					functions={functions}
					caption={`Where it crashed: ${plural(lens.crash.stack.depth, 'frame')} of Python`}
				/>
			)}
			<CallsByPath lens={lens} />
			<Depths lens={lens} />
			<Functions functions={functions} />
		</Linked>
	);
}
