/*
 * vitrine serve: one epoll loop with HTTP on one side and runners on the other;
 * no Python in it, and no thread.
 */
#include <errno.h>
#include <malloc.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "base/sabotage.h"
#include "base/scope.h"
#include "server/cli_text.h"
#include "server/cmd.h"
#include "server/routes.h"
#include "server/serve_options.h"

#define BACKLOG		256
#define DRAIN_TICK_NS	20000000LL
#define PROVE_AGAIN_NS	5000000000LL
#define MAX_CONNECTIONS 1024U

static bool
is_loopback(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)a)
				       ->sin_addr.s_addr) >>
			       24 ==
		       127;
	return a->sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(
		       &((const struct sockaddr_in6 *)a)->sin6_addr);
}

/* getaddrinfo() would take 99999 for 34463, and nothing for any. */
static bool
is_port(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n > 0 && n <= 5 && !s[n] && strtoul(s, NULL, 10) <= 65535;
}

/* Listens at "host:port"; *ret_url is how to reach it. */
static int
open_listen(const char *where, bool anonymous, char *ret_url, size_t size,
	struct fail *f)
{
	const struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *a = NULL;
	char host[256];
	const char *colon = strrchr(where, ':');

	if (!colon || (size_t)(colon - where) >= sizeof(host))
		return fail_set(f, "%s is not host:port", where);
	if (!is_port(colon + 1))
		return fail_set(f,
			"%s is not host:port: a port is a number from 0 (any "
			"that is free) to 65535",
			where);
	snprintf(host, sizeof(host), "%.*s", (int)(colon - where), where);
	if (host[0] == '[' && host[strlen(host) - 1] == ']') {
		memmove(host, host + 1, strlen(host));
		host[strlen(host) - 1] = '\0';
	}
	int rc = getaddrinfo(host[0] ? host : NULL, colon + 1, &hints, &a);
	if (rc)
		return fail_set(f, "%s: %s", where, gai_strerror(rc));
	if (!anonymous && !is_loopback(a->ai_addr)) {
		freeaddrinfo(a);
		return fail_set(f,
			"%s can be reached by others, and there is no key yet "
			"to ask them for: say --anonymous to serve anybody",
			where);
	}
	scope_fd int fd = socket(
		a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int one = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	rc = fd < 0 || bind(fd, a->ai_addr, a->ai_addrlen) ||
	     listen(fd, BACKLOG);
	struct sockaddr_storage got;
	socklen_t n = sizeof(got);
	char port[16] = "";
	if (!rc && getsockname(fd, (struct sockaddr *)&got, &n) == 0)
		getnameinfo((struct sockaddr *)&got, n, NULL, 0, port,
			sizeof(port), NI_NUMERICSERV);
	int err = errno;
	freeaddrinfo(a);
	errno = err;
	if (rc && errno == EADDRINUSE)
		return fail_set(f,
			"%s is in use by another program: stop that one, or "
			"choose another place with --listen or VITRINE_LISTEN",
			where);
	if (rc)
		return fail_errno(f, "cannot listen on %s", where);
	snprintf(ret_url, size,
		strchr(host, ':') ? "http://[%s]:%s/" : "http://%s:%s/", host,
		port);
	return steal_fd(&fd);
}

/* The running server. */
struct serve {
	struct loop *loop;
	struct site site;
	struct loop_fd signals;
	struct loop_timer drain;
	char url[300];
	struct probes *proving;	 /* under way; site.probes is the last result */
	uint64_t probed;	 /* runners that had come for the last probe */
	uint64_t renewals;	 /* of these, those that replaced one */
	struct loop_timer again; /* after a proof that failed */
	bool said;		 /* that it serves */
	int failed;
};

/* Idle connections are no reason to stay. */
static void
drain_tick(struct loop_timer *t)
{
	struct serve *s =
		(struct serve *)((char *)t - offsetof(struct serve, drain));

	if (!http_stats(s->site.http).busy)
		loop_stop(s->loop);
	else
		loop_timer_set(s->loop, t, io_now_ns() + DRAIN_TICK_NS);
}

static void
signalled(struct loop_fd *w, uint32_t events)
{
	struct serve *s =
		(struct serve *)((char *)w - offsetof(struct serve, signals));
	struct signalfd_siginfo info;

	(void)events;
	if (read(w->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (s->site.stopping) {
		loop_stop(s->loop);
		return;
	}
	log_info("stopping: what was taken in is finished first");
	s->site.stopping = true;
	http_quiesce(s->site.http);
	loop_timer_set(s->loop, &s->drain, io_now_ns());
}

static void
give_up(struct serve *s)
{
	log_error("`vitrine doctor` says what holds here and what to do about "
		  "the rest");
	s->failed = 1;
	loop_stop(s->loop);
}

static void changed(void *arg);

/* Nothing is served before it was seen that snippets are contained.  Later,
 * with a new runner, /readyz says so and the others go on; it may have been the
 * machine that failed, out of memory or of descriptors, so that it is tried
 * again. */
static void
probed(void *arg)
{
	struct serve *s = arg;

	probes_free(s->site.probes);
	s->site.probes = s->proving;
	s->proving = NULL;
	probes_log(s->site.probes);
	if (!probes_fine(s->site.probes)) {
		if (!s->said)
			give_up(s);
		loop_timer_set(
			s->loop, &s->again, io_now_ns() + PROVE_AGAIN_NS);
	} else if (!s->said) {
		s->said = true;
		printf("vitrine: serving on %s\n", s->url);
		fflush(stdout);
	}
	changed(s); /* a runner may have come while this one was proved */
}

static void
prove(struct serve *s, const struct engine_stats *e)
{
	uint64_t renewals = e->runner_renewals_total - s->renewals;

	/* What was seen of a runner holds on while one of the same program
	 * that replaced it is looked at, but not after one died. */
	if (e->generations_total - s->probed != renewals) {
		probes_free(s->site.probes);
		s->site.probes = NULL;
	}
	s->probed = e->generations_total;
	s->renewals = e->runner_renewals_total;
	loop_timer_clear(s->loop, &s->again);
	s->proving = probes_start(s->site.engine, probed, s);
}

static void
prove_again(struct loop_timer *t)
{
	struct serve *s =
		(struct serve *)((char *)t - offsetof(struct serve, again));
	const struct engine_stats e = engine_stats(s->site.engine);

	/* With none that serves it is done when the next one comes. */
	if (!s->proving && engine_ready(s->site.engine, NULL) == 1)
		prove(s, &e);
}

/* A runner came or went. */
static void
changed(void *arg)
{
	struct serve *s = arg;
	struct fail f = {0};
	int ready = engine_ready(s->site.engine, &f);
	const struct engine_stats e = engine_stats(s->site.engine);

	if (ready < 0) {
		log_error("%s", f.text);
		give_up(s);
	} else if (ready == 1 && e.generations_total != s->probed &&
		   !s->proving) {
		prove(s, &e);
	}
}

static int
open_signals(struct serve *s, struct fail *f)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->signals = (struct loop_fd){
		signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), signalled};
	if (s->signals.fd < 0)
		return fail_errno(f, "signalfd");
	return loop_watch(s->loop, &s->signals, EPOLLIN, f);
}

/* How many connections there may be: half of the descriptors at most, as runs
 * need some as well, and who only connects must not keep them from others.  The
 * usual soft limit is for programs that use select(2), and is raised. */
static unsigned
count_connections(void)
{
	struct rlimit r = {0};

	getrlimit(RLIMIT_NOFILE, &r);
	if (r.rlim_cur < 2 * MAX_CONNECTIONS) {
		r.rlim_cur = r.rlim_max < 2 * MAX_CONNECTIONS
				     ? r.rlim_max
				     : 2 * MAX_CONNECTIONS;
		setrlimit(RLIMIT_NOFILE, &r);
	}
	return r.rlim_cur < 2 * MAX_CONNECTIONS ? (unsigned)(r.rlim_cur / 2)
						: MAX_CONNECTIONS;
}

/* Before anything of a stranger's comes in; where they may not be, too. */
static int
open_links(struct serve *s, const struct serve_options *o, struct fail *f)
{
	const char *const others[] = {o->web, o->engine.runner_dir, NULL};
	const struct links_config config = {o->links, o->links_max, others};

	if (!o->links)
		return 0;
	s->site.link_rate.per_hour = o->links_per_client;
	return links_open(s->loop, &config, &s->site.links, f)
		       ? fail_in(f, "--links")
		       : 0;
}

static int
open_all(struct serve *s, const struct serve_options *o, struct fail *f)
{
	const struct http_handlers handlers = {
		&s->site, routes_head, routes_request, routes_left};
	const char *where = o->listen;

	cli_text_init(); /* pages hold what views write for terminals */
	if (!where)
		where = getenv("VITRINE_LISTEN");
	if (!where || !*where)
		where = "127.0.0.1:8080";
	const unsigned connections = count_connections();
	scope_fd int fd =
		open_listen(where, o->anonymous, s->url, sizeof(s->url), f);
	if (fd < 0 || loop_open(&s->loop, f) || open_signals(s, f))
		return -1;
	if (open_links(s, o, f))
		return -1;
	if (assets_open(o->web, &s->site.assets, f)) {
		log_warn("no page will be served: %s", f->text);
		s->site.assets = NULL;
	}
	if (engine_open(s->loop, &o->engine, &s->site.engine, f))
		return -1;
	engine_on_change(s->site.engine, changed, s);
	s->site.anonymous = o->anonymous;
	s->site.loop = s->loop;
	snprintf(s->site.url, sizeof(s->site.url), "%s", s->url);
	return http_open(s->loop, steal_fd(&fd), connections, &handlers,
		&s->site.http, f);
}

static int
serve(const struct serve_options *o, struct fail *f)
{
	struct serve s = {.signals.fd = -1,
		.drain.fire = drain_tick,
		.again.fire = prove_again};
	int rc = open_all(&s, o, f);

	if (rc == 0) {
		changed(&s); /* they may all have failed at once */
		rc = s.failed ? 0 : loop_run(s.loop, f);
	}
	/* Runs first: their exchanges are ended by http_close. */
	engine_close(s.site.engine);
	http_close(s.site.http);
	probes_free(s.site.probes);
	probes_free(s.proving);
	assets_free(s.site.assets);
	links_free(s.site.links);
	if (s.loop && s.signals.fd >= 0)
		loop_unwatch(s.loop, &s.signals);
	scope_close_fd_(&s.signals.fd);
	loop_free(s.loop);
	return rc ? rc : s.failed;
}

int
cmd_serve(int argc, char **argv)
{
	struct serve_options o;
	char dir[4096], web[4200];
	struct fail f = {0};

	log_as("vitrine serve");
	/* What a large reply took is given back with it.  Left to itself the
	 * threshold grows with the first such that is freed, and the next ones
	 * stay in the heap, below whatever lives longer: mallopt(3). */
	mallopt(M_MMAP_THRESHOLD, 128 << 10);
	serve_options_parse(argc, argv, &o);
	if (SABOTAGED) {
		log_error("this build lacks a layer of the jail on purpose");
		return 1;
	}
	if (cmd_program_dir(dir, sizeof(dir), &f)) {
		log_error("%s", f.text);
		return 1;
	}
	snprintf(web, sizeof(web), "%s/web", dir);
	if (!o.engine.runner_dir)
		o.engine.runner_dir = dir;
	if (!o.web)
		o.web = web;
	int rc = serve(&o, &f);
	if (rc < 0)
		log_error("%s", f.text);
	return rc ? 1 : 0;
}
