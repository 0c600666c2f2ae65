/*
 * What went wrong, in words, gathered on the way up.
 *
 * A function that can fail takes a struct fail * last, returns -1 and leaves
 * one sentence in it.  A caller that knows more puts its context in front with
 * fail_in().  Passing NULL means that the caller does not want the words.
 */
#ifndef BASE_FAIL_H
#define BASE_FAIL_H

#include <stdarg.h>

/* text is always terminated; err is an errno value or 0. */
struct fail {
	int err;
	char text[508];
};

/* Sets the words and clears err.  Always returns -1. */
int fail_set(struct fail *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Sets the words, appends ": strerror(errno)" and keeps errno in err.
 * Always returns -1. */
int fail_errno(struct fail *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts "context: " in front of what is there.  Always returns -1. */
int fail_in(struct fail *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
