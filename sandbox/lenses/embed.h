/*
 * Python that a lens is written in: a file beside it, which travels in the
 * runner.
 */
#ifndef SANDBOX_LENSES_EMBED_H
#define SANDBOX_LENSES_EMBED_H

#include <Python.h>

/* The text of sandbox/lenses/<name>.py, NUL-terminated, as embed_<name>. */
#define EMBED(name)                                                            \
	__asm__(".section .rodata\n"                                           \
		".type embed_" #name ", @object\n"                             \
		"embed_" #name ": .incbin \"sandbox/lenses/" #name ".py\"\n"   \
		".byte 0\n"                                                    \
		".previous\n");                                                \
	extern const char embed_##name[]

/* A new dict that Python can run in, or NULL with an exception set. */
PyObject *embed_space(void);
/* Runs a text there; `file` is what tracebacks call it.  0, or -1 with an
 * exception set. */
int embed_run(PyObject *space, const char *text, const char *file);

/* shown.py, which several need. */
int embed_run_shown(PyObject *space);
/* bytecode_flow.py, which two need. */
int embed_run_flow(PyObject *space);

#endif
