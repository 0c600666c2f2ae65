// A panel whose code is loaded when it is first looked at, and whose body is
// made only then: a run that nobody looks into costs no layout.
import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Lenses, LensName } from '../api';
import { tab } from '../state';
import { Absent } from './parts';
import type { PanelProps } from './props';

type Body = ComponentType<PanelProps>;

/** `what` it shows, as in "its steps"; `load` has the body. */
export function lazyPanel(id: LensName, what: string, load: () => Promise<Body>): Body {
	let loaded: Body | null = null;
	return function LazyPanel(props: PanelProps) {
		const lens = props.result.lenses[id];
		const shown = tab.value === id;
		const seen = useRef<Lenses[LensName]>(undefined);
		const [body, setBody] = useState<{ Body: Body | null; failed: boolean }>({
			Body: loaded,
			failed: false,
		});
		if (shown) seen.current = lens;
		const wanted = shown && lens !== undefined && body.Body === null && !body.failed;
		useEffect(() => {
			if (!wanted) return;
			load()
				.then((module) => {
					loaded = module;
					setBody({ Body: loaded, failed: false });
				})
				.catch(() => setBody({ Body: null, failed: true }));
		}, [wanted]);
		if (lens === undefined) return <Absent what={`${what}: its box is not ticked under Lenses`} />;
		if (body.failed)
			return (
				<div class="panel-body">
					<p class="absent">
						What shows {what} could not be loaded: the server did not answer.{' '}
						<button
							type="button"
							class="plain-button"
							onClick={() => setBody({ Body: null, failed: false })}
						>
							Try again
						</button>
					</p>
				</div>
			);
		if (body.Body === null || seen.current !== lens)
			return <div class="panel-body" aria-busy="true" />;
		return <body.Body {...props} />;
	};
}
