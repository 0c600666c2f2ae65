// The table that says the same as a picture, folded away until it is wanted.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

/** `make`: made when it is unfolded. */
export function AsTable({ title, make }: { title: string; make: () => ComponentChildren }) {
	const [open, setOpen] = useState(false);
	return (
		<details class="as-table" onToggle={(e) => setOpen(e.currentTarget.open)}>
			<summary>{title}</summary>
			{open && make()}
		</details>
	);
}
