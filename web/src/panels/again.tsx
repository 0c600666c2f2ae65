// What is said of a lens that was asked for by itself, unless it came.
import type { Again } from '../again';
import type { Lenses } from '../api';
import { ProblemView } from './problem';

const WORDS = {
	stopped: 'Stopped by you.',
	cut: 'The server’s answer was cut off.',
};

export function WithoutIt<Name extends keyof Lenses>({ of }: { of: Again<Name> }) {
	if (of.problem !== null) return <ProblemView problem={of.problem} />;
	if (of.end === null || of.lens !== null) return null;
	return (
		<p class="pad absent" role="status">
			{of.end === 'done' ? `This runtime has no such lens. ${of.without}` : WORDS[of.end]}
		</p>
	);
}
