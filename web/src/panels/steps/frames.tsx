// The stacks: a card for each frame, from the module to the innermost.
import { Component } from 'preact';
import { useState } from 'preact/hooks';
import { visit } from '../../state';
import type { EventName } from '../../steps/trace';
import type { FrameView, View } from '../../steps/view';
import { frameTitle } from '../../steps/words';
import { plural } from '../../words';
import { type Look, Value } from './values';

interface CardProps {
	frame: FrameView;
	event: EventName;
	look: Look;
	/** Says how its generator rests; null: it is on a stack. */
	rests: string | null;
	/** Of values that are named in place; a card is rendered when it changes. */
	names: string;
}

const ends: Partial<Record<EventName, string>> = {
	return: 'returns',
	yield: 'yields',
	unwind: 'left by',
	exception: 'raises',
};

function sameFrame(a: FrameView, b: FrameView): boolean {
	if (a.line !== b.line || a.current !== b.current || a.value !== b.value) return false;
	if (a.function !== b.function || a.variables.length !== b.variables.length) return false;
	return a.variables.every((v, i) => {
		const w = b.variables[i];
		return w !== undefined && v.name === w.name && v.value === w.value && v.change === w.change;
	});
}

class Card extends Component<CardProps> {
	override shouldComponentUpdate(next: CardProps): boolean {
		const now = this.props;
		return (
			!sameFrame(now.frame, next.frame) ||
			now.names !== next.names ||
			now.rests !== next.rests ||
			(next.frame.current && now.event !== next.event)
		);
	}

	override render() {
		const { frame, event, look, rests } = this.props;
		// What a module returns nobody gets.
		const nothing = event === 'return' && frame.function === '<module>';
		const end = frame.value === undefined || nothing ? undefined : ends[event];
		const title = frameTitle(frame.function);
		const line = frame.line;
		return (
			<section
				class={frame.current ? 'frame current' : rests === null ? 'frame' : 'frame rests'}
				aria-label={`${title}${frame.current ? ', the current frame' : ''}`}
			>
				<h4>
					<span class="frame-name" title={frame.function}>
						{title}
					</span>
					{rests !== null && <span class="frame-rests">{rests}</span>}
					{line !== null && (
						<button
							type="button"
							class="link frame-line"
							tabIndex={-1}
							onClick={() => visit({ line })}
						>
							line {line}
						</button>
					)}
				</h4>
				{frame.variables.length > 0 || end !== undefined ? (
					<dl>
						{frame.variables.map((v) => (
							<div key={v.name} class={v.change === null ? undefined : `lit-up ${v.change}`}>
								<dt>
									{v.name}
									{v.change !== null && <span class="sr"> {v.change}</span>}
								</dt>
								<dd>
									<Value value={v.value} look={look} />
								</dd>
							</div>
						))}
						{end !== undefined && (
							<div class={`frame-end ${event}`}>
								<dt>{end}</dt>
								<dd>
									<Value value={frame.value ?? null} look={look} />
								</dd>
							</div>
						)}
					</dl>
				) : (
					<p class="no-names">no names yet</p>
				)}
			</section>
		);
	}
}

const OUTER = 2;
const INNER = 10;

/** A deep recursion's middle is folded away. */
function Stack({ frames, card }: { frames: FrameView[]; card: (f: FrameView) => preact.VNode }) {
	const [all, setAll] = useState(false);
	const hidden = all ? 0 : frames.length - OUTER - INNER;
	if (hidden <= 1) return <>{frames.map(card)}</>;
	return (
		<>
			{frames.slice(0, OUTER).map(card)}
			<button type="button" class="plain-button between" onClick={() => setAll(true)}>
				{plural(hidden, 'frame')} between
			</button>
			{frames.slice(-INNER).map(card)}
		</>
	);
}

export function Frames({
	view,
	event,
	look,
	restsOf,
	namesOf,
}: {
	view: View;
	event: EventName;
	look: Look;
	restsOf: (f: FrameView) => string;
	namesOf: (f: FrameView) => string;
}) {
	const card = (rests: string | null) => (f: FrameView) => (
		<Card key={f.number} frame={f} event={event} look={look} rests={rests} names={namesOf(f)} />
	);
	const several = view.threads.length > 1;
	return (
		<div class="frames-column">
			{view.threads.map((t) => (
				<div key={t.thread} class={t.current ? 'thread current' : 'thread'}>
					{several && (
						<h3>
							{t.thread === 1 ? 'Main thread' : `Thread ${t.thread}`}
							{t.current && <span class="tag">at this step</span>}
						</h3>
					)}
					<Stack frames={t.frames} card={card(null)} />
				</div>
			))}
			{view.suspended.length > 0 && (
				<div class="thread suspended">
					<h3>Suspended</h3>
					{view.suspended.map((f) => card(restsOf(f))(f))}
				</div>
			)}
		</div>
	);
}
