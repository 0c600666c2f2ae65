// Links that the server keeps: docs/links.md, "Short links".
import { ProblemError, record, send, unreached } from '../api';
import { LinkError } from './format';

const KEY = 'vitrine.links.1';
const MOST = 50;

/** A share that was made in this browser. */
export interface Stored {
	id: string;
	/** Takes it back. */
	token: string;
	/** In ISO 8601; null: never over. */
	until: string | null;
	/** What it was of. */
	title: string;
}

const call = async (path: string, init: RequestInit = {}): Promise<Record<string, unknown>> => {
	const reply = await send(`/v1/links${path}`, init);
	return reply.status === 204 ? {} : record(await reply.json());
};

/** Why a call failed, in a sentence. */
export const why = (error: unknown): string => {
	if (!(error instanceof ProblemError)) throw error;
	const { title, detail, status } = error.problem;
	return status === 0 ? `${title}.` : (detail ?? title);
};

/** The fragment of a stored link.  Fails with a LinkError. */
export async function fetchStored(id: string): Promise<string> {
	try {
		return String((await call(`/${encodeURIComponent(id)}`)).link);
	} catch (error) {
		throw new LinkError(why(error));
	}
}

const isStored = (v: unknown): v is Stored => {
	const { id, token, until, title } = record(v);
	return [id, token, title, until ?? ''].every((text) => typeof text === 'string');
};

/** Those of this browser that are not over, the latest first. */
export function listStored(): Stored[] {
	try {
		const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
		const now = Date.now();
		return (Array.isArray(kept) ? kept : [])
			.filter(isStored)
			.filter(({ until }) => until === null || Date.parse(until) > now)
			.slice(0, MOST);
	} catch {
		return [];
	}
}

/** False when the browser keeps nothing. */
function keep(all: Stored[]): boolean {
	try {
		localStorage.setItem(KEY, JSON.stringify(all.slice(0, MOST)));
		return true;
	} catch {
		return false;
	}
}

/** Stores a fragment for so many seconds; null: for ever.  `kept`: whether this browser can take it back. */
export async function store(
	link: string,
	expires_in_s: number | null,
	title: string,
): Promise<Stored & { kept: boolean }> {
	const made = await call('', {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ link, expires_in_s }),
	});
	const { id, delete_token, expires_at } = made;
	const stored = { id: String(id), token: String(delete_token), until: expires_at, title };
	if (!isStored(stored)) throw new ProblemError(unreached());
	return { ...stored, kept: keep([stored, ...listStored()]) };
}

/** Takes a share back; one that is gone already is fine. */
export async function takeBack({ id, token }: Stored): Promise<void> {
	try {
		await call(`/${id}`, { method: 'DELETE', headers: { Authorization: `Bearer ${token}` } });
	} catch (error) {
		if (!(error instanceof ProblemError && error.problem.status === 404)) throw error;
	}
	keep(listStored().filter((one) => one.token !== token));
}
