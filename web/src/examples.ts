export interface Example {
	id: string;
	title: string;
	/** The tab that shows best what it is about. */
	tab: string;
	code: string;
	stdin?: string;
}

export const examples: Example[] = [
	{
		id: 'aliasing',
		title: 'Two names, one list',
		tab: 'refcounts',
		code: `# Assignment never copies; it binds one more name.
# Watch the count of \`row\` in the Refcounts panel.
row = [0] * 3
grid = [row, row, row]
grid[0][1] = 7
print(grid)

copy = [list(r) for r in grid]
copy[0][1] = 0
print(grid[0], copy[0])
del grid
print(row)
`,
	},
	{
		id: 'reversed',
		title: 'A list turned round, step by step',
		tab: 'steps',
		code: `# Step through it: arrows on the keyboard, or the slider.
# Watch \`before\`, \`here\` and \`after\` walk along the nodes.
class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next


def reverse(head):
    before, here = None, head
    while here is not None:
        after = here.next
        here.next = before
        before, here = here, after
    return before


def values(node):
    while node is not None:
        yield node.value
        node = node.next


chain = None
for word in ("moon", "river", "ship"):
    chain = Node(word, chain)

chain = reverse(chain)
print(list(values(chain)))

walk = values(chain)
print("first:", next(walk))
print("second:", next(walk))
`,
	},
	{
		id: 'cycle',
		title: 'A reference cycle',
		tab: 'gc',
		code: `# Two nodes that point at each other never count 0.
# Only the cyclic collector can free them.
import gc


class Node:
    def __init__(self, name):
        self.name = name
        self.peer = None


def make_pair():
    a = Node("a")
    b = Node("b")
    a.peer = b
    b.peer = a


for _ in range(300):
    make_pair()

print("unreachable objects found:", gc.collect())
`,
	},
	{
		id: 'room',
		title: 'What lists and dicts are made of',
		tab: 'objects',
		code: `# A list asks for more room than it needs; a dict keeps a table
# of slots beside its entries. Pick a name in the Objects panel.
squares = []
for n in range(20):
    squares.append(n * n)

ages = {}
for name in ("ann", "bob", "cyd", "dan", "eve", "fay"):
    ages[name] = len(ages)
del ages["cyd"]
ages["gil"] = 7

# Ints hash to themselves: these three want the same slot.
crowd = {3, 11, 19}
word = "café"
print(len(squares), list(ages), word)
`,
	},
	{
		id: 'diamond',
		title: 'A diamond of classes',
		tab: 'objects',
		code: `# Pick D for how its MRO was merged, d for where d.who is found.
class A:
    def who(self):
        return "A"


class B(A):
    pass


class C(A):
    def who(self):
        return "C"


class D(B, C):
    pass


d = D()
d.name = "dee"
print(d.who(), [c.__name__ for c in D.__mro__])
`,
	},
	{
		id: 'scopes',
		title: 'Which scope a name is in',
		tab: 'ast',
		code: `# Open Scopes in the AST panel: local, cell, free, global.
limit = 3


def counter(start):
    count = start

    def bump(step=1):
        nonlocal count
        count = min(count + step, limit)
        return count

    return bump


bump = counter(1)
print(bump(), bump(), bump())
`,
	},
	{
		id: 'closures',
		title: 'Closures bind late',
		tab: 'bytecode',
		code: `# A lambda looks up \`i\` when it is called, not before.
# Compare the bytecode: LOAD_DEREF against LOAD_FAST.
def late():
    return [lambda: i for i in range(3)]


def early():
    return [lambda i=i: i for i in range(3)]


print("late: ", [f() for f in late()])
print("early:", [f() for f in early()])
`,
	},
	{
		id: 'hot',
		title: 'Find the hot line',
		tab: 'timing',
		code: `# Where does the time go? Look at the bars on the right.
def primes_below(n):
    found = []
    for candidate in range(2, n):
        for divisor in range(2, candidate):
            if candidate % divisor == 0:
                break
        else:
            found.append(candidate)
    return found


result = primes_below(400)
print(len(result), "primes, the last is", result[-1])
`,
	},
	{
		id: 'memory',
		title: 'Where the memory goes',
		tab: 'memory',
		code: `# A list holds all of its items at one time, a generator one.
# Look at the peak, and at what stays: the bars beside the lines follow.
def with_list(n):
    return sum([i * i for i in range(n)])


def with_generator(n):
    return sum(i * i for i in range(n))


print(with_list(2_000))
print(with_generator(2_000))
kept = [str(i) * 20 for i in range(200)]
print(len(kept))
`,
	},
	{
		id: 'overflow',
		title: 'Two ends of a recursion',
		tab: 'frames',
		code: `# Python counts its frames and gives up at a limit: an exception.
import sys


def down(n):
    return 0 if n == 0 else 1 + down(n - 1)


try:
    down(1_500)
except RecursionError as error:
    print(error)

sys.setrecursionlimit(2_000)
print(down(1_500))


# A call through C takes some of the C stack, too: that has an end of its own.
class Nest:
    def __init__(self, inner):
        self.inner = inner

    def __repr__(self):
        return f"<{self.inner!r}>"


nest = None
for _ in range(50):
    nest = Nest(nest)
print(len(repr(nest)))
`,
	},
	{
		id: 'exceptions',
		title: 'What try and finally cost',
		tab: 'bytecode',
		code: `# In 3.11 \`try\` itself costs nothing: the exception table
# under the instructions says where to go when one raises.
def ratio(a, b):
    try:
        return a / b
    except ZeroDivisionError:
        return float("inf")
    finally:
        print("asked for", a, "/", b)


print(ratio(1, 4))
print(ratio(1, 0))
print(ratio("1", 2))
`,
	},
	{
		id: 'input',
		title: 'Reading input',
		tab: 'output',
		stdin: '3 1 4 1 5\n9 2 6\n',
		code: `# Standard input and arguments are under the editor.
import sys

total = 0
for number, line in enumerate(sys.stdin, start=1):
    values = [int(word) for word in line.split()]
    total += sum(values)
    print(f"line {number}: {values}")

print("total", total)
print("a note on the error stream", file=sys.stderr)
`,
	},
];
