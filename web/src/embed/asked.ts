// What the address of a frame asks for, behind its ?.
import { panels } from '../panels';

export interface Asked {
	/** The name of a stored link, or null. */
	link: string | null;
	/** The panel beside the output: an id of one, or null. */
	lens: string | null;
	/** The id of a runtime. */
	runtime: string | null;
	readOnly: boolean;
	/** What was asked for and is not to be had, in words. */
	left: string[];
}

export function askedOf(query: string): Asked {
	const all = new URLSearchParams(query);
	const lens = all.get('lens');
	const known = lens === null || panels.some((p) => p.id === lens);
	const readOnly = all.get('readonly');
	return {
		link: all.get('link'),
		lens: known ? lens : null,
		runtime: all.get('runtime'),
		readOnly: readOnly !== null && readOnly !== '0' && readOnly !== 'false',
		left: known ? [] : [`the lens ${lens}`],
	};
}
