// Style sheets of what is loaded later: the page's policy takes no other styles from a script.

/** Puts a sheet behind those that the page has. A module does so once, when it is loaded. */
export function adopt(css: string): void {
	const sheet = new CSSStyleSheet();
	sheet.replaceSync(css);
	document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
