/*
 * The lenses.  X(ID, name, pass, what it shows)
 * `name` stands in the URL, the JSON, the page and the command line, and
 * lens_name is the lens itself (sandbox/lenses/lens.h).
 */
#ifndef WIRE_TBL_LENSES_H
#define WIRE_TBL_LENSES_H

#define LENS_TABLE(X)                                                          \
	X(BYTECODE, bytecode, STATIC,                                          \
		"what the compiler made of the source, instruction by "        \
		"instruction")                                                 \
	X(REFCOUNTS, refcounts, TRACE,                                         \
		"how many references the program holds on each name, line by " \
		"line")                                                        \
	X(GC, gc, GC,                                                          \
		"when the cyclic garbage collector ran and what it found")     \
	X(TIMING, timing, LINES,                                               \
		"where the time went: compile, run, and line by line")         \
	X(OBJECTS, objects, OBJECTS,                                           \
		"what the names are bound to, as it lies in memory")           \
	X(STEPS, steps, STEPS,                                                 \
		"the program step by step, forth and back: frames, variables " \
		"and objects")                                                 \
	X(AST, ast, STATIC,                                                    \
		"how the compiler read the source: tokens, tree, scopes of "   \
		"names, code objects")                                         \
	X(MEMORY, memory, MEMORY,                                              \
		"what was allocated by which line, the peak, what stayed, "    \
		"and the allocator's pools")                                   \
	X(FRAMES, frames, FRAMES,                                              \
		"what called what, how deep, and how much of the C stack it "  \
		"took")                                                        \
	X(THREADS, threads, THREADS,                                           \
		"who holds the GIL, who waits for it, and how it is let go")   \
	X(TASKS, tasks, TASKS,                                                 \
		"asyncio's tasks over time, what each waits for, and what "    \
		"held the loop up")                                            \
	X(COUNTS, counts, COUNTS,                                              \
		"instructions, comparisons, hashes and moved bytes, in "       \
		"numbers that are the same each time")                         \
	X(PROFILE, profile, PROFILE,                                           \
		"how long each function took, by itself and with what it "     \
		"called")                                                      \
	X(PROCESSES, processes, PROCESSES,                                     \
		"the program's processes, what they send each other, and "     \
		"what became of them")                                         \
	X(RACES, races, RACES,                                                 \
		"what comes of the program when its threads are switched at "  \
		"other moments")                                               \
	X(INSTRUCTIONS, instructions, INSTRUCTIONS,                            \
		"each instruction as it ran, and the value stack before it")

#endif
