// Server-Sent Events from the text of a stream, as it comes in, in whatever
// pieces: the fields that the contract uses, by the rules of the HTML standard.

export type OnEvent = (event: string, data: string) => void;

/** Takes the next piece of the text; what is not a whole event waits for more. */
export function eventReader(onEvent: OnEvent): (piece: string) => void {
	// Of a result of megabytes each piece is looked at once.
	let pieces: string[] = [];
	let event = '';
	let data: string[] = [];
	const line = (text: string) => {
		if (text === '') {
			if (data.length > 0) onEvent(event === '' ? 'message' : event, data.join('\n'));
			event = '';
			data = [];
			return;
		}
		const colon = text.indexOf(':');
		const name = colon < 0 ? text : text.slice(0, colon);
		const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
		if (name === 'event') event = value;
		else if (name === 'data') data.push(value);
	};
	return (piece) => {
		let from = 0;
		for (;;) {
			const end = piece.indexOf('\n', from);
			if (end < 0) break;
			pieces.push(piece.slice(from, end));
			line(pieces.join('').replace(/\r$/, ''));
			pieces = [];
			from = end + 1;
		}
		if (from < piece.length) pieces.push(piece.slice(from));
	};
}
