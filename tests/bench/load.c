/*
 * The load of the benchmark, in C so that it costs next to nothing itself.
 *
 *   load http PORT CLIENTS REQUESTS CODE EXPECTED
 *     CLIENTS keep-alive connections to 127.0.0.1:PORT, each with one request
 *     at a time, REQUESTS in all: POST /v1/runs with the text CODE.  An answer
 *     that is not a 200 with EXPECTED in it ends the measurement.
 *   load exec COUNT PROGRAM ARG…
 *     starts the program COUNT times, one after the other, reads its standard
 *     output to the end and reaps it.
 *
 * Prints the nanoseconds of each request or start, one per line, then "total"
 * and the nanoseconds of all together.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_CLIENTS 256
#define MAX_ANSWER  (1 << 20)

struct client {
	int fd;
	int64_t began;
	char *answer;
	size_t n;
};

struct load {
	const char *request, *expected;
	size_t request_len;
	long to_send, to_come;
	int epoll;
	struct client clients[MAX_CLIENTS];
};

_Noreturn static void
die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long
number(const char *text, long max)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*end || n < 1 || n > max) {
		fprintf(stderr, "load: %s is not from 1 to %ld\n", text, max);
		exit(2);
	}
	return n;
}

static int
dial(int port)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)))
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

/* The code as text/x-python: no escaping to be done. */
static void
compose(struct load *l, const char *code)
{
	char *request;
	int n = asprintf(&request,
		"POST /v1/runs HTTP/1.1\r\nHost: 127.0.0.1\r\n"
		"Content-Type: text/x-python\r\nContent-Length: %zu\r\n\r\n%s",
		strlen(code), code);

	if (n < 0)
		die("memory");
	l->request = request;
	l->request_len = (size_t)n;
}

static void
ask(struct load *l, struct client *c)
{
	l->to_send--;
	c->n = 0;
	c->began = now_ns();
	if (write(c->fd, l->request, l->request_len) != (ssize_t)l->request_len)
		die("write");
}

/* Has the whole answer come?  Ends the program when it is a wrong one. */
static int
is_complete(const struct load *l, struct client *c)
{
	c->answer[c->n] = '\0';
	char *body = strstr(c->answer, "\r\n\r\n");
	if (!body)
		return 0;
	char *length = strcasestr(c->answer, "\r\nContent-Length:");
	if (!length || length > body) {
		fprintf(stderr, "load: no length in %s\n", c->answer);
		exit(1);
	}
	body += 4;
	size_t want = strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
	if (c->n < (size_t)(body - c->answer) + want)
		return 0;
	if (strncmp(c->answer, "HTTP/1.1 200 ", 13) != 0 ||
		!strstr(body, l->expected)) {
		fprintf(stderr, "load: an answer without %s:\n%s\n",
			l->expected, c->answer);
		exit(1);
	}
	return 1;
}

static void
hear(struct load *l, struct client *c)
{
	ssize_t n = read(c->fd, c->answer + c->n, MAX_ANSWER - c->n);

	if (n <= 0)
		die("the server closed a connection");
	c->n += (size_t)n;
	if (!is_complete(l, c))
		return;
	printf("%lld\n", (long long)(now_ns() - c->began));
	l->to_come--;
	if (l->to_send > 0)
		ask(l, c);
}

static void
run_http(int port, int clients, long requests, const char *code,
	const char *expected)
{
	static struct load l;

	l.expected = expected;
	l.to_send = l.to_come = requests;
	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	compose(&l, code);
	for (int i = 0; i < clients; i++) {
		struct client *c = &l.clients[i];
		struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
		c->fd = dial(port);
		c->answer = malloc(MAX_ANSWER + 1);
		if (!c->answer || epoll_ctl(l.epoll, EPOLL_CTL_ADD, c->fd, &e))
			die("a client");
	}
	int64_t began = now_ns();
	for (int i = 0; i < clients && l.to_send > 0; i++)
		ask(&l, &l.clients[i]);
	while (l.to_come > 0) {
		struct epoll_event events[MAX_CLIENTS];
		int n = epoll_wait(l.epoll, events, MAX_CLIENTS, 30000);
		if (n == 0) {
			fprintf(stderr, "load: no answer for 30 seconds\n");
			exit(1);
		}
		for (int i = 0; i < n; i++)
			hear(&l, events[i].data.ptr);
	}
	printf("total %lld\n", (long long)(now_ns() - began));
}

static void
start_once(char **argv)
{
	posix_spawn_file_actions_t actions;
	char bytes[4096];
	int out[2], status;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC))
		die("pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	errno = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ);
	if (errno)
		die(argv[0]);
	close(out[1]);
	while (read(out[0], bytes, sizeof(bytes)) > 0)
		;
	close(out[0]);
	if (waitpid(pid, &status, 0) != pid || status != 0)
		die("the program failed");
	posix_spawn_file_actions_destroy(&actions);
}

static void
run_exec(long count, char **argv)
{
	int64_t all = now_ns();

	for (long i = 0; i < count; i++) {
		int64_t began = now_ns();
		start_once(argv);
		printf("%lld\n", (long long)(now_ns() - began));
	}
	printf("total %lld\n", (long long)(now_ns() - all));
}

int
main(int argc, char **argv)
{
	if (argc == 7 && strcmp(argv[1], "http") == 0) {
		run_http((int)number(argv[2], 65535),
			(int)number(argv[3], MAX_CLIENTS),
			number(argv[4], 100000000), argv[5], argv[6]);
		return 0;
	}
	if (argc > 3 && strcmp(argv[1], "exec") == 0) {
		run_exec(number(argv[2], 1000000), argv + 3);
		return 0;
	}
	fprintf(stderr, "usage: load http PORT CLIENTS REQUESTS CODE EXPECTED\n"
			"       load exec COUNT PROGRAM ARG...\n");
	return 2;
}
