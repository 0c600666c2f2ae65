/*
 * processes: what the program's processes are, who started whom and how, what
 * they sent each other, and what became of them.
 *
 * From the beginning of the script until the first process ends; of others as
 * long as they go on.  Nothing is attached to the interpreter: what CPython
 * calls in libc is heard.
 */
#include "sandbox/lenses/processes.h"

#include "sandbox/lenses/frames_check.h"

static int
warm(struct fail *f)
{
	if (processes_hooks_warm(f) || processes_spawn_warm(f) ||
		processes_pickle_warm(f) || frames_check(f))
		return -1;
	return processes_check(f);
}

static void
begin(const struct lens_run *r)
{
	/* So it is when the run is ended before it could say. */
	lens_truncated(r, LENS_PROCESSES, true);
	if (processes_table_begin() || processes_write_begin(r->records))
		return;
	processes_places_begin((PyCodeObject *)r->code);
	processes_pickle_begin();
	processes_write();
	processes_hooks_begin();
}

/* The end is told by _exit(), unless the first process ends by a signal. */
static void
joined(const struct lens_run *r)
{
	if (r->records->closed || !processes_hooks_watch())
		return;
	processes_table->over = processes_table_all_ended();
	processes_write();
}

const struct lens_ops lens_processes = {
	.id = LENS_PROCESSES, .warm = warm, .begin = begin, .joined = joined};
