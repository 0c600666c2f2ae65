import { useMemo, useState } from 'preact/hooks';
import { count, duration } from '../words';
import { Facts, Linked, sourceLine } from './parts';
import type { PanelProps } from './props';

type Order = 'line' | 'time';

export function TimingBody({ result, lines }: PanelProps) {
	const timing = result.lenses.timing;
	const [order, setOrder] = useState<Order>('line');
	const timed = timing?.lines ?? [];
	const sorted = useMemo(
		() => [...timed].sort((a, b) => (order === 'line' ? a.line - b.line : b.self_ns - a.self_ns)),
		[timing, order],
	);
	if (timing === undefined) return null;
	const total = timed.reduce((sum, l) => sum + l.self_ns, 0);
	const facts: [string, string][] = [];
	if (timing.compile_ns !== undefined) facts.push(['Compiling', duration(timing.compile_ns)]);
	if (timing.exec_wall_ns !== undefined)
		facts.push(['Running, wall time', duration(timing.exec_wall_ns)]);
	if (timing.exec_cpu_ns !== undefined)
		facts.push(['Running, processor time', duration(timing.exec_cpu_ns)]);
	const button = (to: Order, label: string) => (
		<button type="button" class="segment" aria-pressed={order === to} onClick={() => setOrder(to)}>
			{label}
		</button>
	);
	return (
		<Linked id="timing">
			<Facts facts={facts} />
			<p class="quiet small pad">
				Those come from the undisturbed pass. The lines come from a traced one, which is slower:
				their shares hold, their sum does not.
			</p>
			{timed.length === 0 ? (
				<p class="absent">No line was timed.</p>
			) : (
				<>
					<fieldset class="segments">
						<legend class="sr">Order of the lines</legend>
						{button('line', 'By line')}
						{button('time', 'Slowest first')}
					</fieldset>
					<table class="grid timing">
						<caption class="sr">Time by line</caption>
						<thead>
							<tr>
								<th scope="col" class="num">
									Line
								</th>
								<th scope="col" class="num">
									Hits
								</th>
								<th scope="col" class="num">
									Self time
								</th>
								<th scope="col">Share</th>
								<th scope="col">Source</th>
							</tr>
						</thead>
						<tbody>
							{sorted.map((l) => {
								const share = total > 0 ? l.self_ns / total : 0;
								return (
									<tr key={l.line} tabIndex={-1} data-line={l.line}>
										<td class="num line">{l.line}</td>
										<td class="num">{count(l.hits)}</td>
										<td class="num">{duration(l.self_ns)}</td>
										<td class="share">
											<meter
												min={0}
												max={1}
												value={share}
												aria-label={`${Math.round(share * 100)} percent`}
											/>
											<span class="percent">
												{share > 0 && share < 0.01 ? '<1' : Math.round(share * 100)}%
											</span>
										</td>
										<td class="src">{sourceLine(lines, l.line)}</td>
									</tr>
								);
							})}
						</tbody>
					</table>
				</>
			)}
		</Linked>
	);
}
