// The order of a table's rows.

export interface Order {
	/** Of the column that they are ordered by. */
	head: string;
	down: boolean;
}

/** What a column's head that is pressed leads to: numbers are wanted largest first; then the other way; then as it was. */
export function next(now: Order | null, head: string, numbers: boolean): Order | null {
	if (now?.head !== head) return { head, down: numbers };
	return now.down === numbers ? { head, down: !numbers } : null;
}

/** A copy, in order; what has no value comes last, and what has the same keeps its order. */
export function ordered<Row>(
	rows: Row[],
	by: (row: Row) => number | string | null,
	down = false,
): Row[] {
	return [...rows].sort((a, b) => {
		const [x, y] = [by(a), by(b)];
		if (x === null || y === null) return Number(x === null) - Number(y === null);
		return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
	});
}
