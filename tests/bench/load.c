/*
 * The load of the benchmark, in C so that it costs next to nothing itself.
 *
 *   load http ADDRESS PORT CLIENTS REQUESTS RATE EXPECTED <request
 *     CLIENTS keep-alive connections, each with one request at a time, REQUESTS
 *     in all: the bytes of standard input.  RATE of them a second, evenly, by
 *     whichever client is free; 0: each as soon as the one before is answered.
 *     What is late because no client was free counts from when it was due.
 *     An answer that is a 200 with EXPECTED in it counts; a 429 or 503 is one
 *     that was refused; any other ends the measurement.
 *   load exec CLIENTS COUNT PROGRAM ARG…
 *     starts the program COUNT times, CLIENTS at a time, reads its standard
 *     output to the end and reaps it.
 *
 * Prints the nanoseconds of each request or start, one per line, "refused" and
 * the nanoseconds of each that was, then "total" and the nanoseconds of all
 * together.
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
	const char *address;
	int port;
	char *request;
	const char *expected;
	size_t request_len;
	long requests, sent, to_come;
	double rate; /* a second; 0: no pause */
	int64_t began;
	int epoll;
	struct client *idle[MAX_CLIENTS];
	int idle_count;
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

static void
dial(const struct load *l, struct client *c)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)l->port),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1;

	if (inet_pton(AF_INET, l->address, &a.sin_addr) != 1 || fd < 0 ||
		connect(fd, (struct sockaddr *)&a, sizeof(a)) ||
		epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e))
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c->fd = fd;
}

static void
read_request(struct load *l)
{
	size_t n;

	l->request = malloc(MAX_ANSWER);
	if (!l->request)
		die("memory");
	while ((n = fread(l->request + l->request_len, 1,
			MAX_ANSWER - l->request_len, stdin)) > 0)
		l->request_len += n;
}

static int64_t
due_ns(const struct load *l)
{
	return l->rate > 0
		       ? l->began + (int64_t)((double)l->sent * 1e9 / l->rate)
		       : 0;
}

/* Whatever is due, by whoever is free.  Returns the milliseconds until more is;
 * -1: until somebody is free. */
static int
ask_due(struct load *l)
{
	while (l->idle_count > 0 && l->sent < l->requests) {
		int64_t now = now_ns(), due = due_ns(l);
		if (due > now)
			return (int)((due - now + 999999) / 1000000);
		struct client *c = l->idle[--l->idle_count];
		l->sent++;
		c->n = 0;
		c->began = due ? due : now;
		if (write(c->fd, l->request, l->request_len) !=
			(ssize_t)l->request_len)
			die("write");
	}
	return -1;
}

/* The whole answer's body, once it has come. */
static const char *
complete_body(struct client *c)
{
	c->answer[c->n] = '\0';
	char *body = strstr(c->answer, "\r\n\r\n");
	if (!body)
		return NULL;
	char *length = strcasestr(c->answer, "\r\nContent-Length:");
	if (!length || length > body) {
		fprintf(stderr, "load: no length in %s\n", c->answer);
		exit(1);
	}
	body += 4;
	size_t want = strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
	return c->n < (size_t)(body - c->answer) + want ? NULL : body;
}

static void
judge(const struct load *l, const struct client *c, const char *body)
{
	long long took = now_ns() - c->began;
	long status = strncmp(c->answer, "HTTP/1.1 ", 9) == 0
			      ? strtol(c->answer + 9, NULL, 10)
			      : 0;

	if (status == 429 || status == 503) {
		printf("refused %lld\n", took);
		return;
	}
	if (status / 100 != 2 || !strstr(body, l->expected)) {
		fprintf(stderr, "load: an answer without %s:\n%s\n",
			l->expected, c->answer);
		exit(1);
	}
	printf("%lld\n", took);
}

static void
hear(struct load *l, struct client *c)
{
	ssize_t n = read(c->fd, c->answer + c->n, MAX_ANSWER - c->n);

	if (n <= 0)
		die("the server closed a connection");
	c->n += (size_t)n;
	const char *body = complete_body(c);
	if (!body)
		return;
	judge(l, c, body);
	/* Who is refused before the body was read is hung up on. */
	char *hang_up = strcasestr(c->answer, "\r\nConnection: close");
	if (hang_up && hang_up < body) {
		close(c->fd);
		dial(l, c);
	}
	l->to_come--;
	l->idle[l->idle_count++] = c;
}

static void
run_http(const char *address, int port, int clients, long requests, double rate,
	const char *expected)
{
	static struct load l;

	l.address = address;
	l.port = port;
	l.expected = expected;
	l.requests = l.to_come = requests;
	l.rate = rate;
	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	read_request(&l);
	for (int i = 0; i < clients; i++) {
		struct client *c = &l.clients[i];
		c->answer = malloc(MAX_ANSWER + 1);
		if (!c->answer)
			die("memory");
		dial(&l, c);
		l.idle[l.idle_count++] = c;
	}
	l.began = now_ns();
	while (l.to_come > 0) {
		struct epoll_event events[MAX_CLIENTS];
		int ms = ask_due(&l);
		int n = epoll_wait(
			l.epoll, events, MAX_CLIENTS, ms < 0 ? 30000 : ms);
		if (n == 0 && ms < 0) {
			fprintf(stderr, "load: no answer for 30 seconds\n");
			exit(1);
		}
		for (int i = 0; i < n; i++)
			hear(&l, events[i].data.ptr);
	}
	printf("total %lld\n", (long long)(now_ns() - l.began));
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
run_exec(int clients, long count, char **argv)
{
	int64_t all = now_ns();
	int status, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0); /* a line of each is written whole */
	for (int client = 0; client < clients; client++) {
		pid_t pid = fork();
		if (pid < 0)
			die("fork");
		if (pid > 0)
			continue;
		for (long i = client; i < count; i += clients) {
			int64_t began = now_ns();
			start_once(argv);
			printf("%lld\n", (long long)(now_ns() - began));
		}
		exit(0);
	}
	for (int client = 0; client < clients; client++)
		failed |= wait(&status) < 0 || status != 0;
	if (failed)
		exit(1);
	printf("total %lld\n", (long long)(now_ns() - all));
}

int
main(int argc, char **argv)
{
	if (argc == 8 && strcmp(argv[1], "http") == 0) {
		run_http(argv[2], (int)number(argv[3], 65535),
			(int)number(argv[4], MAX_CLIENTS),
			number(argv[5], 100000000), strtod(argv[6], NULL),
			argv[7]);
		return 0;
	}
	if (argc > 4 && strcmp(argv[1], "exec") == 0) {
		run_exec((int)number(argv[2], MAX_CLIENTS),
			number(argv[3], 1000000), argv + 4);
		return 0;
	}
	fprintf(stderr, "usage: load http ADDRESS PORT CLIENTS REQUESTS RATE "
			"EXPECTED <request\n"
			"       load exec CLIENTS COUNT PROGRAM ARG...\n");
	return 2;
}
