/* Descriptor I/O that is complete or fails, and descriptors over sockets. */
#include "base/io.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/scope.h"

int
io_write_all(int fd, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n > 0) {
		ssize_t done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

int
io_read_all(int fd, struct buf *b, struct fail *f)
{
	char chunk[65536];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(f, "cannot read");
		if (n == 0)
			return 0;
		if (buf_put(b, chunk, (size_t)n) < (size_t)n)
			return fail_set(f, "is larger than %zu bytes", b->max);
	}
}

int
io_pread_all(int fd, void *bytes, size_t n, off_t at, struct fail *f)
{
	char *p = bytes;

	while (n > 0) {
		ssize_t done = pread(fd, p, n, at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return fail_errno(f, "cannot read");
		if (done == 0)
			return fail_set(f, "ends %zu bytes early", n);
		p += done;
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

int
io_send_fds(int sock, const void *bytes, size_t n, const int *fds, size_t nfd)
{
	union {
		char room[CMSG_SPACE(sizeof(int) * IO_MAX_FDS)];
		struct cmsghdr align;
	} c = {{0}};
	struct iovec v = {(void *)bytes, n};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	ssize_t sent;

	assert(nfd <= IO_MAX_FDS);
	if (nfd) {
		m.msg_control = c.room;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * nfd);
		struct cmsghdr *h = CMSG_FIRSTHDR(&m);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof(int) * nfd);
		memcpy(CMSG_DATA(h), fds, sizeof(int) * nfd);
	}
	do
		sent = sendmsg(sock, &m, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)n ? 0 : -1;
}

/* Takes what descriptors came; false when there were more than room, the rest
 * is then closed. */
static bool
take_fds(struct msghdr *m, int *fds, size_t room, size_t *ret_n)
{
	bool all = true;

	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		size_t got = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < got; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(h) + i * sizeof(int), sizeof(fd));
			if (*ret_n < room) {
				fds[(*ret_n)++] = fd;
			} else {
				close(fd);
				all = false;
			}
		}
	}
	return all;
}

ssize_t
io_recv_fds(int sock, void *bytes, size_t n, int *fds, size_t *nfd)
{
	union {
		char room[CMSG_SPACE(sizeof(int) * IO_MAX_FDS)];
		struct cmsghdr align;
	} c;
	struct iovec v = {bytes, n};
	struct msghdr m = {.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = c.room,
		.msg_controllen = sizeof(c.room)};
	size_t room = *nfd;
	ssize_t got;

	*nfd = 0;
	do
		got = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -1;
	bool whole = take_fds(&m, fds, room, nfd) &&
		     !(m.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
	if (whole && got > 0)
		return got;
	/* An empty datagram looks like the end, and may bring some as well. */
	while (*nfd > 0)
		close(fds[--*nfd]);
	if (whole)
		return 0;
	errno = EMSGSIZE;
	return -1;
}

int
io_set_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -1;
	return fcntl(
		fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

int64_t
io_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int
io_memfd(const char *name, const void *bytes, size_t n, struct fail *f)
{
	scope_fd int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return fail_errno(f, "memfd_create");
	if (io_write_all(fd, bytes, n) || lseek(fd, 0, SEEK_SET) != 0)
		return fail_errno(f, "cannot fill a memfd");
	if (fcntl(fd, F_ADD_SEALS,
		    F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
		return fail_errno(f, "cannot seal a memfd");
	return steal_fd(&fd);
}
