/*
 * Limits that do not end a run: the kernel refuses, and Python raises.
 *
 * Which exception that is, is CPython's and the kernel's: MemoryError for
 * ENOMEM, OSError with the errno in its message (Objects/exceptions.c,
 * OSError_str: "[Errno 24] ..."), and for a thread RuntimeError
 * (Modules/_threadmodule.c, 3.9 to 3.15: "can't start new thread").
 */
#include "api/report_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/text.h"

struct sign {
	const char *type; /* NULL: any */
	int err;	  /* 0: by type and message alone */
	const char *message;
	const char *name, *unit;
	const char *words; /* after the number that is allowed */
};

static const struct sign signs[] = {
	{"MemoryError", 0, NULL, "memory", "bytes",
		"bytes of memory are allowed to each process "
		"(limits.memory_bytes)"},
	{NULL, ENOMEM, NULL, "memory", "bytes",
		"bytes of memory are allowed to each process "
		"(limits.memory_bytes)"},
	{"RuntimeError", 0, "can't start new thread", "processes", "processes",
		"processes and threads are allowed, the first among them "
		"(limits.processes)"},
	{"BlockingIOError", EAGAIN, NULL, "processes", "processes",
		"processes and threads are allowed, the first among them "
		"(limits.processes)"},
	{NULL, EMFILE, NULL, "open_files", "descriptors",
		"descriptors may be open in each process"},
	{NULL, ENOSPC, NULL, "disk", "bytes",
		"bytes of files are allowed (limits.disk_bytes)"},
	{NULL, EFBIG, NULL, "disk", "bytes",
		"bytes of files are allowed (limits.disk_bytes)"},
};

static int
errno_of(const char *message)
{
	int err = 0;

	return sscanf(message, "[Errno %d]", &err) == 1 ? err : 0;
}

static const struct sign *
find(const char *type, const char *message)
{
	int err = errno_of(message);

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		const struct sign *s = &signs[i];
		if (s->err == err && (!s->type || strcmp(s->type, type) == 0) &&
			(!s->message || strcmp(s->message, message) == 0))
			return s;
	}
	return NULL;
}

static uint64_t
allowed(const struct sign *s, const struct limits *l)
{
	if (strcmp(s->name, "memory") == 0)
		return l->memory_bytes;
	if (strcmp(s->name, "processes") == 0)
		return l->processes;
	if (strcmp(s->name, "disk") == 0)
		return l->disk_bytes;
	return MAX_OPEN_FILES;
}

json_t *
report_limit_met(const json_t *exception, const struct msg_exited *x,
	const struct limits *l, json_t *notes)
{
	const char *type =
		json_string_value(json_object_get(exception, "type"));
	const char *message =
		json_string_value(json_object_get(exception, "message"));
	const struct sign *s = type && message ? find(type, message) : NULL;

	if (!s)
		return json_null();
	uint64_t most = allowed(s, l);
	bool memory = strcmp(s->name, "memory") == 0;
	json_t *met = text_need(json_object());
	text_set(met, "name", json_string(s->name));
	text_set(met, "allowed", json_integer((json_int_t)most));
	text_set(met, "used",
		memory ? json_integer((json_int_t)x->peak_rss_bytes)
		       : json_null());
	text_set(met, "unit", json_string(s->unit));
	if (memory)
		report_note(notes,
			"%s: %" PRIu64 " %s; the largest had %" PRIu64
			" in use at its peak.",
			type, most, s->words, x->peak_rss_bytes);
	else if (s->err == ENOSPC)
		report_note(notes, "%s: %" PRIu64 " %s, in at most %d files.",
			type, most, s->words, MAX_SCRATCH_FILES);
	else
		report_note(notes, "%s: %" PRIu64 " %s.", type, most, s->words);
	return met;
}
