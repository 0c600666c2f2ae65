// What stands behind the # of a link: "1:" and, in base64url, a zlib stream (RFC 1950) of JSON.  docs/links.md
// has the format for others who read or write it.  Version 1 is read for ever: what changes its meaning is a 2.

/** What this page reads and writes. */
export const VERSION = 1;
/** Characters behind "1:".  Some programs cut addresses that are much shorter: see LONG_CHARS. */
export const MAX_CHARS = 32_768;
/** Bytes of JSON: what is packed more tightly than any snippet is not unpacked to its end. */
export const MAX_BYTES = 1 << 20;
/** Chats and mail programs are known to cut addresses that are longer than about this. */
export const LONG_CHARS = 2_000;

/** So much is given to the decompressor at a time; a byte can become a thousand. */
const SLICE = 1024;

/** Why a link cannot be read or made, in a sentence for whoever has it. */
export class LinkError extends Error {}

async function gather(stream: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array> {
	const reader = stream.getReader();
	const parts: Uint8Array[] = [];
	let size = 0;
	for (;;) {
		const { done, value } = await reader.read();
		if (done) break;
		size += value.length;
		if (size > most) {
			// Whatever it says when it is told to stop, it is not listened to.
			reader.cancel().catch(() => {});
			throw new LinkError(
				`What the link holds is larger than ${most / 1024} KiB, which is more than a link may hold.`,
			);
		}
		parts.push(value);
	}
	const all = new Uint8Array(size);
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

/** A stream that is read as fast as what is behind it takes it, and no faster. */
function sliced(bytes: Uint8Array<ArrayBuffer>): ReadableStream<BufferSource> {
	let at = 0;
	return new ReadableStream<BufferSource>(
		{
			pull(to) {
				if (at >= bytes.length) return to.close();
				to.enqueue(bytes.subarray(at, at + SLICE));
				at += SLICE;
			},
		},
		{ highWaterMark: 0 },
	);
}

const toBase64url = (bytes: Uint8Array): string => {
	let text = '';
	for (const b of bytes) text += String.fromCharCode(b);
	return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
};

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
	const raw = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
	return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

const pack = async (json: string): Promise<string> => {
	const bytes = new TextEncoder().encode(json);
	if (bytes.length > MAX_BYTES) return '';
	const packed = sliced(bytes).pipeThrough(new CompressionStream('deflate'));
	return toBase64url(await gather(packed, MAX_BYTES));
};

/** The fragment, from "1:" on.  Fails with a LinkError when it is too large. */
export async function encode(value: unknown): Promise<string> {
	let json = JSON.stringify(value);
	let text = await pack(json);
	// What makes links of addresses in a text leaves a - or _ at the end out of them.  A space
	// behind the JSON means nothing, and changes the end.
	for (let i = 0; i < 8 && /[-_]$/.test(text); i++) {
		json += ' ';
		text = await pack(json);
	}
	if (text === '' || text.length > MAX_CHARS)
		throw new LinkError(
			text === ''
				? `It is larger than ${MAX_BYTES / 1024} KiB, which is more than a link may hold.`
				: `Packed, it has ${text.length.toLocaleString('en')} characters; a link has room for ${MAX_CHARS.toLocaleString('en')}.`,
		);
	return `${VERSION}:${text}`;
}

const damaged = () =>
	new LinkError('The link is damaged or not whole: something of it was changed or cut off.');

/** The JSON of a fragment, parsed, that isLink().  Fails with a LinkError. */
export async function decode(fragment: string): Promise<unknown> {
	const [, version, text = ''] = /^#?(\d+)(?::|%3A)(.*)$/is.exec(fragment) ?? [];
	if (Number(version) !== VERSION)
		throw new LinkError(
			Number(version) > VERSION
				? `The link is of version ${version}, made by a newer Vitrine; this one reads version ${VERSION}.`
				: `There are no links of version ${version}.`,
		);
	if (text.length > MAX_CHARS)
		throw new LinkError(
			`The link has ${text.length.toLocaleString('en')} characters; at most ${MAX_CHARS.toLocaleString('en')} are read.`,
		);
	try {
		const unpacked = sliced(fromBase64url(text)).pipeThrough(new DecompressionStream('deflate'));
		const json = await gather(unpacked, MAX_BYTES);
		return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
	} catch (error) {
		throw error instanceof LinkError ? error : damaged();
	}
}
