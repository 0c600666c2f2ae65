/* The log: one write(2) a line, so that lines of several processes stay whole.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const char *speaker = "vitrine";

void
log_as(const char *name)
{
	speaker = name;
}

static void
line(const char *level, const char *fmt, va_list args)
{
	char text[1024];
	int n = snprintf(text, sizeof(text), "%s: %s", speaker, level);

	n += vsnprintf(text + n, sizeof(text) - (size_t)n - 1, fmt, args);
	if (n > (int)sizeof(text) - 2)
		n = (int)sizeof(text) - 2;
	text[n++] = '\n';
	(void)!write(STDERR_FILENO, text, (size_t)n);
}

#define LOG(name, level)                                                       \
	void name(const char *fmt, ...)                                        \
	{                                                                      \
		va_list args;                                                  \
                                                                               \
		va_start(args, fmt);                                           \
		line(level, fmt, args);                                        \
		va_end(args);                                                  \
	}

LOG(log_info, "")
LOG(log_warn, "warning: ")
LOG(log_error, "error: ")
