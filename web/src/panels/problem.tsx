import type { Problem } from '../api';

/** What an RFC 6901 pointer points at, in words. */
function place(pointer: string): string {
	if (pointer === '') return 'the request';
	return pointer
		.slice(1)
		.split('/')
		.map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'))
		.join(' › ');
}

export function advice(p: Problem): string {
	if (p.retryAfter !== null)
		return `Try again in ${p.retryAfter} ${p.retryAfter === 1 ? 'second' : 'seconds'}.`;
	if (p.status === 429 || p.status === 503) return 'Try again in a moment.';
	if (p.status >= 500) return 'The fault is the server’s, not your program’s. Try again.';
	return '';
}

export function ProblemView({ problem: p }: { problem: Problem }) {
	const say = advice(p);
	return (
		<div class="panel-body">
			<section class="card bad problem" role="alert">
				<h3>
					<span class="exc-type">{p.title}</span>
					{p.status > 0 && <span class="tag">HTTP {p.status}</span>}
				</h3>
				{p.detail !== '' && p.detail !== p.title && <p>{p.detail}</p>}
				{p.errors.length > 0 && (
					<ul class="plain">
						{p.errors.map((e, i) => (
							<li key={i}>
								<code>{place(e.pointer)}</code> {e.detail}
							</li>
						))}
					</ul>
				)}
				{say !== '' && <p class="quiet">{say}</p>}
				{p.requestId !== null && <p class="quiet small">Request {p.requestId}</p>}
			</section>
		</div>
	);
}
