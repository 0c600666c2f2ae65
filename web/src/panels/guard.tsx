import { Component, type ComponentChildren } from 'preact';
import type { RunResult } from '../api';

interface Props {
	title: string;
	result: RunResult;
	children: ComponentChildren;
}

/** A panel fails alone: what a run says about itself was written by a process
 * that also ran a stranger's code, and may not have the shape it should. */
export class Guard extends Component<Props> {
	override state = { failed: false };

	static override getDerivedStateFromError() {
		return { failed: true };
	}

	/** The next run gets its chance. */
	override componentDidUpdate(before: Props) {
		if (this.state.failed && before.result !== this.props.result) this.setState({ failed: false });
	}

	override render() {
		if (!this.state.failed) return this.props.children;
		return (
			<div class="panel-body">
				<p class="absent">
					{this.props.title}: what this run reported cannot be read. The other panels are not
					affected.
				</p>
			</div>
		);
	}
}
