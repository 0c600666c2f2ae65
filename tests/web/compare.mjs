// What the page knows of comparisons without a page: events of a stream, which
// runtimes are chosen, words, and texts that are put beside each other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { python, root } from './harness.mjs';
import { source } from './source-module.mjs';

const { eventReader } = await source('sse');
const choice = await source('compare/choice');
const view = await source('compare/view', 'compare/words');
const { bytecodeSide, outputSide, twinRows, MOST_LINES } = await source('compare/texts');

/** The events of a text that comes in pieces of n characters. */
function heard(text, n) {
	const events = [];
	const read = eventReader((event, data) => events.push([event, data]));
	for (let at = 0; at < text.length; at += n) read(text.slice(at, at + n));
	return events;
}

test('events: however the stream is cut into pieces', () => {
	// By the standard's "interpreting an event stream": a comment, a field without a space, data of
	// two lines, a line that ends in CRLF, and an event that is not over at the end, which is none.
	const text =
		': begun\n\nevent: result\ndata: {"a":"\u2028"}\n\nevent:done\r\ndata:one\r\ndata: two\r\n\r\ndata: x\n\nevent: none\n\ndata: cut';
	const events = [
		['result', '{"a":"\u2028"}'],
		['done', 'one\ntwo'],
		['message', 'x'],
	];
	for (const n of [1, 2, 3, 7, text.length]) assert.deepEqual(heard(text, n), events, `by ${n}`);
});

const installed = ['3.9', '3.11', '3.13', '3.13t', '3.14', '3.15', '3.16'].map((id) => ({
	id,
	version: `${id.replace('t', '')}.1`,
	gil: id !== '3.13t',
}));
const ids = (list) => list.map((r) => r.id);

test('choice: all that there are, six at most, and what is off stays off', () => {
	assert.deepEqual(ids(choice.chosenOf(installed, [])), ids(installed).slice(0, 6));
	assert.deepEqual(ids(choice.chosenOf(installed, ['3.9', '3.14'])), [
		'3.11',
		'3.13',
		'3.13t',
		'3.15',
		'3.16',
	]);
	// One is taken out: the seventh does not come in its place.
	let off = choice.offAfter(installed, [], '3.11', false);
	assert.deepEqual(ids(choice.chosenOf(installed, off)), ['3.9', '3.13', '3.13t', '3.14', '3.15']);
	off = choice.offAfter(installed, off, '3.16', true);
	assert.deepEqual(ids(choice.chosenOf(installed, off)).at(-1), '3.16');
	// One that is not installed today is remembered.
	assert.ok(choice.offAfter(installed.slice(0, 2), ['3.8'], '3.9', false).includes('3.8'));
});

test('choice: a run is made on what somebody chose, else on what the server takes', () => {
	const usual = /#define USUAL_RUNTIME\s+"(.+)"/.exec(
		readFileSync(join(root, 'server/engine.c'), 'utf8'),
	)[1];
	assert.equal(choice.usualOf(installed, '').id, usual);
	assert.equal(choice.usualOf(installed, '3.14').id, '3.14');
	assert.equal(choice.usualOf(installed, '2.7').id, usual);
	assert.equal(choice.usualOf(installed.slice(4), '').id, '3.14');
	assert.equal(choice.usualOf([], ''), null);
	assert.equal(choice.versionWords(installed[3]), '3.13.1, no GIL');
});

/** What the server says of three, of which the last two are the same in the output. */
const output = (d = {}) => ({
	groups: [['3.9'], ['3.11', '3.14']],
	incomplete: [],
	against_baseline: [{ runtimes: ['3.11', '3.14'], truncated: false, ...d }],
});
const whole = (same, differences, more = {}) => ({
	id: 'cmp_x',
	runtimes: ['3.9', '3.11', '3.14'],
	baseline: '3.9',
	all_same: !Object.values(same).includes(false),
	same,
	differences,
	...more,
});
const alike = (incomplete = []) => ({
	groups: [['3.9', '3.11', '3.14']],
	incomplete,
	against_baseline: [],
});

test('words: those of vitrine compare', () => {
	const c = readFileSync(join(root, 'server/cli_compare_table.c'), 'utf8');
	const same = view.statusWords(whole({ output: true }, { output: alike() }));
	const cut = view.statusWords(whole({ output: null }, { output: alike() }, { all_same: null }));
	const differ = view.statusWords(
		whole({ verdict: true, output: false, gc: false, timing: null }, {}),
	);
	for (const words of [same, cut]) assert.ok(c.includes(`"${words}"`), words);
	const [, form] = /"(they differ: )%s"/.exec(c);
	assert.equal(differ, `${form}output, gc`);
	const parted = whole({ output: null }, { output: alike(['3.11']) });
	assert.equal(view.cellOf(parted, 'output', '3.9').words, 'same');
	assert.equal(view.cellOf(parted, 'output', '3.11').words, 'same so far');
	assert.ok(c.includes('"same" : "same so far"'));
	const edits = [
		{ tag: 'replace', a_from: 0, a_to: 2, b_from: 0, b_to: 3, a: [], b: [] },
		{ tag: 'insert', a_from: 4, a_to: 4, b_from: 5, b_to: 6, a: [], b: [] },
	];
	const stream = (d) => view.differenceWords({ runtimes: [], truncated: false, ...d });
	// 2 of a; 3 and 1 of b.
	assert.equal(
		stream({ stdout: { first_byte: 0, only_addresses: false, edits }, stderr: null }),
		'stdout −2 +4',
	);
	assert.equal(
		stream({ stdout: { first_byte: 0, only_addresses: true, edits }, stderr: null }),
		'stdout: addresses',
	);
	assert.equal(
		stream({ stdout: null, stderr: { first_byte: 3, only_addresses: false, edits: null } }),
		'stderr: bytes',
	);
	assert.equal(
		stream({ totals: { instructions: { a: 7, b: 5 } }, code_objects: [] }),
		'7 → 5 instructions',
	);
});

test('words: the server says what is the same, a runtime without a run says nothing', () => {
	const w = whole(
		{ output: false, gc: true, timing: null },
		{ output: output(), gc: alike(), timing: { figures: [] } },
	);
	assert.deepEqual([view.markOf(w, 'gc').words, view.markOf(w, 'gc').tone], ['same', 'same']);
	assert.deepEqual(view.markOf(w, 'output').tone, 'differs');
	assert.equal(view.markOf(w, 'timing').words, 'not judged');
	assert.equal(view.cellOf(w, 'output', '3.14').tone, 'differs');
	assert.equal(view.cellOf(w, 'output', '3.15'), null);
	assert.deepEqual(view.aspectsOf(w, false), ['output', 'gc', 'timing']);
	assert.deepEqual(view.aspectsOf(w, true), ['output', 'timing']);
	// It is not looked at what the runs hold: were `same` wrong, the page would be.
	assert.equal(view.markOf(whole({ gc: false }, { gc: alike() }), 'gc').tone, 'differs');
	const none = whole({ output: null }, { output: alike() }, { baseline: null, all_same: null });
	assert.equal(view.markOf(none, 'output').words, 'no run');
	const three = { groups: [['a'], ['b'], ['c']], against_baseline: [{}, {}], incomplete: [] };
	assert.equal(view.markOf(whole({ gc: false }, { gc: three }), 'gc').words, '3 ways');
});

const stream = (text) => ({ text, truncated: false });

test('texts: the output, and which stream a line is of', () => {
	const side = (out, err) => outputSide({ stdout: out, stderr: err });
	assert.deepEqual(side(stream('a\nb\n'), stream('')).lines, ['a', 'b']);
	assert.deepEqual(side(stream(''), stream('')).lines, []);
	const both = side(stream('a\n'), stream('no'));
	assert.deepEqual(both.lines, ['standard output:', 'a', 'standard error:', 'no']);
	assert.deepEqual(both.numbers, ['', '1', '', '1']);
	const long = side(stream('x\n'.repeat(MOST_LINES + 7)), stream(''));
	assert.deepEqual(
		[long.lines.length, long.numbers.length, long.left],
		[MOST_LINES, MOST_LINES, 7],
	);
	// A line of a megabyte is one line that is cut, not a page that stands still.
	assert.ok(side(stream('x'.repeat(1 << 20)), stream('')).lines[0].length < 3000);
});

const PROGRAM = `
def f(n):
    while n:
        n -= 1
        if n == 3:
            continue
    return lambda: n
`;

test('texts: bytecode as dis says it, but that a jump is the line it leads to', () => {
	// What the lens replies, made by dis itself; and what is expected of it, from the same.
	const [lens, expected] = python(`
import dis, json, types
codes, lines = [], []
def walk(code):
    ins = list(dis.get_instructions(code))
    at = {i.offset: i.positions.lineno for i in ins}
    codes.append(dict(name=code.co_name, qualname=code.co_qualname, first_line=code.co_firstlineno,
        instructions=[dict(offset=i.offset, op=i.opname, opcode=i.opcode, arg=i.arg, argrepr=i.argrepr,
            line=i.positions.lineno, positions=None, jump_target=i.is_jump_target) for i in ins]))
    lines.append(f'{code.co_name}, line {code.co_firstlineno}')
    for i in ins:
        said = i.argrepr
        if i.opcode in dis.hasjrel or i.opcode in dis.hasjabs:
            said = f'to line {at[i.argval]}'
        if isinstance(i.argval, types.CodeType):
            said = f'<code object {i.argval.co_name}, line {i.argval.co_firstlineno}>'
        if said == '' and i.arg is not None:
            said = str(i.arg)
        lines.append(f'    {i.opname} {said}'.rstrip())
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            walk(const)
walk(compile(${JSON.stringify(PROGRAM)}, 'main.py', 'exec'))
print(json.dumps([{'code_objects': codes}, lines]))`);
	assert.ok(expected.some((line) => line.includes('to line 4')));
	assert.deepEqual(bytecodeSide(lens).lines, expected);
	assert.deepEqual(bytecodeSide(undefined).lines, []);
	// As 3.13 and later have it: by labels, counted from 1 on.
	const labels = {
		code_objects: [
			{
				name: 'f',
				first_line: 1,
				instructions: [
					{ offset: 0, op: 'JUMP', arg: 9, argrepr: 'to L2', line: 1, jump_target: false },
					{ offset: 2, op: 'NOP', arg: null, argrepr: '', line: 2, jump_target: true },
					{ offset: 4, op: 'NOP', arg: null, argrepr: '', line: 7, jump_target: true },
				],
			},
		],
	};
	assert.equal(bytecodeSide(labels).lines[1], '    JUMP to line 7');
	assert.deepEqual(bytecodeSide(labels).numbers, ['', '1', '2', '7']);
});

test('the table of two texts holds both, and leaves out only what is the same', () => {
	const [a, b, parts] = python(`
import difflib, json, random
random.seed(7)
a = [random.choice('abcdefgh') for _ in range(120)]
b = a[:10] + ['new'] + a[10:60] + a[63:100] + ['x', 'y'] + a[101:]
ops = difflib.SequenceMatcher(None, a, b, False).get_opcodes()
print(json.dumps([a, b, [{'a': [i, j], 'b': [k, l]} for tag, i, j, k, l in ops if tag != 'equal']]))`);
	for (const all of [true, false]) {
		const rows = twinRows(a, b, parts, all);
		const of = (side) => rows.filter((r) => r[side] !== null).map((r) => [r[side], r.text]);
		// What is there stands in its place.
		for (const [n, text] of of('a')) assert.equal(text, a[n]);
		for (const [n, text] of of('b')) assert.equal(text, b[n]);
		const skipped = rows
			.filter((r) => r.mark === '…')
			.reduce((sum, r) => sum + Number(r.text.split(' ')[0]), 0);
		assert.equal(of('a').length + skipped, a.length);
		assert.equal(of('b').length + skipped, b.length);
		assert.equal(skipped > 0, !all);
		for (const part of parts)
			for (let n = part.a[0]; n < part.a[1]; n++)
				assert.equal(rows.find((r) => r.a === n).mark, '−');
		assert.equal(
			rows.filter((r) => r.mark === '+').length,
			parts.reduce((sum, p) => sum + p.b[1] - p.b[0], 0),
		);
	}
	assert.deepEqual(twinRows([], [], [], true), []);
});
