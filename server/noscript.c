/* The page for browsers without JavaScript. */
#include "server/noscript.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/form.h"
#include "api/text.h"
#include "base/scope.h"
#include "server/cli_compare.h"
#include "server/cli_tables.h"
#include "wire/tables.h"

#define COLUMNS 100
/* That are put into the form again, of all its fields together: escaped they
 * are six times as many at most. */
#define KEPT_BYTES (1 * MIB)
/* Of the page, for what is not the text of a result. */
#define ROOM (64 * KIB)

static const char head[] =
	"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta "
	"charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, "
	"initial-scale=1\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<title>Vitrine, without JavaScript</title>\n"
	"<link rel=\"stylesheet\" href=\"/noscript.css\">\n</head>\n<body>\n"
	"<main>\n<h1>Vitrine</h1>\n"
	"<p>Run a Python snippet and see what CPython did. This page needs no "
	"JavaScript; <a href=\"/\">the other one</a> shows more.</p>\n";

/* --- HTML ----------------------------------------------------------------- */

static void
put(struct buf *b, const char *html)
{
	buf_put(b, html, strlen(html));
}

/* A stranger's text: in an element, or in an attribute in quotes. */
static void
put_text(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '<')
			put(b, "&lt;");
		else if (s[i] == '>')
			put(b, "&gt;");
		else if (s[i] == '&')
			put(b, "&amp;");
		else if (s[i] == '"')
			put(b, "&quot;");
		else
			buf_put(b, &s[i], 1);
	}
}

/* A text of many lines under its name; nothing when there is none. */
static void
put_pre(struct buf *b, const char *title, const char *s, size_t n)
{
	const size_t left = b->max > b->len + ROOM ? b->max - b->len - ROOM : 0;
	size_t fits = 0;

	for (size_t room = 0; fits < n && room + 6 <= left; fits++)
		room += strchr("<>&\"", s[fits]) && s[fits] ? 6 : 1;
	if (n == 0)
		return;
	buf_printf(b, "<h3>%s</h3>\n<pre tabindex=\"0\" aria-label=\"%s\">\n",
		title, title);
	put_text(b, s, fits);
	put(b, "</pre>\n");
	if (fits < n)
		put(b, "<p>Not all of it fits on a page; vitrine run shows the "
		       "rest, and so does POST /v1/runs.</p>\n");
}

/* What a view writes for a terminal of so many columns, without colour. */
struct view {
	struct cli_out out;
	char *text;
	size_t n;
};

static void
view_open(struct view *v)
{
	*v = (struct view){.out.width = COLUMNS};
	v->out.file = open_memstream(&v->text, &v->n);
	if (!v->out.file)
		abort();
}

static void
view_put(struct view *v, struct buf *b, const char *title)
{
	if (fclose(v->out.file))
		abort();
	put_pre(b, title, v->text, v->n);
	free(v->text);
}

/* --- The form ---------------------------------------------------------------
 */

static void
put_area(struct buf *b, const json_t *form, const char *name, const char *label,
	int rows)
{
	size_t n;
	const char *value = form_first(form, name, &n);

	buf_printf(b,
		"<label for=\"%s\">%s</label>\n"
		"<textarea id=\"%s\" name=\"%s\" rows=\"%d\" "
		"spellcheck=\"false\" autocapitalize=\"off\" "
		"autocomplete=\"off\">\n",
		name, label, name, name, rows);
	put_text(b, value, n);
	put(b, "</textarea>\n");
}

static void
put_runtimes(struct buf *b, const json_t *form, const struct engine *e)
{
	size_t n;
	const char *chosen = form_first(form, "runtime", &n), *id;

	put(b, "<label for=\"runtime\">Run on</label>\n"
	       "<select id=\"runtime\" name=\"runtime\">\n"
	       "<option value=\"\">the usual CPython</option>\n");
	for (size_t i = 0; (id = engine_runtime_id(e, i)); i++) {
		buf_printf(b, "<option%s>",
			strcmp(chosen, id) == 0 ? " selected" : "");
		put_text(b, id, strlen(id));
		put(b, "</option>\n");
	}
	put(b, "</select>\n");
}

static bool
is_ticked(const json_t *form, const char *lens)
{
	const json_t *ticked = json_object_get(form, "lens"), *one;
	size_t i;

	if (!form)
		return strcmp(lens, "bytecode") == 0;
	json_array_foreach(ticked, i,
		one) if (strcmp(json_string_value(one), lens) == 0) return true;
	return false;
}

static void
put_lenses(struct buf *b, const json_t *form)
{
	put(b, "<fieldset><legend>Look through</legend>\n");
	for (enum lens l = 0; l < LENS_COUNT; l++)
		buf_printf(b,
			"<label><input type=\"checkbox\" name=\"lens\" "
			"value=\"%s\"%s> %s</label>\n",
			lens_name(l),
			is_ticked(form, lens_name(l)) ? " checked" : "",
			lens_name(l));
	put(b, "</fieldset>\n");
}

void
noscript_begin(struct buf *b, const json_t *form, const struct engine *e)
{
	size_t code, in, args;

	form_first(form, "code", &code);
	form_first(form, "stdin", &in);
	form_first(form, "args", &args);
	put(b, head);
	if (code + in + args > KEPT_BYTES) {
		put(b, "<p role=\"alert\">What was sent is too large to be in "
		       "the form again; the browser's Back has it.</p>\n");
		form = NULL;
	}
	put(b, "<form method=\"post\" action=\"/noscript#result\" "
	       "accept-charset=\"utf-8\">\n");
	put_area(b, form, "code", "Source", 16);
	put_area(b, form, "stdin", "Standard input", 2);
	put_area(b, form, "args", "Arguments, one a line", 2);
	put_runtimes(b, form, e);
	put_lenses(b, form);
	put(b, "<p class=\"buttons\">"
	       "<button name=\"do\" value=\"run\">Run</button>\n"
	       "<button name=\"do\" "
	       "value=\"disassemble\">Disassemble</button>\n"
	       "<button name=\"do\" value=\"compare\">Compare on every "
	       "CPython here</button></p>\n</form>\n");
}

/* The lines of a text, but for an empty one at its end. */
static json_t *
lines_of(const char *s, size_t n)
{
	json_t *lines = text_need(json_array());

	for (size_t at = 0, len; at < n; at += len + 1) {
		const char *end = memchr(s + at, '\n', n - at);
		len = end ? (size_t)(end - s) - at : n - at;
		text_append(lines, text_json(s + at, len));
	}
	return lines;
}

json_t *
noscript_request(const json_t *form, bool *ret_compare)
{
	json_t *q = text_need(json_object());
	const json_t *lenses = json_object_get(form, "lens");
	size_t n;
	const char *what = form_first(form, "do", &n);
	const bool disassemble = strcmp(what, "disassemble") == 0;
	const char *text = form_first(form, "code", &n);

	*ret_compare = strcmp(what, "compare") == 0;
	text_set(q, "code", text_json(text, n));
	text = form_first(form, "stdin", &n);
	text_set(q, "stdin", text_json(text, n));
	text = form_first(form, "args", &n);
	text_set(q, "args", lines_of(text, n));
	if (disassemble)
		text_set(q, "lenses", text_need(json_pack("[s]", "bytecode")));
	else if (lenses)
		text_set(q, "lenses", text_need(json_deep_copy(lenses)));
	text = form_first(form, "runtime", &n);
	if (*ret_compare)
		text_set(q, "runtimes", json_string("all"));
	else if (n)
		text_set(q, "runtime", text_json(text, n));
	return q;
}

/* --- What came of it
 * ---------------------------------------------------------- */

static void
put_stream(
	struct buf *b, const json_t *reply, const char *name, const char *title)
{
	const json_t *stream = json_object_get(reply, name);
	const json_t *text = json_object_get(stream, "text");

	if (text)
		put_pre(b, title, json_string_value(text),
			json_string_length(text));
	else if (stream)
		buf_printf(b, "<h3>%s</h3>\n<p>It is no text.</p>\n", title);
}

void
noscript_put_run(struct buf *b, const json_t *reply, const char *code, size_t n)
{
	struct view v;

	put(b, "<section id=\"result\"><h2>Result</h2>\n");
	view_open(&v);
	cli_tables_status(reply, &v.out);
	view_put(&v, b, "How it ended");
	put_stream(b, reply, "stdout", "Standard output");
	put_stream(b, reply, "stderr", "Standard error");
	view_open(&v);
	cli_tables_lenses(reply, code, n, &v.out);
	view_put(&v, b, "Lenses");
	put(b, "</section>\n");
}

void
noscript_put_comparison(struct buf *b, const json_t *reply)
{
	struct view v;

	put(b, "<section id=\"result\"><h2>Comparison</h2>\n");
	view_open(&v);
	cli_compare_table(reply, &v.out);
	view_put(&v, b, "Each CPython");
	view_open(&v);
	cli_compare_differences(reply, &v.out);
	view_put(&v, b, "What differs");
	view_open(&v);
	cli_compare_status(reply, &v.out);
	view_put(&v, b, "In short");
	put(b, "</section>\n");
}

void
noscript_put_problem(struct buf *b, const struct problem *p)
{
	json_auto_t *j = problem_json(p);
	const json_t *one;
	const char *title = json_string_value(json_object_get(j, "title"));
	const char *detail = json_string_value(json_object_get(j, "detail"));
	size_t i;

	put(b, "<section id=\"result\" role=\"alert\"><h2>");
	put_text(b, title, strlen(title));
	put(b, "</h2>\n<p>");
	put_text(b, detail ? detail : "", detail ? strlen(detail) : 0);
	put(b, "</p>\n<ul>\n");
	json_array_foreach(json_object_get(j, "errors"), i, one)
	{
		const json_t *words = json_object_get(one, "detail");
		put(b, "<li>");
		put_text(
			b, json_string_value(words), json_string_length(words));
		put(b, "</li>\n");
	}
	put(b, "</ul>\n</section>\n");
}

void
noscript_end(struct buf *b)
{
	put(b, "</main>\n</body>\n</html>\n");
}
