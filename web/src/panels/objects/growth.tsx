// How the room of a container changed while the program ran: a chart, and the
// same as a table.
import type { Series } from '../../objects/view';
import { count, plural } from '../../words';
import { sourceLine } from '../parts';
import { Section, Wide } from './refs';

const W = 600;
const H = 120;
const PAD = 4;
/** Changes in a table; a list that grows to millions has some hundred. */
const ROWS = 100;
/** Charts on one page. */
export const CHARTS = 24;

const rooms: Record<string, { of: string; one: string }> = {
	list: { of: 'items', one: 'item' },
	dict: { of: 'slots', one: 'slot' },
	set: { of: 'slots', one: 'slot' },
	bytearray: { of: 'bytes', one: 'byte' },
};

function paths(series: Series, length: number | null): { room: string; filled: string } {
	const { events } = series;
	const top = events.reduce((a, e) => Math.max(a, e.to, e.from ?? 0, e.length), 1);
	const n = events.length;
	const x = (i: number) => (PAD + (i / Math.max(1, n)) * (W - 2 * PAD)).toFixed(1);
	const y = (v: number) => (H - PAD - (v / top) * (H - 2 * PAD)).toFixed(1);
	let room = '';
	let filled = '';
	events.forEach((e, i) => {
		room += i === 0 ? `M${x(0)} ${y(e.to)}` : `H${x(i)}V${y(e.to)}`;
		filled += `${i === 0 ? 'M' : 'L'}${x(i)} ${y(e.length)}`;
	});
	room += `H${x(n)}`;
	if (length !== null) filled += `L${x(n)} ${y(length)}`;
	return { room, filled };
}

function Chart({ series, length }: { series: Series; length: number | null }) {
	const { events, kind } = series;
	const { room, filled } = paths(series, length);
	const top = events.reduce((a, e) => Math.max(a, e.to), 0);
	const last = events[events.length - 1];
	const unit = rooms[kind]?.of ?? 'items';
	return (
		<figure class="growth">
			<div class="growth-frame">
				<span class="growth-top">{count(top)}</span>
				<span class="growth-floor">0</span>
				<svg
					viewBox={`0 0 ${W} ${H}`}
					preserveAspectRatio="none"
					role="img"
					aria-label={`Room and length of ${series.name}: ${plural(events.length, 'change')}, room for ${count(last?.to ?? 0)} ${unit} in the end`}
				>
					<path class="floor" d={`M0 ${H - PAD}H${W}`} />
					<path class="room" d={room} />
					<path class="filled" d={filled} />
				</svg>
			</div>
			<figcaption class="quiet small">
				<span class="key room" /> room, in {unit} <span class="key filled" /> items in it. From left
				to right: each change of room.
			</figcaption>
		</figure>
	);
}

function Changes({ series, lines }: { series: Series; lines: string[] }) {
	const { events, kind } = series;
	const shown = events.slice(0, ROWS);
	return (
		<>
			<Wide>
				<table class="grid obj-table" aria-label={`Changes of room of ${series.name}`}>
					<thead>
						<tr>
							<th scope="col" class="num">
								Line
							</th>
							<th scope="col">Source</th>
							<th scope="col" class="num">
								Items
							</th>
							<th scope="col">Room, in {rooms[kind]?.of ?? 'items'}</th>
							<th scope="col" class="num">
								Bytes
							</th>
							<th scope="col">Block</th>
						</tr>
					</thead>
					<tbody>
						{shown.map((e, n) => (
							<tr key={n} tabIndex={-1} data-line={e.line > 0 ? e.line : undefined}>
								<td class="num line">{e.line > 0 ? e.line : ''}</td>
								<td class="src" title={sourceLine(lines, e.line)}>
									{e.line > 0 ? sourceLine(lines, e.line) : 'not in main.py'}
								</td>
								<td class="num">{count(e.length)}</td>
								<td>
									{e.from === null
										? `first seen: ${count(e.to)}`
										: `${count(e.from)} → ${count(e.to)}`}
								</td>
								<td class="num">{count(e.bytes)}</td>
								<td>{e.from === null ? '' : e.moved ? 'moved' : 'stayed'}</td>
							</tr>
						))}
					</tbody>
				</table>
			</Wide>
			{events.length > ROWS && (
				<p class="quiet small obj-note">
					{plural(events.length - ROWS, 'change')} more, not in the table.
				</p>
			)}
		</>
	);
}

export function GrowthOf({
	series,
	length,
	lines,
	title,
}: {
	series: Series;
	/** Items that it has now, if that is known. */
	length: number | null;
	lines: string[];
	title: string;
}) {
	const changes = series.events.filter((e) => e.from !== null).length;
	const where =
		series.function === '<module>' || series.function === '' ? '' : ` in ${series.function}`;
	return (
		<Section title={title}>
			<p class="obj-say">
				Its room changed {plural(changes, 'time')}
				{where}.{' '}
				<span class="quiet">
					Within one line there may have been several; then it is from the first to the last.
				</span>
			</p>
			<Chart series={series} length={length} />
			<details class="twin">
				<summary>Changes as a table</summary>
				<Changes series={series} lines={lines} />
			</details>
		</Section>
	);
}
