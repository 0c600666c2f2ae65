/* Hosts: the runners that are kept alive. */
#include "server/host.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "base/scope.h"

#define PREFIX	  "runner-"
#define MAX_HOSTS 32
/* A runner that ended this soon after its start is given time before the next
 * try, twice as much each time. */
#define SOON_NS	     1000000000LL
#define FIRST_REST   50000000LL
#define LONGEST_REST 5000000000LL

struct host {
	struct host_set *set;
	char *path, *id;
	struct runner *runner; /* NULL: broken, or resting */
	bool own, served, ready;
	int64_t hash_seed, started, rest;
	struct msg_hello hello;
	char reason[300]; /* why it is broken; "" when it is not */
	struct loop_timer again;
};

struct host_set {
	struct loop *loop;
	struct host_config config;
	const struct host_events *events;
	void *arg;
	struct host *host[MAX_HOSTS];
	size_t n;
};

static int start(struct host *h, struct fail *f);

static void
on_hello(void *arg, const struct msg_hello *hello)
{
	struct host *h = arg;

	h->hello = *hello;
	h->ready = h->served = true;
	h->reason[0] = '\0';
	h->set->events->changed(h->set->arg, h, NULL);
}

static void
on_message(void *arg, const struct msg *m, int pidfd)
{
	struct host *h = arg;

	if (m->head.type == MSG_STARTED)
		h->set->events->started(h->set->arg, h, m->head.pass_id, pidfd);
	else
		h->set->events->exited(h->set->arg, h, m->head.pass_id,
			&m->exited);
}

static void
try_again(struct loop_timer *t)
{
	struct host *h =
		(struct host *)((char *)t - offsetof(struct host, again));
	struct fail f = {0};

	if (start(h, &f))
		log_error("%s: %s", h->path, f.text);
}

static void
on_gone(void *arg, const char *reason)
{
	struct host *h = arg;
	struct host_set *s = h->set;
	bool soon = io_now_ns() - h->started < SOON_NS;

	log_error("runner %s: %s", h->id, reason);
	snprintf(h->reason, sizeof(h->reason), "%s", reason);
	runner_free(h->runner);
	h->runner = NULL;
	h->ready = false;
	if (!h->own && h->served) {
		h->rest = !soon ? 0 : h->rest ? 2 * h->rest : FIRST_REST;
		if (h->rest > LONGEST_REST)
			h->rest = LONGEST_REST;
		loop_timer_set(s->loop, &h->again, io_now_ns() + h->rest);
	}
	s->events->changed(s->arg, h, reason);
}

static int
start(struct host *h, struct fail *f)
{
	const struct runner_config c = {
		.path = h->path,
		.standby = h->own ? 0 : h->set->config.standby,
		.allow_missing = h->set->config.allow_missing,
		.hash_seed = h->hash_seed,
	};

	const struct runner_owner o = {h, on_hello, on_message, on_gone};

	h->started = io_now_ns();
	if (runner_start(h->set->loop, &c, &o, &h->runner, f)) {
		snprintf(h->reason, sizeof(h->reason), "%.290s", f->text);
		return -1;
	}
	return 0;
}

static struct host *
make(struct host_set *s, const char *path, const char *id, int64_t hash_seed)
{
	struct host *h = calloc(1, sizeof(*h));

	if (!h)
		abort();
	h->set = s;
	h->path = strdup(path);
	h->id = strdup(id);
	h->hash_seed = hash_seed;
	h->again.fire = try_again;
	if (!h->path || !h->id)
		abort();
	return h;
}

static void
destroy(struct host *h)
{
	loop_timer_clear(h->set->loop, &h->again);
	runner_free(h->runner);
	free(h->path);
	free(h->id);
	free(h);
}

/* "3.9" before "3.11": by version, not by letters. */
static int
by_version(const void *a, const void *b)
{
	return strverscmp(
		(*(struct host *const *)a)->id, (*(struct host *const *)b)->id);
}

static int
find_programs(struct host_set *s, struct fail *f)
{
	scope_dir DIR *dir = opendir(s->config.dir);
	struct dirent *e;
	char path[4096];

	if (!dir)
		return fail_errno(f, "cannot read %s", s->config.dir);
	while ((e = readdir(dir)) && s->n < MAX_HOSTS) {
		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", s->config.dir, e->d_name);
		if (access(path, X_OK) == 0)
			s->host[s->n++] =
				make(s, path, e->d_name + strlen(PREFIX), -1);
	}
	if (!s->n)
		return fail_set(f, "%s holds no runner", s->config.dir);
	qsort(s->host, s->n, sizeof(*s->host), by_version);
	return 0;
}

int
host_open(struct loop *l, const struct host_config *c,
	const struct host_events *events, void *arg, struct host_set **ret_s,
	struct fail *f)
{
	struct host_set *s = calloc(1, sizeof(*s));

	if (!s)
		return fail_set(f, "no memory");
	*s = (struct host_set){
		.loop = l, .config = *c, .events = events, .arg = arg};
	if (find_programs(s, f)) {
		free(s);
		return -1;
	}
	for (size_t i = 0; i < s->n; i++)
		if (start(s->host[i], f))
			log_error("%s: %s", s->host[i]->path, f->text);
	*ret_s = s;
	return 0;
}

void
host_close(struct host_set *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		destroy(s->host[i]);
	free(s);
}

int
host_state(const struct host_set *s, struct fail *f)
{
	bool serving = false;

	for (size_t i = 0; i < s->n; i++) {
		if (s->host[i]->runner && !host_ready(s->host[i]))
			return 0;
		serving |= host_ready(s->host[i]);
	}
	if (serving)
		return 1;
	return fail_set(f, "runner %s cannot start: %.400s", s->host[0]->id,
		s->host[0]->reason);
}

const struct msg_hello *
host_serving(const struct host_set *s, size_t i)
{
	for (size_t k = 0; k < s->n; k++)
		if (host_ready(s->host[k]) && i-- == 0)
			return host_hello(s->host[k]);
	return NULL;
}

const char *
host_broken(const struct host_set *s, size_t i, const char **ret_reason)
{
	for (size_t k = 0; k < s->n; k++)
		if (s->host[k]->reason[0] && i-- == 0) {
			*ret_reason = s->host[k]->reason;
			return s->host[k]->id;
		}
	return NULL;
}

struct host *
host_find(const struct host_set *s, const char *id)
{
	/* The default is the embedded one that everybody has. */
	if (!id) {
		struct host *usual = host_find(s, "3.11");
		if (usual)
			return usual;
	}
	for (size_t i = 0; i < s->n; i++) {
		struct host *h = s->host[i];
		if ((!id || strcmp(h->id, id) == 0) && (h->runner || h->served))
			return h;
	}
	return NULL;
}

int
host_start_own(struct host *like, int64_t hash_seed, struct host **ret_h,
	struct fail *f)
{
	struct host *h = make(like->set, like->path, like->id, hash_seed);

	h->own = true;
	if (start(h, f)) {
		destroy(h);
		return -1;
	}
	*ret_h = h;
	return 0;
}

void
host_free(struct host *own)
{
	if (own)
		destroy(own);
}

bool
host_ready(const struct host *h)
{
	return h->ready;
}

const struct msg_hello *
host_hello(const struct host *h)
{
	return &h->hello;
}

struct runner *
host_runner(const struct host *h)
{
	return h->runner;
}
