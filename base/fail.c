/* What went wrong, in words. */
#include "base/fail.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int
fail_set(struct fail *f, const char *fmt, ...)
{
	va_list args;

	if (!f)
		return -1;
	f->err = 0;
	va_start(args, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, args);
	va_end(args);
	return -1;
}

int
fail_errno(struct fail *f, const char *fmt, ...)
{
	int err = errno;
	va_list args;

	if (!f)
		return -1;
	f->err = err;
	va_start(args, fmt);
	int n = vsnprintf(f->text, sizeof(f->text), fmt, args);
	va_end(args);
	if (n >= 0 && (size_t)n < sizeof(f->text))
		snprintf(f->text + n, sizeof(f->text) - (size_t)n, ": %s",
			strerror(err));
	return -1;
}

int
fail_in(struct fail *f, const char *fmt, ...)
{
	char was[sizeof(f->text)];
	va_list args;

	if (!f)
		return -1;
	memcpy(was, f->text, sizeof(was));
	va_start(args, fmt);
	int n = vsnprintf(f->text, sizeof(f->text), fmt, args);
	va_end(args);
	if (n >= 0 && (size_t)n < sizeof(f->text))
		snprintf(f->text + n, sizeof(f->text) - (size_t)n, ": %s", was);
	return -1;
}
