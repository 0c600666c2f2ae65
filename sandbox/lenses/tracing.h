/*
 * C trace and profile functions on every thread of the snippet, for one lens of
 * a pass.
 *
 * The main thread is given it directly: sys.gettrace() says None.  Others take
 * it by threading's own hook, which threading.gettrace() therefore shows; those
 * started by _thread alone are not seen.  A snippet that sets a trace function
 * or profile function itself takes ours off.
 *
 * Layout: struct _ts, Include/cpython/pystate.h of CPython 3.9 and 3.11.  From
 * 3.12 on tracing is built on sys.monitoring, and set by the public API, which
 * tells audit hooks.
 */
#ifndef SANDBOX_LENSES_TRACING_H
#define SANDBOX_LENSES_TRACING_H

#include "sandbox/py/compat.h"

#include <stdbool.h>

#include "base/fail.h"

/* Zygote: what tracing_begin needs.  May be called more than once. */
int tracing_warm(struct fail *f);
/* Before the snippet runs.  Either function may be NULL. */
void tracing_begin(Py_tracefunc function, Py_tracefunc profile);
/* Takes the functions off this thread, without an audit event. */
void tracing_stop(void);
/* In the main thread, after the snippet ran: tracing_stop(), and true when the
 * functions and the hook were still in their places. */
bool tracing_end(void);

#endif
