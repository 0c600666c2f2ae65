/*
 * The zygotes of a runner: what they have imported before a run is forked.
 * X(ID, name, modules)
 *
 * Every page that a zygote has is paid at each fork, and every module that a
 * run has to import itself takes longer than the fork.  So a run is forked from
 * the last of these that has a module which it imports: see api/imports.h.  A
 * module stands for those in it.  Each has those of the ones before it too;
 * LEAN has what a run itself needs.
 *
 * Modules that are there are seen by who counts references, so a lens looks at
 * runs of LENSES, which has what lenses need and no more.
 */
#ifndef WIRE_TBL_ZYGOTES_H
#define WIRE_TBL_ZYGOTES_H

#define ZYGOTE_TABLE(X)                                                        \
	X(LEAN, "lean", "")                                                    \
	X(LENSES, "lenses", "threading dis")                                   \
	X(LIBRARY, "library",                                                  \
		"asyncio bisect collections concurrent copy "                  \
		"dataclasses datetime decimal enum fractions heapq "           \
		"inspect json operator queue random statistics string "        \
		"tempfile textwrap typing weakref")                            \
	X(NUMPY, "numpy", "numpy")

#endif
