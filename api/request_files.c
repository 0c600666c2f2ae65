/* The files member. */
#include "api/request_check.h"

#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "wire/bundle.h"

static const char script[] = "main.py";

/* Whether a is b, or a directory above it. */
static bool
covers(const char *a, const char *b)
{
	size_t n = strlen(a);

	return strncmp(a, b, n) == 0 && (b[n] == '\0' || b[n] == '/');
}

/* Why a path cannot be, in words; bundle_path_ok has the last word. */
static const char *
path_fault(const char *path, size_t n)
{
	if (n == 0)
		return "it is empty";
	if (n > MAX_PATH_BYTES)
		return "it is longer than 200 bytes";
	if (memchr(path, '\0', n))
		return "it holds a NUL character";
	if (path[0] == '/')
		return "it is absolute; a path is relative to the working "
		       "directory of the run";
	if (!bundle_path_ok(path, n))
		return "a part of it is empty, \".\" or \"..\"";
	return NULL;
}
_Static_assert(MAX_PATH_BYTES == 200, "the words above say so");

/* Against the snippet and every file before it. */
static void
check_clash(struct check *c, const struct place *at, const char *path)
{
	if (strcmp(path, script) == 0) {
		request_check_fault(c, at,
			"\"main.py\" is the snippet itself, which is given as "
			"\"code\"; name the file differently.");
		return;
	}
	if (covers(script, path))
		request_check_fault(c, at,
			"\"main.py\" is the snippet itself, a file, and cannot "
			"be a directory as well.");
	for (size_t i = 0; i < c->q->nfiles; i++) {
		const char *other = c->q->files[i].path;
		if (!other)
			continue;
		if (strcmp(other, path) == 0) {
			request_check_fault(
				c, at, "File %zu has the same path.", i);
			return;
		}
		if (covers(other, path) || covers(path, other)) {
			request_check_fault(c, at,
				"File %zu is \"%s\"; one path cannot be a file "
				"and a directory.",
				i, other);
			return;
		}
	}
}

static char *
check_path(struct check *c, const struct place *at, const json_t *j)
{
	if (!j) {
		request_check_fault(
			c, at, "A file needs a \"path\", such as \"util.py\".");
		return NULL;
	}
	struct place here = request_check_member(at, "path");
	if (!request_check_string(c, &here, j, MAX_BODY_BYTES, false))
		return NULL;
	const char *path = json_string_value(j);
	const char *why = path_fault(path, json_string_length(j));
	if (why) {
		request_check_fault(
			c, &here, "This path cannot be taken: %s.", why);
		return NULL;
	}
	check_clash(c, &here, path);
	return text_blob(path, strlen(path)).data;
}

static void
check_file(struct check *c, const struct place *at, const json_t *j)
{
	static const struct member members[] = {
		{"path", NULL}, {"text", NULL}, {"base64", NULL}};
	struct run_file file = {0};

	if (!request_check_object(c, at, j))
		return;
	request_check_members(c, at, j, members, 3);
	file.path = check_path(c, at, json_object_get(j, "path"));
	request_check_content(c, at, j, MAX_FILE_BYTES, &file.content);
	c->q->files[c->q->nfiles++] = file;
}

void
request_files_check(struct check *c, const struct place *at, const json_t *j)
{
	size_t total = 0;

	if (!request_check_array(c, at, j, "files", MAX_FILES))
		return;
	c->q->files = calloc(json_array_size(j) + 1, sizeof(*c->q->files));
	if (!c->q->files)
		abort();
	for (size_t i = 0; i < json_array_size(j); i++) {
		struct place here = request_check_element(at, i);
		check_file(c, &here, json_array_get(j, i));
	}
	for (size_t i = 0; i < c->q->nfiles; i++)
		total += c->q->files[i].content.n;
	if (total > MAX_FILES_BYTES)
		request_check_fault(c, at,
			"The files are %zu bytes in all; at most %llu are "
			"taken.",
			total, MAX_FILES_BYTES);
}
