/* Stored links. */
#include "server/links.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/log.h"
#include "base/scope.h"
#include "server/link_dir.h"
#include "server/wall.h"

#define MEAN_BYTES 8192ULL
/* The wall clock may be set: it is looked at again after that long at most. */
#define SWEEP_SECONDS 3600
/* So many are removed in a row; then it is others' turn, for a second. */
#define MOST_SWEPT 256

/* What is known of a file; of a damaged one that it is there, for ever. */
struct entry {
	char id[LINK_ID_CHARS + 1];
	unsigned bytes;
	int64_t until;
};

struct links {
	struct loop *loop;
	struct loop_timer sweep;
	int dir;
	unsigned max, n, room;
	struct entry *entries; /* by id */
	unsigned long long bytes;
};

/* The first entry that is not before id. */
static unsigned
place_of(const struct links *l, const char *id)
{
	unsigned low = 0, high = l->n;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;
		if (strcmp(l->entries[mid].id, id) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct entry *
find(const struct links *l, const char *id)
{
	unsigned at = place_of(l, id);

	return at < l->n && strcmp(l->entries[at].id, id) == 0 ? &l->entries[at]
							       : NULL;
}

static void
set_timer(struct links *l)
{
	int64_t first = LINK_NEVER, now = wall_now();

	for (unsigned i = 0; i < l->n; i++)
		if (l->entries[i].until < first)
			first = l->entries[i].until;
	if (first == LINK_NEVER) {
		loop_timer_clear(l->loop, &l->sweep);
		return;
	}
	first = first < now ? now : first;
	int64_t wait =
		first - now < SWEEP_SECONDS ? first - now + 1 : SWEEP_SECONDS;
	loop_timer_set(l->loop, &l->sweep, io_now_ns() + wait * 1000000000LL);
}

static void
note(struct links *l, const char *id, size_t bytes, int64_t until)
{
	struct entry *e = find(l, id);

	if (!e) {
		unsigned at = place_of(l, id);
		if (l->n == l->room) {
			l->room = l->room ? 2 * l->room : 64;
			l->entries = reallocarray(
				l->entries, l->room, sizeof(*l->entries));
			if (!l->entries)
				abort();
		}
		e = &l->entries[at];
		memmove(e + 1, e, (l->n++ - at) * sizeof(*e));
		*e = (struct entry){0};
		memcpy(e->id, id, sizeof(e->id));
	}
	l->bytes += bytes - e->bytes;
	e->bytes = (unsigned)bytes;
	e->until = until;
}

static void
forget(struct links *l, const char *id)
{
	struct entry *e = find(l, id);

	if (!e)
		return;
	l->bytes -= e->bytes;
	l->n--;
	memmove(e, e + 1, (size_t)(l->entries + l->n - e) * sizeof(*e));
}

/* Removes files that are over, some at a time. */
static void
sweep(struct links *l)
{
	int64_t now = wall_now();
	unsigned kept = 0, gone = 0;
	struct fail f = {0};

	for (unsigned i = 0; i < l->n; i++) {
		const struct entry *e = &l->entries[i];
		if (e->until <= now && gone < MOST_SWEPT &&
			link_dir_remove(l->dir, e->id, &f) == 0) {
			gone++;
			l->bytes -= e->bytes;
		} else {
			l->entries[kept++] = *e;
		}
	}
	l->n = kept;
	if (gone)
		link_dir_sync(l->dir, &f);
	if (f.text[0])
		log_warn("links that are over: %s", f.text);
}

static void
sweep_due(struct loop_timer *t)
{
	struct links *l =
		(struct links *)((char *)t - offsetof(struct links, sweep));

	sweep(l);
	set_timer(l);
}

/* The file of a link as it is now, without shares that are over; b keeps its
 * bytes. */
static enum links_outcome
load(struct links *l, const char *id, struct buf *b, struct link_file *ret,
	struct fail *f)
{
	if (link_dir_read(l->dir, id, b, f))
		return f->err == ENOENT ? LINKS_NONE : LINKS_BROKEN;
	if (link_file_read(b->data ? b->data : "", b->len, id, ret, f)) {
		fail_in(f, "%s", id);
		return LINKS_BROKEN;
	}
	link_file_expire(ret, wall_now());
	return ret->n ? LINKS_DONE : LINKS_NONE;
}

static void
look_at(struct links *l, const char *id)
{
	scope_buf struct buf b = BUF_INIT(LINK_FILE_BYTES);
	scope_free struct link_file *file = malloc(sizeof(*file));
	struct fail f = {0};

	if (!file)
		abort();
	switch (load(l, id, &b, file, &f)) {
	case LINKS_DONE:
		note(l, id, b.len, link_file_until(file));
		break;
	case LINKS_NONE:
		note(l, id, b.len, 0); /* over: for the sweep */
		break;
	case LINKS_ALREADY:
	case LINKS_FULL:
	case LINKS_SHARED:
	case LINKS_BROKEN:
		log_warn("a stored link is damaged: %s", f.text);
		note(l, id, b.len, LINK_NEVER);
	}
}

int
links_open(struct loop *loop, const struct links_config *config,
	struct links **ret_l, struct fail *f)
{
	scope_fd int dir = link_dir_open(config->dir, config->others, f);
	if (dir < 0)
		return -1;
	int listed = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scope_dir DIR *names = listed < 0 ? NULL : fdopendir(listed);
	if (!names)
		return fail_errno(f, "cannot read %s", config->dir);
	struct links *l = calloc(1, sizeof(*l));
	if (!l)
		abort();
	l->loop = loop;
	l->sweep.fire = sweep_due;
	l->max = config->max;
	l->dir = steal_fd(&dir);
	for (const struct dirent *e; (e = readdir(names));)
		if (link_hash_is_id(e->d_name))
			look_at(l, e->d_name);
	sweep(l);
	set_timer(l);
	log_info("%u stored links in %s, of at most %u", l->n, config->dir,
		l->max);
	*ret_l = l;
	return 0;
}

void
links_free(struct links *l)
{
	if (!l)
		return;
	loop_timer_clear(l->loop, &l->sweep);
	close(l->dir);
	free(l->entries);
	free(l);
}

/* Is there room for a file of that size, which is known already or not? */
static bool
has_room(const struct links *l, const struct entry *known, size_t bytes)
{
	unsigned long long others = l->bytes - (known ? known->bytes : 0);

	return (known || l->n < l->max) &&
	       others + bytes <= MEAN_BYTES * (unsigned long long)l->max;
}

static bool
is_full(int err)
{
	return err == ENOSPC || err == EDQUOT || err == EFBIG;
}

/* Writes what a file is to hold, and notes it. */
static enum links_outcome
store(struct links *l, const char *id, const struct link_file *file,
	bool shrinks, struct fail *f)
{
	scope_buf struct buf b = BUF_INIT(LINK_FILE_BYTES);

	link_file_write(file, &b);
	if (!shrinks && !has_room(l, find(l, id), b.len)) {
		fail_set(f,
			"This server keeps %u links of %llu bytes, and has no "
			"room for one more. Share the long link, which needs "
			"none, or try again when some are over.",
			l->n, l->bytes);
		return LINKS_FULL;
	}
	if (link_dir_write(l->dir, id, &b, f)) {
		log_error("a link was not stored: %s", f->text);
		return is_full(f->err) ? LINKS_FULL : LINKS_BROKEN;
	}
	note(l, id, b.len, link_file_until(file));
	set_timer(l);
	return LINKS_DONE;
}

enum links_outcome
links_put(struct links *l, const char *text, size_t size, int64_t until,
	struct links_made *ret, struct fail *f)
{
	scope_buf struct buf was = BUF_INIT(LINK_FILE_BYTES);
	scope_free struct link_file *file = malloc(sizeof(*file));
	struct links_made made = {.until = until};
	enum links_outcome there = LINKS_NONE;

	if (!file)
		abort();
	link_hash_id(text, size, made.id);
	link_hash_token(made.token);
	if (find(l, made.id))
		there = load(l, made.id, &was, file, f);
	/* A damaged one is written anew: what it has to hold is known. */
	if (there != LINKS_DONE)
		file->n = 0;
	if (file->n == LINK_MAX_SHARES) {
		fail_set(f,
			"It is shared %d times here already, as often as one "
			"link may be: it is at /s/%s.",
			LINK_MAX_SHARES, made.id);
		return LINKS_SHARED;
	}
	file->text = text;
	file->size = size;
	struct link_share *mine = &file->shares[file->n++];
	mine->until = until;
	link_hash(made.token, LINK_TOKEN_CHARS, mine->token);
	enum links_outcome out = store(l, made.id, file, false, f);
	if (out != LINKS_DONE)
		return out;
	*ret = made;
	return there == LINKS_DONE ? LINKS_ALREADY : LINKS_DONE;
}

/* load() of one that is known. */
static enum links_outcome
load_known(struct links *l, const char *id, struct buf *b,
	struct link_file *ret, struct fail *f)
{
	if (!find(l, id))
		return LINKS_NONE;
	enum links_outcome out = load(l, id, b, ret, f);
	if (out == LINKS_NONE && f->err == ENOENT)
		forget(l, id); /* somebody else took it away */
	if (out == LINKS_BROKEN)
		log_error("a stored link is damaged: %s", f->text);
	return out;
}

enum links_outcome
links_get(struct links *l, const char *id, struct buf *b, int64_t *ret_until,
	struct fail *f)
{
	scope_buf struct buf bytes = BUF_INIT(LINK_FILE_BYTES);
	scope_free struct link_file *file = malloc(sizeof(*file));

	if (!file)
		abort();
	enum links_outcome out = load_known(l, id, &bytes, file, f);
	if (out != LINKS_DONE)
		return out;
	buf_put(b, file->text, file->size);
	*ret_until = link_file_until(file);
	return LINKS_DONE;
}

enum links_outcome
links_delete(struct links *l, const char *id, const char *token, struct fail *f)
{
	scope_buf struct buf bytes = BUF_INIT(LINK_FILE_BYTES);
	scope_free struct link_file *file = malloc(sizeof(*file));

	if (!file)
		abort();
	enum links_outcome out = load_known(l, id, &bytes, file, f);
	if (out != LINKS_DONE)
		return out;
	if (!link_file_remove(file, token))
		return LINKS_NONE;
	if (file->n)
		return store(l, id, file, true, f);
	if (link_dir_remove(l->dir, id, f) || link_dir_sync(l->dir, f))
		return LINKS_BROKEN;
	forget(l, id);
	return LINKS_DONE;
}

unsigned
links_count(const struct links *l, unsigned long long *ret_bytes)
{
	*ret_bytes = l->bytes;
	return l->n;
}
