/* What `vitrine run` sends. */
#include "server/cli_request.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "api/text.h"
#include "base/io.h"
#include "base/scope.h"
#include "base/utf8.h"

static int
read_path(const char *path, struct buf *b, struct fail *f)
{
	bool ours = strcmp(path, "-") == 0;
	scope_fd int fd = ours ? dup(STDIN_FILENO)
			       : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return fail_errno(f, "%s", ours ? "standard input" : path);
	if (io_read_all(fd, b, f))
		return fail_in(f, "%s", ours ? "standard input" : path);
	return 0;
}

static const char *
bytes(const struct buf *b)
{
	return b->data ? b->data : "";
}

/* {"text"} or {"base64"}, whichever holds the bytes. */
static json_t *
content(const struct buf *b)
{
	json_t *j = text_need(json_object());

	if (utf8_valid_prefix(bytes(b), b->len) == b->len)
		text_set(j, "text", text_json(bytes(b), b->len));
	else
		text_set(j, "base64", text_base64(bytes(b), b->len));
	return j;
}

const char *
cli_request_name(const char *file, const char *path)
{
	const char *end = strrchr(file, '/');
	size_t dir = end ? (size_t)(end - file) + 1 : 0;

	if (dir && strncmp(path, file, dir) == 0)
		path += dir;
	else if (path[0] == '/')
		path = strrchr(path, '/') + 1;
	while (strncmp(path, "./", 2) == 0)
		path += 2 + strspn(path + 2, "/");
	return path;
}

static int
add_files(struct cli_options *o, struct fail *f)
{
	json_t *files = text_need(json_array());

	if (o->npaths)
		text_set(o->request, "files", json_incref(files));
	for (size_t i = 0; i < o->npaths; i++) {
		const char *name = cli_request_name(o->file, o->paths[i]);
		scope_buf struct buf b = BUF_INIT(MAX_FILE_BYTES);
		if (read_path(o->paths[i], &b, f)) {
			json_decref(files);
			return fail_in(f, "--file");
		}
		json_t *file = content(&b);
		text_set(file, "path", text_json(name, strlen(name)));
		text_append(files, file);
	}
	json_decref(files);
	return 0;
}

static int
add_stdin(struct cli_options *o, struct fail *f)
{
	scope_buf struct buf b = BUF_INIT(MAX_STDIN_BYTES);

	if (!o->input)
		return 0;
	if (strcmp(o->input, "-") == 0 && strcmp(o->file, "-") == 0)
		return fail_set(f, "--stdin -: standard input cannot be both "
				   "the program and its input");
	if (read_path(o->input, &b, f))
		return fail_in(f, "--stdin");
	text_set(o->request, "stdin", content(&b));
	return 0;
}

/* The line that a byte is in, from 1. */
static size_t
line_of(const struct buf *b, size_t at)
{
	size_t line = 1;

	for (size_t i = 0; i < at; i++)
		line += b->data[i] == '\n';
	return line;
}

static int
read_source(const char *path, struct buf *ret, struct fail *f)
{
	if (read_path(path, ret, f))
		return -1;
	size_t good = utf8_valid_prefix(bytes(ret), ret->len);
	if (good < ret->len)
		return fail_set(f,
			"%s: line %zu is not UTF-8 (byte %zu of the file is "
			"0x%02x)",
			path, line_of(ret, good), good,
			(unsigned char)ret->data[good]);
	return 0;
}

static void
add_snippet(json_t *list, const char *path, const struct buf *code)
{
	json_t *j = text_need(json_object());

	text_set(j, "name", text_json(path, strlen(path)));
	text_set(j, "code", text_json(bytes(code), code->len));
	text_append(list, j);
}

static int
add_snippets(struct cli_options *o, const struct buf *first, struct fail *f)
{
	json_t *list = text_need(json_array());

	text_set(o->request, "snippets", list);
	add_snippet(list, o->file, first);
	for (size_t i = 0; i < o->nothers; i++) {
		scope_buf struct buf b = BUF_INIT(MAX_CODE_BYTES);
		if (read_source(o->others[i], &b, f))
			return -1;
		add_snippet(list, o->others[i], &b);
	}
	return 0;
}

int
cli_request_complete(
	struct cli_options *o, struct buf *ret_code, struct fail *f)
{
	if (read_source(o->file, ret_code, f))
		return -1;
	if (o->command != CLI_MEASURE)
		text_set(o->request, "code",
			text_json(bytes(ret_code), ret_code->len));
	else if (add_snippets(o, ret_code, f))
		return -1;
	return add_stdin(o, f) || add_files(o, f) ? -1 : 0;
}
