// One row a panel: its id is the lens's name in the contract.
import type { ComponentType } from 'preact';
import type { LensName } from '../api';
import { lazyPanel } from './lazy';
import { OutputPanel } from './output';
import type { PanelProps } from './props';

export interface PanelRow {
	id: 'output' | LensName;
	title: string;
	/** What it shows, for someone who has not run anything yet. */
	blurb: string;
	Panel: ComponentType<PanelProps>;
}

export const panels: PanelRow[] = [
	{
		id: 'output',
		title: 'Output',
		blurb: 'What the program printed, how it ended, and what it used.',
		Panel: OutputPanel,
	},
	{
		id: 'steps',
		title: 'Steps',
		blurb: 'The program step by step, forth and back: frames, variables, objects.',
		Panel: lazyPanel('steps', 'its steps', () => import('./steps/panel').then((m) => m.StepsBody)),
	},
	{
		id: 'objects',
		title: 'Objects',
		blurb: 'What lies in memory behind a name: bytes, tables, room to grow, the order of lookups.',
		Panel: lazyPanel('objects', 'its objects', () =>
			import('./objects/panel').then((m) => m.ObjectsBody),
		),
	},
	{
		id: 'ast',
		title: 'AST',
		blurb: 'How the compiler read the source: tokens, tree, scopes of names, code objects.',
		Panel: lazyPanel('ast', 'how it was read', () => import('./ast/panel').then((m) => m.AstBody)),
	},
	{
		id: 'bytecode',
		title: 'Bytecode',
		blurb: 'What the compiler made of each line, instruction by instruction.',
		Panel: lazyPanel('bytecode', 'its bytecode', () =>
			import('./bytecode').then((m) => m.BytecodeBody),
		),
	},
	{
		id: 'refcounts',
		title: 'Refcounts',
		blurb: 'How many references the program holds on each name, after each line.',
		Panel: lazyPanel('refcounts', 'its reference counts', () =>
			import('./refcounts/panel').then((m) => m.RefcountsBody),
		),
	},
	{
		id: 'gc',
		title: 'GC',
		blurb: 'When the cyclic garbage collector ran, what it found, and a film of how.',
		Panel: lazyPanel('gc', 'its garbage collections', () =>
			import('./gc/panel').then((m) => m.GcBody),
		),
	},
	{
		id: 'timing',
		title: 'Timing',
		blurb: 'Where the time went: compiling, running, and line by line.',
		Panel: lazyPanel('timing', 'its time', () => import('./timing').then((m) => m.TimingBody)),
	},
	{
		id: 'profile',
		title: 'Profile',
		blurb: 'Where the time went by function and by path, without and with what was called.',
		Panel: lazyPanel('profile', 'its profile', () =>
			import('./profile/panel').then((m) => m.ProfileBody),
		),
	},
	{
		id: 'counts',
		title: 'Counts',
		blurb:
			'Instructions by line and function, comparisons, hashes and moved bytes: the same each time.',
		Panel: lazyPanel('counts', 'what it counted', () =>
			import('./counts/panel').then((m) => m.CountsBody),
		),
	},
	{
		id: 'memory',
		title: 'Memory',
		blurb: 'What was allocated and by which line, when most of it was there, and what stayed.',
		Panel: lazyPanel('memory', 'its memory', () =>
			import('./memory/panel').then((m) => m.MemoryBody),
		),
	},
	{
		id: 'frames',
		title: 'Frames',
		blurb: 'Who called whom and how often, how deep it went, and what it took of the C stack.',
		Panel: lazyPanel('frames', 'its calls', () =>
			import('./frames/panel').then((m) => m.FramesBody),
		),
	},
	{
		id: 'threads',
		title: 'Threads',
		blurb: 'Who had the GIL and who waited for it, and where it was let go.',
		Panel: lazyPanel('threads', 'its threads', () =>
			import('./threads/panel').then((m) => m.ThreadsBody),
		),
	},
	{
		id: 'tasks',
		title: 'Tasks',
		blurb: 'What the tasks of asyncio did and waited for, and what held their loop up.',
		Panel: lazyPanel('tasks', 'its tasks', () => import('./tasks/panel').then((m) => m.TasksBody)),
	},
	{
		id: 'processes',
		title: 'Processes',
		blurb: 'Who started whom, what they sent each other, and what became of them.',
		Panel: lazyPanel('processes', 'its processes', () =>
			import('./processes/panel').then((m) => m.ProcessesBody),
		),
	},
];
