/** Is a fragment meant as a link to a snippet, of whatever version?  format.ts reads it. */
export const isLink = (fragment: string): boolean => /^#?\d+(:|%3A)/i.test(fragment);
