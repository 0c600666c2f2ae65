/* The page's files. */
#include "server/assets.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/header.h"
#include "base/io.h"
#include "base/scope.h"

#define MAX_ASSET_BYTES (16 << 20)
#define MAX_DEPTH	4

struct asset {
	char *path; /* "/index.html", "/assets/a-1234.js.br" */
	struct buf bytes;
	char etag[24];
};

struct assets {
	struct asset *files;
	size_t n;
};

#define POLICY                                                                 \
	"default-src 'none'; script-src 'self'; style-src 'self'; "            \
	"connect-src "                                                         \
	"'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "        \
	"frame-ancestors "

/* Pages of this machine, as header_is_loopback() has it but for IPv6, of which
 * a policy cannot name an address. */
#define LOOPBACK                                                               \
	"'self' http://127.0.0.1:* http://localhost:* https://127.0.0.1:* "    \
	"https://localhost:*"

/* Pages whose address is not their file's without .html, and which of them
 * others may have in a frame: what is there runs only what somebody who looks
 * at it tells it to.  But that can be had by a frame that is not seen for what
 * it is, so who may send no runs to a server (routes_refuse.c) may not frame
 * it. */
static const struct {
	const char *path, *file;
	bool in_frames;
} pages[] = {
	{"/", "/index.html", false},
	{"/e/", "/e.html", true},
};
#define PAGES (sizeof(pages) / sizeof(*pages))

static const struct {
	const char *suffix, *type;
} types[] = {
	{".html", "text/html; charset=utf-8"},
	{".js", "text/javascript; charset=utf-8"},
	{".css", "text/css; charset=utf-8"},
	{".svg", "image/svg+xml"},
	{".json", "application/json"},
	{".yaml", "application/yaml"},
	{".png", "image/png"},
	{".txt", "text/plain; charset=utf-8"},
};

/* FNV-1a, 64 bits: names a content, is no proof against an attacker. */
static uint64_t
hash(const struct buf *b)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < b->len; i++)
		h = (h ^ (unsigned char)b->data[i]) * 0x100000001b3ULL;
	return h;
}

static int
read_file(struct assets *a, const char *path, const char *name, struct fail *f)
{
	scope_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	a->files = realloc(a->files, (a->n + 1) * sizeof(*a->files));
	if (!a->files)
		abort();
	struct asset *file = &a->files[a->n++];
	*file = (struct asset){
		.path = strdup(name), .bytes = BUF_INIT(MAX_ASSET_BYTES)};
	if (!file->path)
		abort();
	if (fd < 0)
		return fail_errno(f, "cannot open %s", path);
	if (io_read_all(fd, &file->bytes, f))
		return fail_in(f, "%s", path);
	snprintf(file->etag, sizeof(file->etag), "\"%016llx\"",
		(unsigned long long)hash(&file->bytes));
	return 0;
}

static int
read_dir(struct assets *a, const char *path, const char *name, int depth,
	struct fail *f)
{
	scope_dir DIR *dir = opendir(path);
	char below[PATH_MAX], as[PATH_MAX];
	struct dirent *e;

	if (!dir)
		return fail_errno(f, "cannot read %s", path);
	while ((e = readdir(dir))) {
		struct stat st;
		if (e->d_name[0] == '.')
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, e->d_name);
		snprintf(as, sizeof(as), "%s/%s", name, e->d_name);
		if (lstat(below, &st))
			return fail_errno(f, "%s", below);
		if (S_ISREG(st.st_mode) && read_file(a, below, as, f))
			return -1;
		if (S_ISDIR(st.st_mode) && depth < MAX_DEPTH &&
			read_dir(a, below, as, depth + 1, f))
			return -1;
	}
	return 0;
}

int
assets_open(const char *dir, struct assets **ret_a, struct fail *f)
{
	struct assets *a = calloc(1, sizeof(*a));

	if (!a)
		return fail_set(f, "no memory");
	if (read_dir(a, dir, "", 0, f)) {
		assets_free(a);
		return -1;
	}
	*ret_a = a;
	return 0;
}

void
assets_free(struct assets *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->n; i++) {
		free(a->files[i].path);
		buf_free(&a->files[i].bytes);
	}
	free(a->files);
	free(a);
}

static const struct asset *
find(const struct assets *a, const char *path, const char *suffix)
{
	size_t n = strlen(path);

	for (size_t i = 0; i < a->n; i++)
		if (strncmp(a->files[i].path, path, n) == 0 &&
			strcmp(a->files[i].path + n, suffix) == 0)
			return &a->files[i];
	return NULL;
}

static const char *
type_of(const char *path)
{
	size_t n = strlen(path);

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		size_t m = strlen(types[i].suffix);
		if (n > m && strcmp(path + n - m, types[i].suffix) == 0)
			return types[i].type;
	}
	return "application/octet-stream";
}

/* The smallest form that the client takes. */
static const struct asset *
best(const struct assets *a, const struct exchange *x, const char *path,
	const char **ret_coding)
{
	static const struct {
		const char *token, *suffix;
	} codings[] = {{"br", ".br"}, {"gzip", ".gz"}};
	const char *accepts = http_header(x, "Accept-Encoding");

	for (size_t i = 0; i < 2; i++) {
		const struct asset *file = find(a, path, codings[i].suffix);
		if (file && header_accepts(accepts, codings[i].token)) {
			*ret_coding = codings[i].token;
			return file;
		}
	}
	*ret_coding = NULL;
	return find(a, path, "");
}

/* The page at /name is name.html. */
static const char *
path_of(const struct assets *a, const struct exchange *x)
{
	const char *path = http_path(x);

	/* A stored link opens the page, which asks for it. */
	if (strncmp(path, "/s/", 3) == 0)
		return "/index.html";
	for (size_t i = 0; i < PAGES; i++)
		if (strcmp(path, pages[i].path) == 0)
			return pages[i].file;
	const struct asset *page = find(a, path, ".html");
	return page ? page->path : path;
}

static const char *
policy_of(const char *file, bool anywhere)
{
	for (size_t i = 0; i < PAGES; i++)
		if (pages[i].in_frames && strcmp(file, pages[i].file) == 0)
			return anywhere ? POLICY "*" : POLICY LOOPBACK;
	return POLICY "'none'";
}

bool
assets_has(const struct assets *a, const struct exchange *x)
{
	return find(a, path_of(a, x), "") != NULL;
}

bool
assets_reply(const struct assets *a, struct exchange *x, bool anywhere)
{
	const char *path = path_of(a, x), *coding;
	const char *match = http_header(x, "If-None-Match");

	const struct asset *file = best(a, x, path, &coding);
	if (!file)
		return false;
	/* Names under /assets/ hold a hash of the content. */
	const char *keep = strncmp(path, "/assets/", 8) == 0
				   ? "public, max-age=31536000, immutable"
				   : "no-cache";
	const char *headers[] = {"ETag", file->etag, "Cache-Control", keep,
		"Vary", "Accept-Encoding", "Content-Security-Policy",
		policy_of(path, anywhere), "Referrer-Policy", "no-referrer",
		coding ? "Content-Encoding" : NULL, coding, NULL};
	if (match && strstr(match, file->etag))
		http_reply(x, 304, NULL, "", 0, HTTP_STAY, headers);
	else
		http_reply(x, 200, type_of(path), file->bytes.data,
			file->bytes.len, HTTP_STAY, headers);
	return true;
}
