// What can be copied, what each holds, and what became of it.
import type { Ref } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { adopt } from '../sheet';
import * as s from '../state';
import { count } from '../words';
import { encode, LinkError, LONG_CHARS } from './format';
import css from './menu.css' with { type: 'text' };
import { sharedNow } from './page';
import { curlOf, embedOf, markdownOf } from './quote';
import { Short } from './short';

adopt(css);

type Made = { fragment: string } | { tooLarge: string };

/** The run that is shown, when it is of what is in the editor. */
function resultNow() {
	const o = s.outcome.value;
	return o?.kind === 'result' && !s.stale.value ? o.result : null;
}

function requestNow() {
	const request = s.requestNow();
	if (s.runtime.value !== null) request.runtime = s.runtime.value.id;
	return request;
}

const address = (page: string, made: Made | null): string | null =>
	made !== null && 'fragment' in made ? `${location.origin}${page}#${made.fragment}` : null;

const kinds = [
	{
		name: 'Copy link',
		what: 'Opens this page with all of it',
		said: 'The link',
		text: (made: Made) => address('/', made),
	},
	{
		name: 'Copy as Markdown',
		what: 'Code, what came of it, and the link: for an issue or a chat',
		said: 'Markdown',
		text: (made: Made) => markdownOf(requestNow(), resultNow(), address('/', made)),
	},
	{
		name: 'Copy as curl',
		what: 'A command that runs it on this server',
		said: 'The command',
		text: () => curlOf(requestNow(), location.origin),
	},
	{
		name: 'Copy embed code',
		what: 'A frame for a page of yours, with Run',
		said: 'The embed code',
		text: (made: Made) => {
			const at = address('/e/', made);
			return at === null ? null : embedOf(at);
		},
	},
] as const;

/** The link of what is on the page now. */
function useMade(): Made | null {
	const [made, setMade] = useState<Made | null>(null);
	useEffect(() => {
		let wanted = true;
		encode(sharedNow())
			.then((fragment): Made => ({ fragment }))
			.catch((error): Made => {
				if (!(error instanceof LinkError)) throw error;
				return { tooLarge: error.message };
			})
			.then((now) => wanted && setMade(now));
		return () => {
			wanted = false;
		};
	}, []);
	return made;
}

/** What is in the link, and what is not. */
function Holds({ made }: { made: Made }) {
	if ('tooLarge' in made)
		return (
			<p class="small" role="status">
				<strong>This is too large for a link.</strong> {made.tooLarge} As curl and as Markdown it
				can be copied.
			</p>
		);
	const n = made.fragment.length;
	return (
		<p class="small quiet">
			The link itself holds the code, its input and arguments, the lenses and the panel: nothing is
			stored on the server, and whoever has the link can read them. It has {count(n)} characters
			{n > LONG_CHARS && '; some chats and mail programs cut a link that is so long'}.
		</p>
	);
}

/** For who has no clipboard here: what would be on it, selected. */
function ByHand({ text, field }: { text: string; field: Ref<HTMLTextAreaElement> }) {
	return (
		<label class="by-hand">
			<span class="small">Copy this</span>
			<textarea ref={field} rows={4} readOnly spellcheck={false} value={text} />
		</label>
	);
}

export function Menu() {
	const made = useMade();
	const box = useRef<HTMLDivElement>(null);
	const field = useRef<HTMLTextAreaElement>(null);
	const [said, setSaid] = useState('');
	const [byHand, setByHand] = useState<string | null>(null);
	useEffect(() => {
		if (made !== null) box.current?.querySelector<HTMLElement>('button:enabled')?.focus();
	}, [made]);
	useEffect(() => {
		field.current?.focus();
		field.current?.select();
	}, [byHand]);
	const copy = async (text: string, what: string) => {
		setSaid('');
		setByHand(null);
		try {
			await navigator.clipboard.writeText(text);
			setSaid(`${what} is on the clipboard: ${count(text.length)} characters.`);
		} catch {
			setByHand(text);
			setSaid('The browser does not let this page use the clipboard. What to copy is selected.');
		}
	};
	const onKey = (e: KeyboardEvent) => {
		if (e.key !== 'ArrowDown' && e.key !== 'ArrowUp') return;
		const all = [...(box.current?.querySelectorAll<HTMLElement>('button:enabled') ?? [])];
		const at = all.indexOf(document.activeElement as HTMLElement);
		if (at < 0) return;
		e.preventDefault();
		all[(at + (e.key === 'ArrowDown' ? 1 : all.length - 1)) % all.length]?.focus();
	};
	if (made === null) return <p class="quiet small">Making the link…</p>;
	return (
		<div class="share-menu" ref={box}>
			<Holds made={made} />
			<ul class="plain">
				{kinds.flatMap((kind, i) => {
					const text = kind.text(made);
					return [
						i === 1 && s.storesLinks.value && (
							<Short
								key="short"
								fragment={'fragment' in made ? made.fragment : null}
								onKey={onKey}
								copy={copy}
								say={setSaid}
							/>
						),
						<li key={kind.name}>
							<button
								type="button"
								disabled={text === null}
								onKeyDown={onKey}
								onClick={() => text !== null && void copy(text, kind.said)}
							>
								<strong>{kind.name}</strong>
								<span class="quiet small">{kind.what}</span>
							</button>
						</li>,
					];
				})}
			</ul>
			<p class="small copied" role="status">
				{said}
			</p>
			{byHand !== null && <ByHand text={byHand} field={field} />}
		</div>
	);
}
