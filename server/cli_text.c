/* Text for a terminal. */
#include "server/cli_text.h"

#include <inttypes.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/utf8.h"

#define NARROWEST 40
#define WIDEST	  400
#define TAB	  8

/* SGR parameters, ECMA-48. */
static const char *const codes[CLI_STYLES] = {
	[CLI_PLAIN] = "",
	[CLI_BOLD] = "1",
	[CLI_DIM] = "2",
	[CLI_GOOD] = "32",
	[CLI_BAD] = "31",
	[CLI_WARN] = "33",
	[CLI_NAME] = "36",
};

void
cli_text_init(void)
{
	/* glibc has this one built in; it decides widths, not our encoding. */
	setlocale(LC_CTYPE, "C.UTF-8");
}

int
cli_text_when(const char *word, enum cli_colour *ret_when)
{
	static const char *const words[] = {"auto", "always", "never"};

	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(word, words[i]) == 0) {
			*ret_when = (enum cli_colour)i;
			return 0;
		}
	return -1;
}

static unsigned
columns_of(FILE *f)
{
	const char *said = getenv("COLUMNS");
	struct winsize w;
	unsigned long n = said ? strtoul(said, NULL, 10) : 0;

	if (!n && ioctl(fileno(f), TIOCGWINSZ, &w) == 0)
		n = w.ws_col;
	if (!n)
		n = 80;
	return n < NARROWEST ? NARROWEST : n > WIDEST ? WIDEST : (unsigned)n;
}

static bool
wants_colour(FILE *f)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no && *no) && isatty(fileno(f)) && term && *term &&
	       strcmp(term, "dumb") != 0;
}

struct cli_out
cli_text_out(FILE *f, enum cli_colour when)
{
	return (struct cli_out){
		.file = f,
		.width = columns_of(f),
		.colour = when == CLI_COLOUR_ALWAYS ||
			  (when == CLI_COLOUR_AUTO && wants_colour(f)),
	};
}

/* The character at s, of *ret_n bytes; U+FFFD of one byte when it is none. */
static wchar_t
character(const char *s, size_t n, size_t *ret_n)
{
	static const unsigned char lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	size_t len = utf8_sequence(s, n);

	*ret_n = len ? len : 1;
	if (!len)
		return 0xfffd;
	wchar_t c = (unsigned char)s[0] & lead[len];
	for (size_t i = 1; i < len; i++)
		c = (c << 6) | ((unsigned char)s[i] & 0x3f);
	return c;
}

unsigned
cli_text_width(const char *s, size_t n)
{
	unsigned columns = 0;
	size_t len;

	for (size_t i = 0; i < n; i += len) {
		int w = wcwidth(character(s + i, n - i, &len));
		columns += w > 0 ? (unsigned)w : 0;
	}
	return columns;
}

size_t
cli_text_fit(const char *s, size_t n, unsigned columns)
{
	unsigned used = 0;
	size_t i = 0, len;

	while (i < n) {
		int w = wcwidth(character(s + i, n - i, &len));
		used += w > 0 ? (unsigned)w : 0;
		if (used > columns)
			break;
		i += len;
	}
	return i;
}

/* Characters that move the cursor, change the direction of what follows, or
 * cannot be seen. */
static void
put_hidden(struct buf *b, wchar_t c)
{
	if (c < 0x20) /* U+2400 and on: pictures of the controls */
		buf_printf(b, "\xe2\x90%c", (char)(0x80 + c));
	else if (c == 0x7f)
		buf_printf(b, "\xe2\x90\xa1");
	else if (c <= 0xffff)
		buf_printf(b, "\\u%04x", (unsigned)c);
	else
		buf_printf(b, "\\U%08x", (unsigned)c);
}

static bool
turns_direction(wchar_t c)
{
	return c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void
cli_text_clean(struct buf *b, const char *s, size_t n)
{
	size_t start = b->len, len;

	for (size_t i = 0; i < n; i += len) {
		wchar_t c = character(s + i, n - i, &len);
		if (c == '\t') {
			unsigned at = cli_text_width(
				b->data ? b->data + start : "", b->len - start);
			buf_printf(b, "%*s", (int)(TAB - at % TAB), "");
		} else if (c == 0xfffd) {
			buf_put(b, "\xef\xbf\xbd", 3);
		} else if (wcwidth(c) < 0 || c == 0 || turns_direction(c)) {
			put_hidden(b, c);
		} else {
			buf_put(b, s + i, len);
		}
	}
}

void
cli_text_on(const struct cli_out *o, enum cli_style s)
{
	if (o->colour && s != CLI_PLAIN)
		fprintf(o->file, "\033[%sm", codes[s]);
}

void
cli_text_off(const struct cli_out *o, enum cli_style s)
{
	if (o->colour && s != CLI_PLAIN)
		fputs("\033[0m", o->file);
}

void
cli_text_say(const struct cli_out *o, enum cli_style s, const char *fmt, ...)
{
	va_list args;

	cli_text_on(o, s);
	va_start(args, fmt);
	vfprintf(o->file, fmt, args);
	va_end(args);
	cli_text_off(o, s);
}

void
cli_text_wrap(
	const struct cli_out *o, unsigned at, unsigned hang, const char *words)
{
	scope_buf struct buf b = BUF_INIT(64 * 1024);

	cli_text_clean(&b, words, strlen(words));
	const char *s = b.data ? b.data : "";
	bool first = true;
	while (*s) {
		size_t n = strcspn(s, " ");
		unsigned w = cli_text_width(s, n);
		if (!first && at + 1 + w > o->width) {
			fprintf(o->file, "\n%*s", (int)hang, "");
			at = hang;
		} else if (!first) {
			fputc(' ', o->file);
			at++;
		}
		fwrite(s, 1, n, o->file);
		at += w;
		s += n;
		s += strspn(s, " ");
		first = false;
	}
	fputc('\n', o->file);
}

/* Three significant digits of v in units of `unit`. */
static const char *
scaled(char ret[CLI_NUMBER], double v, const char *unit)
{
	int digits = v < 9.995 ? 2 : v < 99.95 ? 1 : 0;

	snprintf(ret, CLI_NUMBER, "%.*f %s", digits, v, unit);
	return ret;
}

const char *
cli_text_ns(char ret[CLI_NUMBER], int64_t ns)
{
	if (ns < 1000)
		snprintf(ret, CLI_NUMBER, "%" PRId64 " ns", ns);
	else if (ns < 999500)
		scaled(ret, (double)ns / 1e3, "µs");
	else if (ns < 999500000)
		scaled(ret, (double)ns / 1e6, "ms");
	else
		scaled(ret, (double)ns / 1e9, "s");
	return ret;
}

const char *
cli_text_bytes(char ret[CLI_NUMBER], uint64_t bytes)
{
	if (bytes < 1024)
		snprintf(ret, CLI_NUMBER, "%" PRIu64 " B", bytes);
	else if (bytes < 1023.5 * 1024)
		scaled(ret, (double)bytes / 1024, "KiB");
	else if (bytes < 1023.5 * 1024 * 1024)
		scaled(ret, (double)bytes / (1024 * 1024), "MiB");
	else
		scaled(ret, (double)bytes / (1024 * 1024 * 1024), "GiB");
	return ret;
}
