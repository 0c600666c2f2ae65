/*
 * A runtime with a root of its own, as it lies on disk: a directory with the
 * name of its id in RUNTIME_DIR beside the server's programs.  scripts/runtime
 * makes it, the server finds it, its runner shows it to snippets.
 */
#ifndef WIRE_RUNTIME_H
#define WIRE_RUNTIME_H

#define RUNTIME_DIR    "runtimes"
#define RUNTIME_RUNNER "runner"
#define RUNTIME_ROOT   "root"

/* In the root: with these its runner is started, which is linked against them
 * and not against the machine's. */
#if defined(__x86_64__)
#define RUNTIME_LOADER	  "usr/lib64/ld-linux-x86-64.so.2"
#define RUNTIME_LIBRARIES "usr/lib/x86_64-linux-gnu"
#else
#error "the layout of a root is written for x86-64"
#endif

/* Options of the loader (ld.so(8)): nothing of the machine's. */
#define RUNTIME_NO_CACHE     "--inhibit-cache"
#define RUNTIME_LIBRARY_PATH "--library-path"

/* mimalloc, which a CPython without a GIL allocates from, reads these once, as
 * it is loaded (_mi_options_init, Objects/mimalloc/options.c of 3.13): memory
 * is made writable as it is used, not 32 MiB or 1 GiB ahead of need, all of
 * which would count as the run's.  X(name, value). */
#define RUNTIME_ENVIRONMENT(X)                                                 \
	X("MIMALLOC_EAGER_COMMIT", "0")                                        \
	X("MIMALLOC_ARENA_RESERVE", "0")

#endif
