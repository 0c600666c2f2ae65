// The steps panel is loaded when it is first looked at, and a trace is laid out
// only then.
import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { StepsLens } from '../api';
import { tab } from '../state';
import { Absent } from './parts';
import type { PanelProps } from './props';

type Body = ComponentType<PanelProps>;
let loaded: Body | null = null;

export function StepsPanel(props: PanelProps) {
	const lens = props.result.lenses.steps;
	const shown = tab.value === 'steps';
	const seen = useRef<StepsLens | undefined>(undefined);
	const [body, setBody] = useState<{ Body: Body | null; failed: boolean }>({
		Body: loaded,
		failed: false,
	});
	if (shown) seen.current = lens;
	const wanted = shown && lens !== undefined && body.Body === null && !body.failed;
	useEffect(() => {
		if (!wanted) return;
		import('./steps/panel')
			.then((module) => {
				loaded = module.StepsBody;
				setBody({ Body: loaded, failed: false });
			})
			.catch(() => setBody({ Body: null, failed: true }));
	}, [wanted]);
	if (lens === undefined) return <Absent what="its steps: its box is not ticked under Lenses" />;
	if (body.failed)
		return (
			<div class="panel-body">
				<p class="absent">
					What shows the steps could not be loaded: the server did not answer.{' '}
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
	if (body.Body === null || seen.current !== lens) return <div class="panel-body" />;
	return <body.Body {...props} />;
}
