// What the panels for objects and the tree know without a page: numbers of 64
// bits, what is typed into a field, where bytes lie, which node is meant.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { python } from './harness.mjs';
import { source } from './source-module.mjs';

const { parseExact } = await source('exact');
const ask = await source('objects/ask');
const { memoryRows, seriesOf, growthOf } = await source('objects/view');
const { mergeWords } = await source('objects/words');
const { Tree, excerpt, moveOf } = await source('ast/tree', 'tree-moves');

test('whole numbers that a double cannot hold keep their digits', () => {
	// 2**53 + 1 is the first that a double cannot hold.
	const text = `{"a":9007199254740991,"b":[9007199254740993, -5788219608802076558],"c":1.5e300,
		"d":"x, 9007199254740993]\\\\", "e\\"9007199254740993":12345678901234567890, "f":0.1234567890123456789,
		"g": 1e-300, "h":true}`;
	assert.deepEqual(parseExact(text), {
		a: 9007199254740991,
		b: ['9007199254740993', '-5788219608802076558'],
		c: 1.5e300,
		d: 'x, 9007199254740993]\\',
		'e"9007199254740993': '12345678901234567890',
		f: Number('0.1234567890123456789'),
		g: 1e-300,
		h: true,
	});
	assert.throws(() => parseExact('{"a": "9007199254740993'), SyntaxError);
	const [reply, digits] = python(`import json
h = hash(0.1)
print(json.dumps([json.dumps({'hash': h}), str(h)]))`);
	assert.equal(parseExact(reply).hash, digits);
});

test('fields: what the contract allows is asked, the rest is said', () => {
	assert.deepEqual(ask.readNames('a, _b  café 1x a-b a'), {
		values: ['a', '_b', 'café'],
		refused: ['1x', 'a-b'],
	});
	assert.equal(
		ask.readNames(Array.from({ length: 70 }, (_, n) => `n${n}`).join()).values.length,
		64,
	);
	assert.deepEqual(ask.readAttributes('p.x shop.stock.items p .x p.1'), {
		values: ['p.x', 'shop.stock.items'],
		refused: ['p', '.x', 'p.1'],
	});
	assert.deepEqual(ask.readLines('3 7,3 0 -1 1048578 x'), {
		values: [3, 7],
		refused: ['0', '-1', '1048578', 'x'],
	});
	assert.deepEqual(ask.readKeys(`a, 7, '7', "x, y", -3 , two words`), {
		values: ['a', 7, '7', 'x, y', -3, 'two words'],
		refused: [],
	});
	assert.deepEqual(ask.readKeys('9007199254740993').refused, ['9007199254740993']);
	assert.deepEqual(ask.optionsOf({ names: '', lines: '4', keys: ' ', attributes: 'p' }), {
		at: [4],
	});
});

const object = (head, bytes, layout) => ({
	head_bytes: head,
	object_bytes: bytes,
	layout: layout.map(([offset, size, field, more]) => ({ offset, bytes: size, field, ...more })),
});

/** Rows as [offset, field@from+bytes…], or what was left out. */
const drawn = (o) =>
	memoryRows(o).map((row) =>
		'skipped' in row
			? [row.offset, `${row.skipped} of ${row.of}`]
			: [
					row.offset,
					...row.pieces.map(
						(p) => `${p.field?.field ?? '-'}@${p.at}+${p.bytes}${p.first ? '' : '…'}`,
					),
				],
	);

test('bytes: fields in rows of eight, gaps, and what goes on', () => {
	assert.deepEqual(
		drawn(
			object(8, 40, [
				[-8, 8, 'prev', {}],
				[0, 8, 'refcnt', {}],
				[8, 1, 'state', { hex: 'e5' }],
				[12, 8, 'across', { hex: '0102030405060708' }],
				[20, 4, 'low', {}],
			]),
		),
		[
			[-8, 'prev@0+8'],
			[0, 'refcnt@0+8'],
			[8, 'state@0+1', '-@1+3', 'across@4+4'],
			[16, 'across@0+4…', 'low@4+4'],
			[24, '16 of null'],
		],
	);
});

test('bytes: a million of them take a few rows, and a field that overlaps none', () => {
	const rows = drawn(
		object(0, 1_000_005, [
			[0, 8, 'refcnt', {}],
			[4, 8, 'overlaps', {}],
			[8, 999_997, 'characters', { hex: '61'.repeat(64) }],
		]),
	);
	assert.deepEqual(rows[1], [8, 'characters@0+8']);
	assert.equal(rows.length, 1 + 8 + 1 + 1);
	// From behind the 64 known bytes to the last whole row, and five bytes more.
	assert.deepEqual(rows.at(-2), [72, `${1_000_000 - 72} of characters`]);
	assert.deepEqual(rows.at(-1), [1_000_000, 'characters@0+5…']);
});

test('growth: an address that was another’s before is not that one', () => {
	const event = (address, from, to) => ({ name: 'r', kind: 'list', address, from, to, length: to });
	const all = seriesOf([event(1, null, 0), event(2, null, 0), event(1, 0, 4), event(1, null, 9)]);
	assert.deepEqual(
		all.map((s) => s.events.length),
		[2, 1, 1],
	);
	const list = (address, capacity) => ({ address, kind: 'list', list: { capacity } });
	assert.equal(growthOf(all, list(1, 9)), all[2]);
	assert.equal(growthOf(all, list(1, 4)), null);
	assert.equal(growthOf(all, { address: 1, kind: 'dict', dict: { slots: 9 } }), null);
});

test('the merge: why a head was taken', () => {
	assert.equal(
		mergeWords({ lists: [['A', 'o'], ['C', 'A', 'o'], ['C']], passed_over: ['A'], taken: 'C' }),
		'A must wait: it stands further back in another list; C is a head that stands nowhere further back',
	);
	assert.equal(
		mergeWords({ lists: [['o'], ['o']], passed_over: [], taken: 'o' }),
		'o is the head of all',
	);
});

const NODES = `
import ast, json, sys
out = []
def walk(node, parent):
    n = len(out)
    at = [node.lineno, node.end_lineno, node.col_offset, node.end_col_offset] if hasattr(node, 'lineno') else None
    out.append(dict(type=type(node).__name__, parent=parent, field=None, index=None, positions=at, values={}))
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.expr_context, ast.operator)): walk(child, n)
walk(ast.parse(sys.stdin.read()), None)
print(json.dumps(out))`;

test('the tree: the node at a place is the smallest that ast has there', () => {
	const code = 'def f(a):\n    return g("é", a+1)\n\nx = f(2)\n';
	const lines = code.split('\n');
	const tree = new Tree(python(NODES, code));
	const at = (line, col) => {
		const n = tree.nodeAt(line, col);
		return n === null ? null : [tree.nodes[n].type, excerpt(lines, tree.nodes[n].positions)];
	};
	// In bytes: g is at 11, the string from 13 to 17, a at 19, 1 at 21.
	assert.deepEqual(at(2, 11), ['Name', 'g']);
	assert.deepEqual(at(2, 15), ['Constant', '"é"']);
	assert.deepEqual(at(2, 21), ['Constant', '1']);
	assert.deepEqual(at(2, 18), ['Call', 'g("é", a+1)']);
	assert.deepEqual(at(2, 6), ['Return', 'return g("é", a+1)']);
	assert.deepEqual(at(2, 0), ['FunctionDef', 'def f(a): …']);
	assert.equal(at(3, 0), null);
	// Without a column: what begins on the line.
	assert.deepEqual(at(4, undefined), ['Assign', 'x = f(2)']);
	// No more than some hundred rows at first, but all of a small one.
	assert.equal(tree.visible(tree.first()).length, tree.nodes.length);
	const long = new Tree(python(NODES, 'x = 1 + 2\n'.repeat(500)));
	assert.equal(long.visible(long.first()).length, 501);
});

test('the tree: keys', () => {
	const tree = new Tree(python(NODES, 'x = 1 + 2\ny = 3\n'));
	const type = (n) => tree.nodes[n].type;
	const open = new Set([0]);
	const rows = tree.visible(open);
	assert.deepEqual(rows.map(type), ['Module', 'Assign', 'Assign']);
	const sight = { tree, rows, at: 1, open, page: 10 };
	assert.deepEqual(moveOf('ArrowRight', sight), { unfold: [rows[1]] });
	assert.deepEqual(moveOf('ArrowLeft', sight), { to: 0 });
	assert.deepEqual(moveOf('ArrowLeft', { ...sight, at: 0 }), { fold: 0 });
	assert.deepEqual(moveOf('*', sight), { unfold: [rows[1], rows[2]] });
	assert.deepEqual(moveOf('PageDown', sight), { to: rows[2] });
	assert.equal(moveOf('a', sight), null);
});
