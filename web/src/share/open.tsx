// Opening a link, and what is said of it.
import { isOwn, saveDraft } from '../draft';
import { adopt } from '../sheet';
import * as s from '../state';
import { decode, LinkError } from './format';
import { applyShared } from './page';
import css from './share.css' with { type: 'text' };
import { type Shared, sharedFrom } from './shared';
import { fetchStored } from './stored';

adopt(css);

/** Puts what a link holds on the page, which runs nothing; or says why not, and leaves the page as it is: null. */
export async function openLink(fragment: string | Promise<string>): Promise<Shared | null> {
	let read: { shared: Shared; left: string[] } | null = null;
	let error: string | null = null;
	try {
		read = sharedFrom(await decode(await fragment));
	} catch (reason) {
		if (!(reason instanceof LinkError)) throw reason;
		error = reason.message;
	}
	const was = s.opened.value;
	// What was there before the first of several links, if none was edited.
	const unedited = was !== null && was.asOpened === JSON.stringify(s.draftNow());
	const before = unedited ? was.before : s.draftNow();
	let asOpened = unedited ? was.asOpened : '';
	const left = read?.left ?? [];
	if (read !== null) {
		const { shared } = read;
		// The last words of a draft may not have been kept yet.
		if (!unedited && s.editor.current !== null) saveDraft(before);
		s.replacePage(() => {
			left.push(...applyShared(shared));
		});
		// As the editor has it, which knows one kind of line end only.
		asOpened = JSON.stringify(s.draftNow());
	}
	s.opened.value = {
		error,
		left,
		runtime: read?.shared.runtime ?? null,
		before,
		asOpened,
		hidden: false,
	};
	return read?.shared ?? null;
}

/** The same of a link that the server keeps. */
export const openStored = (id: string): Promise<Shared | null> => openLink(fetchStored(id));

/** The runtime that a link asks for is not here. */
function absent(opened: s.Opened): string | null {
	const all = s.runtimes.value;
	const wanted = opened.runtime;
	if (wanted === null || all.length === 0 || all.some((r) => r.id === wanted)) return null;
	return `It was made for CPython ${wanted}, which is not installed here; a run is made on ${s.runtime.value?.id}.`;
}

/** In a frame there is no draft. */
export function LinkNotice({ draft = true }: { draft?: boolean }) {
	const opened = s.opened.value;
	if (opened === null || opened.hidden) return null;
	const { error, left, before, asOpened } = opened;
	const own = draft && isOwn(before) && before.code !== s.source.value;
	const missing = error === null ? absent(opened) : null;
	if (!draft && error === null && missing === null && left.length === 0) return null;
	return (
		<section
			class={`link-notice ${error === null ? '' : 'bad'}`}
			aria-label="The link that was opened"
		>
			<div role={error === null ? 'status' : 'alert'}>
				{error !== null ? (
					<p>
						<strong>The link could not be opened.</strong> {error}
						{draft && ' What was on the page is as it was.'}
					</p>
				) : (
					draft && (
						<p>
							<strong>This came by a link.</strong>{' '}
							{s.outcome.value === null && asOpened !== '' && 'Nothing of it has run. '}
							{own &&
								(asOpened === ''
									? 'You edited it; your earlier draft is kept.'
									: 'Your own draft is kept.')}
						</p>
					)
				)}
				{missing !== null && <p>{missing}</p>}
				{left.length > 0 && (
					<p>Left out, because this page has nothing for it: {left.join(', ')}.</p>
				)}
			</div>
			{own && error === null && (
				<button
					type="button"
					class="plain-button"
					onClick={() => {
						s.backTo(before);
						s.editor.current?.focus();
					}}
				>
					Back to my draft
				</button>
			)}
			<button
				type="button"
				class="icon"
				aria-label="Close this message"
				title="Close this message"
				onClick={() => {
					s.opened.value = { ...opened, hidden: true };
					s.editor.current?.focus();
				}}
			>
				<span aria-hidden="true">×</span>
			</button>
		</section>
	);
}
