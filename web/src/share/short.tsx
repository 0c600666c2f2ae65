// A short link, which the server keeps: made, listed, taken back.
import { useState } from 'preact/hooks';
import * as s from '../state';
import { listStored, type Stored, store, takeBack, why } from './stored';

const DAY = 86_400;
const ends = [
	['30 days', 30 * DAY],
	['a year', 365 * DAY],
	['ever', null],
] as const;

const dated = (until: string | null): string =>
	until === null ? 'never over' : `until ${until.slice(0, 10)}`;

/** Its first line that says something. */
const titleOf = (code: string): string =>
	(/^.*\w.*$/m.exec(code)?.[0].trim() ?? 'no words').slice(0, 40);

interface Props {
	/** null: what is on the page is too large for a link. */
	fragment: string | null;
	onKey: (e: KeyboardEvent) => void;
	copy: (text: string, said: string) => Promise<void>;
	say: (text: string) => void;
}

export function Short({ fragment, onKey, copy, say }: Props) {
	const [end, setEnd] = useState(0);
	const [made, setMade] = useState(new Map<number, Stored & { kept: boolean }>());
	const [all, setAll] = useState(listStored);
	const [busy, setBusy] = useState(false);
	const make = async () => {
		if (fragment === null || busy) return;
		setBusy(true);
		try {
			const one =
				made.get(end) ?? (await store(fragment, ends[end]?.[1] ?? null, titleOf(s.source.value)));
			setMade(new Map(made).set(end, one));
			setAll(listStored());
			await copy(
				`${location.origin}/s/${one.id}`,
				one.kept
					? 'The short link'
					: `This browser keeps nothing, so note what takes it back: ${one.token}. The short link`,
			);
		} catch (error) {
			say(`It was not stored. ${why(error)}`);
		} finally {
			setBusy(false);
		}
	};
	const remove = async (one: Stored) => {
		try {
			await takeBack(one);
			setMade(new Map());
			setAll(listStored());
			say('It is taken back: the server has this share of it no more.');
		} catch (error) {
			say(`It was not taken back. ${why(error)}`);
		}
	};
	return (
		<li class="short">
			<button
				type="button"
				disabled={fragment === null}
				onKeyDown={onKey}
				onClick={() => void make()}
			>
				<strong>Short link</strong>
				<span class="quiet small">The server keeps the code, for whoever has the link</span>
			</button>
			<label class="small">
				Kept for{' '}
				<select
					value={String(end)}
					onChange={(e) => {
						setEnd(Number(e.currentTarget.value));
					}}
				>
					{ends.map(([name], i) => (
						<option key={name} value={String(i)}>
							{name}
						</option>
					))}
				</select>
			</label>
			{all.length > 0 && (
				<details class="small">
					<summary>Your short links: {all.length}</summary>
					<ul class="plain">
						{all.map((one) => (
							<li key={one.token}>
								<a href={`/s/${one.id}`}>{one.title}</a>
								<span class="quiet">{dated(one.until)}</span>
								<button
									type="button"
									class="plain-button"
									aria-label={`Delete it: ${one.title}`}
									onClick={() => void remove(one)}
								>
									Delete it
								</button>
							</li>
						))}
					</ul>
				</details>
			)}
		</li>
	);
}
