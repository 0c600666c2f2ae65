/*
 * Frames, read without touching what is looked at: no f_locals, which would add
 * a reference to every local.
 *
 * Layout: _PyInterpreterFrame, Include/internal/pycore_frame.h of CPython 3.11.
 */
#ifndef SANDBOX_LENSES_FRAMES_H
#define SANDBOX_LENSES_FRAMES_H

#include <Python.h>

#include <stdbool.h>

/* The frame's code (borrowed). */
PyCodeObject *frames_code(PyFrameObject *f);
/* Is the frame's file the script or a file beside it? */
bool frames_is_snippets(PyFrameObject *f, const char *script);
/* The dict that holds the frame's names, for frames of modules and classes;
 * NULL for functions.  Borrowed. */
PyObject *frames_namespace(PyFrameObject *f);
/* The globals (borrowed). */
PyObject *frames_globals(PyFrameObject *f);

/* Walks the bound fast locals of a frame: *at is 0 at first.  Cells are looked
 * through.  Names and values are borrowed. */
bool frames_next_local(
	PyFrameObject *f, int *at, PyObject **ret_name, PyObject **ret_value);

#endif
