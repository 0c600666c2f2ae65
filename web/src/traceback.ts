// Places that a traceback names.
import type { Exception } from './api';

/** The line of main.py that an exception points at, if it has one. */
export function exceptionLine(e: Exception): number | null {
	if (e.phase === 'compile') return e.line;
	for (const frame of [...e.traceback].reverse()) if (isMain(frame.file)) return frame.line;
	return e.line;
}

export function isMain(file: string): boolean {
	return file === 'main.py' || file.endsWith('/main.py');
}
