/*
 * The kinds of pass.  Lenses that disturb each other never share one.
 * X(ID, name, does the snippet run, what is attached)
 *
 * CLEAN is always made: output, verdict and times shown are the ones of CLEAN.
 * A pass of the kind ADAPTIVE reads the specialised code after an undisturbed
 * run; it is made when the bytecode lens asks for it.
 */
#ifndef WIRE_TBL_PASSES_H
#define WIRE_TBL_PASSES_H

#define PASS_TABLE(X)                                                          \
	X(CLEAN, "clean", 1, "nothing: the run as it is")                      \
	X(STATIC, "static", 0, "compiles only")                                \
	X(TRACE, "trace", 1, "line events and reference counts")               \
	X(GC, "gc", 1, "the collector's callbacks")                            \
	X(LINES, "lines", 1, "line events and a clock")                        \
	X(STEPS, "steps", 1, "line events and a look at all names")            \
	X(ADAPTIVE, "adaptive", 1, "nothing until the run is over")            \
	X(OBJECTS, "objects", 1, "objects, read where they are")               \
	X(MEMORY, "memory", 1, "hooks around the allocators")                  \
	X(FRAMES, "frames", 1, "calls and returns")                            \
	X(THREADS, "threads", 1, "signals of the GIL")                         \
	X(TASKS, "tasks", 1, "calls and returns, of asyncio's own code")       \
	X(COUNTS, "counts", 1,                                                 \
		"each instruction, and what types are asked for")              \
	X(PROFILE, "profile", 1, "calls and returns, and a clock")             \
	X(PROCESSES, "processes", 1,                                           \
		"what is called to start, await and end processes")            \
	X(RACES, "races", 0,                                                   \
		"runs in processes of its own, one after the other")           \
	X(INSTRUCTIONS, "instructions", 1, "each instruction, and the stack")

#endif
