// A picture of the page as a file of its own: the SVG elements in a part of the page where they stand, with the
// texts beside them, and each colour written down.  It needs nothing from elsewhere.
const SVG = 'http://www.w3.org/2000/svg';

/** What CSS says of shapes, and what is so when nothing is said. */
const LOOKS = {
	fill: 'rgb(0, 0, 0)',
	stroke: 'none',
	'stroke-width': '1px',
	'stroke-dasharray': 'none',
	'stroke-linecap': 'butt',
	'stroke-linejoin': 'miter',
	'fill-opacity': '1',
	'stroke-opacity': '1',
	opacity: '1',
	'vector-effect': 'none',
};

/** A program may name its threads as it likes; XML has no place for these. */
const plain = (text: string): string =>
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
	text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');

const make = (name: string, has: Record<string, string | number>, ...inside: (Node | string)[]) => {
	const e = document.createElementNS(SVG, name);
	for (const [key, value] of Object.entries(has)) e.setAttribute(key, String(value));
	e.append(...inside);
	return e;
};

/** The same, with what style sheets say of it. */
function copy(of: Element, used: Set<string>): Element {
	const all = of.cloneNode(true) as Element;
	const copies = [all, ...all.querySelectorAll('*')];
	[of, ...of.querySelectorAll('*')].forEach((from, i) => {
		const look = getComputedStyle(from);
		const to = copies[i];
		to?.removeAttribute('style');
		for (const [name, usual] of Object.entries(LOOKS)) {
			const value = look.getPropertyValue(name);
			const [, id] = /^url\("#(.+)"\)$/.exec(value) ?? [];
			if (id !== undefined) used.add(id);
			if (value !== usual) to?.setAttribute(name, id === undefined ? value : `url(#${id})`);
		}
	});
	return all;
}

/** Where it is, from the root's corner. */
function place(r: DOMRect, root: DOMRect) {
	const [x, y, width, height] = [r.left - root.left, r.top - root.top, r.width, r.height].map(
		(v) => Math.round(v * 100) / 100,
	) as [number, number, number, number];
	return { x, y, width, height };
}

/** The lines that a text is broken into, with where each is. */
function linesOf(node: Node): { text: string; at: DOMRect }[] {
	const lines: { text: string; at: DOMRect }[] = [];
	const range = document.createRange();
	for (const word of (node.textContent ?? '').matchAll(/\S+\s*/g)) {
		range.setStart(node, word.index);
		range.setEnd(node, word.index + word[0].length);
		const at = range.getClientRects()[0];
		const line = lines[lines.length - 1];
		if (at === undefined) continue;
		if (line === undefined || at.top > line.at.top + 1) lines.push({ text: word[0], at });
		else line.text += word[0];
	}
	return lines;
}

function textsOf(root: HTMLElement, all: DOMRect): Element[] {
	const texts: Element[] = [];
	const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
	for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
		const parent = node.parentElement;
		if (parent === null || parent.closest('svg, button') !== null) continue;
		const look = getComputedStyle(parent);
		const box = place(parent.getBoundingClientRect(), all);
		// One that is cut short on the page is cut there.
		const cut = look.textOverflow === 'ellipsis';
		for (const { text, at } of linesOf(node)) {
			const { x, y, height } = place(at, all);
			const one = make(
				'text',
				{
					x: cut ? x - box.x : x,
					y: (cut ? y - box.y : y) + height / 2,
					'dominant-baseline': 'central',
					'font-family': look.fontFamily,
					'font-size': look.fontSize,
					'font-weight': look.fontWeight,
					fill: look.color,
				},
				plain(text.trim()),
			);
			texts.push(cut ? make('svg', box, one) : one);
		}
	}
	return texts;
}

/** The SVG elements and the texts in a part of the page, as a document. */
export function svgOf(root: HTMLElement, title: string, desc: string): string {
	const all = root.getBoundingClientRect();
	const used = new Set<string>();
	const pictures = [...root.querySelectorAll('svg')].map((svg) => {
		const one = copy(svg, used);
		for (const [key, value] of Object.entries(place(svg.getBoundingClientRect(), all)))
			one.setAttribute(key, String(value));
		for (const name of ['role', 'aria-hidden', 'aria-label']) one.removeAttribute(name);
		const { backgroundColor } = getComputedStyle(svg);
		one.prepend(
			make('rect', { class: 'back', width: '100%', height: '100%', fill: backgroundColor }),
		);
		return one;
	});
	const patterns = [...used]
		.map((id) => document.getElementById(id))
		.filter((e) => e !== null)
		.map((e) => copy(e, used));
	const [width, height] = [Math.ceil(all.width), Math.ceil(all.height)];
	// What is behind it on the page: the first of those around it that has a colour.
	let around: Element | null = root;
	let paper = '';
	while (around !== null && !/^rgb\(/.test(paper)) {
		paper = getComputedStyle(around).backgroundColor;
		around = around.parentElement;
	}
	const whole = make(
		'svg',
		{
			width,
			height,
			viewBox: `0 0 ${width} ${height}`,
			role: 'img',
			'aria-labelledby': 'title desc',
		},
		make('title', { id: 'title' }, plain(title)),
		make('desc', { id: 'desc' }, plain(desc)),
		make('defs', {}, ...patterns),
		make('rect', { class: 'back', width, height, fill: paper }),
		...pictures,
		...textsOf(root, all),
	);
	return `${new XMLSerializer().serializeToString(whole)}\n`;
}
