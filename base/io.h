/*
 * Descriptor I/O that is complete or fails, and descriptors over sockets.
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/buf.h"
#include "base/fail.h"

/* Writes all n bytes, over EINTR and short writes.  0 or -1 with errno. */
int io_write_all(int fd, const void *bytes, size_t n);
/* Reads a whole file or stream into b; more than b->max is a failure. */
int io_read_all(int fd, struct buf *b, struct fail *f);
/* Reads exactly n bytes from offset `at` with pread.  0 or -1. */
int io_pread_all(int fd, void *bytes, size_t n, off_t at, struct fail *f);

/* Sends one datagram with nfd descriptors (at most IO_MAX_FDS).
 * 0, or -1 with errno (EAGAIN when the socket is full). */
#define IO_MAX_FDS 8
int io_send_fds(
	int sock, const void *bytes, size_t n, const int *fds, size_t nfd);
/* Receives one datagram.  Returns its length, 0 at end of stream or when it is
 * empty, or -1 with errno; EMSGSIZE when it was cut or brought more descriptors
 * than there is room for.  *nfd holds the room in fds on entry and the number
 * received on return; all are CLOEXEC and the caller's to close.  On -1 and 0
 * *nfd is 0 and whatever came is closed. */
ssize_t io_recv_fds(int sock, void *bytes, size_t n, int *fds, size_t *nfd);

/* O_NONBLOCK on or off.  0 or -1 with errno. */
int io_set_nonblock(int fd, bool on);
/* CLOCK_MONOTONIC in nanoseconds. */
int64_t io_now_ns(void);
/* A CLOEXEC memfd holding n bytes, its offset at 0, sealed against every
 * change.  The descriptor, or -1. */
int io_memfd(const char *name, const void *bytes, size_t n, struct fail *f);

#endif
