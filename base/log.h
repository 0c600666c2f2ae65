/*
 * The log: one line per event on standard error.  Only programs log; the rooms
 * base, wire and api never do.  Lines never hold source text or secrets.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/* Who speaks, put in front of each line: "serve", "runner-3.11". */
void log_as(const char *name);

void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
