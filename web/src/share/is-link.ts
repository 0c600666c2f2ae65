/** The name of the stored link that the page was opened at; null: it is at none. */
export const storedId = (): string | null => /^\/s\/(\w+)$/.exec(location.pathname)?.[1] ?? null;
/** Is a fragment meant as a link to a snippet, of whatever version?  format.ts reads it. */
export const isLink = (fragment: string): boolean => /^#?\d+(:|%3A)/i.test(fragment);
