// Arrows from where an object is referred to, to its box.
const SVG = 'http://www.w3.org/2000/svg';
/** More would be a thicket; the numbers stay. */
const MOST = 120;

interface Point {
	x: number;
	y: number;
}

const p = ({ x, y }: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;

const HEAD = 6;

/** A curve that arrives at `b` straight from `into`, and its head. */
function curve(a: Point, out: Point, into: Point, b: Point): string {
	const [dx, dy] = [Math.sign(b.x - into.x), into.x === b.x ? Math.sign(b.y - into.y) : 0];
	const wing = (side: 1 | -1): Point => ({
		x: b.x - (dy === 0 ? dx * HEAD : side * HEAD * 0.6),
		y: b.y - (dy === 0 ? side * HEAD * 0.6 : dy * HEAD),
	});
	return `M${p(a)}C${p(out)} ${p(into)} ${p(b)}M${p(wing(1))}L${p(b)}L${p(wing(-1))}`;
}

/** From the right end of `from` to the nearest side of `to`. */
export function pathBetween(from: DOMRect, to: DOMRect): string {
	const a = { x: from.right + 1, y: from.top + from.height / 2 };
	const side = { x: to.left - 3, y: to.top + Math.min(14, to.height / 2) };
	if (side.x > a.x + 6) {
		const bend = Math.max(14, Math.min(70, (side.x - a.x) / 2));
		return curve(a, { x: a.x + bend, y: a.y }, { x: side.x - bend, y: side.y }, side);
	}
	const inside = from.left >= to.left && from.right <= to.right;
	if (inside && from.top >= to.top && from.bottom <= to.bottom) {
		// To itself: out on the right and back.
		const back = { x: to.right + 3, y: to.top + 12 };
		return curve(a, { x: to.right + 30, y: a.y }, { x: to.right + 30, y: back.y }, back);
	}
	const below = to.top > a.y;
	const end = { x: to.left + Math.min(40, to.width / 2), y: below ? to.top - 3 : to.bottom + 3 };
	const by = Math.max(18, Math.min(60, Math.abs(end.y - a.y) / 2)) * (below ? 1 : -1);
	return curve(a, { x: a.x + 24, y: a.y + by / 2 }, { x: end.x, y: end.y - by }, end);
}

/** Draws them anew over `stage`; paths are used again. */
export function drawArrows(stage: HTMLElement, svg: SVGSVGElement): void {
	const boxes = new Map<string, HTMLElement>();
	for (const box of stage.querySelectorAll<HTMLElement>('.box')) boxes.set(box.id.slice(2), box);
	const all: { d: string; look: string; to: string }[] = [];
	const origin = stage.getBoundingClientRect();
	const shift = (r: DOMRect) => new DOMRect(r.x - origin.x, r.y - origin.y, r.width, r.height);
	const rects = new Map<string, DOMRect>();
	for (const ref of stage.querySelectorAll<HTMLElement>('.ref')) {
		const to = ref.dataset.to ?? '';
		const box = boxes.get(to);
		if (box === undefined || all.length === MOST) continue;
		let rect = rects.get(to);
		if (rect === undefined) {
			rect = shift(box.getBoundingClientRect());
			rects.set(to, rect);
		}
		const far = ref.closest('.box') === null ? '' : ' inner';
		const hue = /hue-\d/.exec(ref.className)?.[0] ?? '';
		all.push({
			d: pathBetween(shift(ref.getBoundingClientRect()), rect),
			look: `arrow ${hue}${far}`,
			to,
		});
	}
	while (svg.children.length > all.length) svg.lastElementChild?.remove();
	while (svg.children.length < all.length) svg.append(document.createElementNS(SVG, 'path'));
	all.forEach(({ d, look, to }, i) => {
		const path = svg.children[i] as SVGPathElement;
		if (path.getAttribute('d') !== d) path.setAttribute('d', d);
		if (path.getAttribute('class') !== look) path.setAttribute('class', look);
		path.dataset.to = to;
	});
}
