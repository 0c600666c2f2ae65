/*
 * Replies.  Reports are written by the real record writer, as the child's side
 * does, or are damaged by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/report.h"
#include "wire/record.h"

#define unused __attribute__((unused))

/* Raw wait statuses, as wait(2) encodes them. */
#define EXITED(code)  ((code) << 8)
#define SIGNALED(sig) (sig)

static const struct msg_hello hello = {
	.workdir = "/box",
	.gil = 1,
	.lenses = BIT(LENS_COUNT) - 1,
	.layers = BIT(LAYER_SECCOMP) | BIT(LAYER_RLIMITS),
	.id = "3.11",
	.version = "3.11.2",
};

/* One run in the making: its request, its result, and the report that is being
 * written. */
struct scene {
	struct run_request q;
	struct run_result r;
	void *map;
	struct record_writer w;
	enum pass writing;
	json_t *reply;
};

static struct scene
scene(uint32_t lenses)
{
	struct scene s = {
		.q = {.hash_seed = -1,
			.lenses = lenses,
			.limits = limits_default()},
		.r = {.id = "run_x", .runtime = &hello, .queue_ns = 7},
	};

	s.r.pass[PASS_CLEAN].made = true;
	s.r.pass[PASS_CLEAN].exit = (struct msg_exited){
		.wall_ns = 5000000, .cpu_ns = 3000000, .peak_rss_bytes = 9};
	return s;
}

static void
made(struct scene *s, enum pass p, uint32_t cause, int status)
{
	s->r.pass[p].made = true;
	s->r.pass[p].exit.cause = cause;
	s->r.pass[p].exit.wait_status = status;
}

static void
out(struct scene *s, enum pass p, const char *bytes, size_t n)
{
	s->r.pass[p].out.max = 1 * MIB;
	buf_put(&s->r.pass[p].out, bytes, n);
}

static void
begin_report(struct scene *s, enum pass p)
{
	s->map = aligned_alloc(8, REPORT_BYTES);
	assert_non_null(s->map);
	memset(s->map, 0, REPORT_BYTES);
	record_init(&s->w, s->map, REPORT_BYTES);
	s->writing = p;
}

static void
end_report(struct scene *s)
{
	struct buf *b = &s->r.pass[s->writing].report;

	b->max = REPORT_BYTES;
	buf_put(b, s->map, record_length(s->map, REPORT_BYTES));
	free(s->map);
}

/* Any text as the JSON of a record: what a hostile child would write. */
static void
record(struct scene *s, enum record_kind kind, unsigned lens,
	const char *member, const char *json)
{
	struct jsonw *w = record_begin(&s->w, kind, lens, member);
	size_t n = strlen(json);

	jsonw_null(w);
	memcpy(w->buf, json, n);
	w->len = n;
	assert_true(record_commit(&s->w));
}

static json_t *
reply(struct scene *s)
{
	s->reply = report_json(&s->q, &s->r);
	return s->reply;
}

static void
done(struct scene *s)
{
	json_decref(s->reply);
	run_result_clear(&s->r);
}

/* The value at a path such as "limit.name". */
static json_t *
at(json_t *j, const char *path)
{
	char part[64];

	while (*path) {
		size_t n = strcspn(path, ".");
		snprintf(part, sizeof(part), "%.*s", (int)n, path);
		j = json_object_get(j, part);
		path += n + (path[n] == '.');
	}
	return j;
}

static void
is_text(json_t *j, const char *path, const char *want)
{
	const char *s = json_string_value(at(j, path));

	if (!s || strcmp(s, want) != 0)
		fail_msg("%s is %s, not %s", path,
			json_dumps(at(j, path), JSON_ENCODE_ANY), want);
}

static void
is_int(json_t *j, const char *path, json_int_t want)
{
	if (!json_is_integer(at(j, path)) ||
		json_integer_value(at(j, path)) != want)
		fail_msg("%s is %s, not %lld", path,
			json_dumps(at(j, path), JSON_ENCODE_ANY),
			(long long)want);
}

static bool
noted(json_t *j, const char *says)
{
	json_t *notes = json_object_get(j, "notes"), *note;
	size_t i;

	json_array_foreach(notes, i, note)
	{
		if (strstr(json_string_value(note), says))
			return true;
	}
	return false;
}

static void
no_notes(json_t *j)
{
	json_t *notes = json_object_get(j, "notes");

	if (json_array_size(notes))
		fail_msg("notes: %s", json_dumps(notes, 0));
}

static void
test_ok(unused void **state)
{
	struct scene s = scene(0);

	out(&s, PASS_CLEAN, "a\0b\n", 4);
	json_t *j = reply(&s);
	is_text(j, "id", "run_x");
	is_text(j, "status", "ok");
	is_int(j, "exit_code", 0);
	assert_true(json_is_null(at(j, "limit")));
	assert_true(json_is_null(at(j, "signal")));
	assert_true(json_is_null(at(j, "exception")));
	assert_int_equal(json_string_length(at(j, "stdout.text")), 4);
	assert_memory_equal(
		json_string_value(at(j, "stdout.text")), "a\0b\n", 4);
	assert_true(json_is_false(at(j, "stdout.truncated")));
	is_text(j, "stderr.text", "");
	is_text(j, "runtime.version", "3.11.2");
	assert_true(json_is_true(at(j, "runtime.gil")));
	is_int(j, "usage.queue_ns", 7);
	is_int(j, "usage.wall_ns", 5000000);
	is_int(j, "usage.cpu_ns", 3000000);
	is_int(j, "usage.peak_rss_bytes", 9);
	assert_int_equal(json_array_size(at(j, "denied")), 0);
	assert_int_equal(json_array_size(at(j, "confinement")), 2);
	is_text(j, "start", "warm");
	is_text(j, "zygote", "lean");
	is_text(j, "hash_secret", "shared");
	assert_int_equal(json_object_size(at(j, "lenses")), 0);
	no_notes(j);
	done(&s);
}

/* status, limit name, used; facts in, verdict out */
static void
ends(enum kill_cause killed, uint32_t cause, int status, uint64_t cpu_ns,
	uint64_t rss, const char *want, const char *limit, json_int_t used)
{
	struct scene s = scene(0);
	struct pass_result *p = &s.r.pass[PASS_CLEAN];

	p->killed = killed;
	p->exit = (struct msg_exited){.cause = cause,
		.wait_status = status,
		.wall_ns = 10001000000,
		.cpu_ns = cpu_ns,
		.peak_rss_bytes = rss,
		.disk_bytes = cause == END_DISK ? 17000000 : 0};
	p->output_seen = 1048600;
	p->deadline_ms = 700;
	p->deadline_used_ms = 703;
	json_t *j = reply(&s);
	is_text(j, "status", want);
	if (limit) {
		is_text(j, "limit.name", limit);
		is_int(j, "limit.used", used);
		assert_true(json_is_integer(at(j, "limit.allowed")));
	} else {
		assert_true(json_is_null(at(j, "limit")));
	}
	if (strcmp(want, "ok") != 0 && strcmp(want, "error") != 0)
		assert_true(json_is_null(at(j, "exit_code")));
	done(&s);
}

static void
test_verdicts(unused void **state)
{
	const uint64_t s5 = 5000000000, s1 = 1000000000;

	ends(KILL_NONE, END_SELF, EXITED(3), s1, 1, "error", NULL, 0);
	ends(KILL_WALL, END_KILLED, 0, s1, 1, "limit", "wall", 10001);
	ends(KILL_OUTPUT, END_KILLED, 0, s1, 1, "limit", "output", 1048600);
	ends(KILL_OUTPUT, END_SELF, 0, s1, 1, "limit", "output", 1048600);
	ends(KILL_CANCEL, END_KILLED, 0, s1, 1, "cancelled", NULL, 0);
	ends(KILL_DEADLINE, END_KILLED, 0, s1, 1, "limit", "deadline", 703);
	ends(KILL_NONE, END_CPU, 0, s5, 1, "limit", "cpu", 5000);
	ends(KILL_NONE, END_DISK, 0, s1, 1, "limit", "disk", 17000000);
	ends(KILL_NONE, END_SELF, SIGNALED(SIGXCPU), s5, 1, "limit", "cpu",
		5000);
	ends(KILL_NONE, END_SELF, SIGNALED(SIGKILL), s5, 1, "limit", "cpu",
		5000);
	/* One that it sent to itself, with time left. */
	ends(KILL_NONE, END_SELF, SIGNALED(SIGXCPU), s1, 1, "signal", NULL, 0);
	ends(KILL_NONE, END_SELF, SIGNALED(SIGKILL), s1, 1, "signal", NULL, 0);
	ends(KILL_NONE, END_SELF, SIGNALED(SIGKILL), s1, 300 * MIB, "limit",
		"memory", 300 * MIB);
	ends(KILL_NONE, END_SELF, SIGNALED(SIGXFSZ), s1, 1, "limit", "disk",
		16 * MIB);
	ends(KILL_NONE, END_SELF, SIGNALED(SIGSEGV), s5, 1, "signal", NULL, 0);
}

static void
dies(int sig, const char *name, const char *says)
{
	struct scene s = scene(0);

	made(&s, PASS_CLEAN, END_SELF, SIGNALED(sig));
	json_t *j = reply(&s);
	is_text(j, "signal", name);
	if (says)
		assert_true(noted(j, says));
	else
		no_notes(j);
	done(&s);
}

static void
test_signals(unused void **state)
{
	dies(SIGSEGV, "SIGSEGV", "C stack");
	/* A core dump sets bit 7 of the status. */
	dies(SIGSEGV | 0x80, "SIGSEGV", "C stack");
	dies(SIGABRT, "SIGABRT", "standard error");
	dies(SIGTERM, "SIGTERM", NULL);
	dies(SIGRTMIN + 2, "SIGRTMIN+2", NULL);
}

/* A run that died of `sig`, looked at by the lens frames, which said `crash`.
 */
static void
crashed(int sig, const char *limits, const char *crash, const char *says)
{
	struct scene s = scene(BIT(LENS_FRAMES));

	made(&s, PASS_CLEAN, END_SELF, SIGNALED(sig));
	made(&s, PASS_FRAMES, END_SELF, SIGNALED(sig));
	begin_report(&s, PASS_FRAMES);
	record(&s, RECORD_SET, LENS_FRAMES, "functions",
		"[{\"name\": \"f\"}, {\"name\": \"repr\"}]");
	record(&s, RECORD_SET, LENS_FRAMES, "limits", limits);
	record(&s, RECORD_SET, LENS_FRAMES, "crash", crash);
	end_report(&s);
	json_t *j = reply(&s);
	if (!noted(j, says))
		fail_msg("%s: %s", says, json_dumps(at(j, "notes"), 0));
	assert_int_equal(noted(j, "ctypes"), strcmp(says, "ctypes") == 0);
	done(&s);
}

#define STACK(list)                                                            \
	"{\"overflow\": true, \"line\": 7, \"c_used\": 8388000, \"c_stack\": " \
	"8388608, \"stack\": {\"depth\": 9001, " list "}}"

static void
test_c_stack(unused void **state)
{
	const char *none = "{\"c_recursion\": {\"by\": \"nothing\"}}";
	const char *usual = STACK("\"outermost\": [{\"function\": 0}], "
				  "\"innermost\": [{\"function\": 0}, "
				  "{\"function\": 1}]");

	crashed(SIGSEGV, none, usual,
		"The C stack overflowed: 9001 frames of Python deep, in repr "
		"at "
		"line 7, with 8388000 of its 8388608 bytes used, as the lens "
		"frames saw in its own run on CPython 3.11.2. A Python "
		"function "
		"that calls another takes no C stack");
	crashed(SIGSEGV, none, STACK("\"outermost\": [{\"function\": 0}]"),
		"in f at line 7,");
	crashed(SIGSEGV, "{\"c_recursion\": {\"by\": \"calls\"}}", usual,
		"counts calls through C");
	crashed(SIGSEGV, "{\"c_recursion\": {\"by\": \"bytes\"}}", usual,
		"how much of the stack is left");
	/* What is claimed may be anything. */
	crashed(SIGSEGV, "{}", STACK("\"outermost\": [{\"function\": -1}]"),
		"deep at line 7");
	crashed(SIGSEGV, "{\"c_recursion\": []}",
		STACK("\"innermost\": [[], {\"function\": 99}]"),
		"deep at line 7");
	crashed(SIGSEGV, none, "{\"overflow\": true}", "0 frames");
	crashed(SIGSEGV, none, "{\"overflow\": false}", "ctypes");
	crashed(SIGSEGV, none, "{}", "ctypes");
}

static void
stream_is(const char *bytes, size_t n, bool cut, const char *key,
	const char *want)
{
	json_t *j = report_stream(bytes, n, cut);

	is_text(j, key, want);
	assert_int_equal(json_object_size(j), 2);
	assert_int_equal(json_is_true(at(j, "truncated")), cut);
	json_decref(j);
}

/* base64 by hand: ff -> /w==, ed a0 80 (a lone surrogate) -> 7aCA */
static void
test_streams(unused void **state)
{
	stream_is(NULL, 0, false, "text", "");
	stream_is("\xc3\xa9", 2, false, "text", "\xc3\xa9");
	stream_is("\xff", 1, false, "base64", "/w==");
	stream_is("\xed\xa0\x80", 3, false, "base64", "7aCA");
	/* A cut through a character leaves text; anything else wrong does
	 * not. */
	stream_is("a\xc3", 2, true, "text", "a");
	stream_is("a\xc3", 2, false, "base64", "YcM=");
	stream_is("a\xff", 2, true, "base64", "Yf8=");
}

static void
test_truncated(unused void **state)
{
	struct scene s = scene(0);
	struct pass_result *p = &s.r.pass[PASS_CLEAN];

	p->killed = KILL_OUTPUT;
	p->out.max = 3;
	buf_put(&p->out, "abcdef", 6);
	json_t *j = reply(&s);
	is_text(j, "stdout.text", "abc");
	assert_true(json_is_true(at(j, "stdout.truncated")));
	assert_true(json_is_false(at(j, "stderr.truncated")));
	done(&s);
}

#define EXCEPTION                                                              \
	"{\"type\":\"ValueError\",\"message\":\"no\",\"phase\":\"run\","       \
	"\"line\":2,\"text\":\"Traceback\",\"traceback\":[{\"file\":"          \
	"\"/box/main.py\",\"line\":2,\"function\":\"f\",\"text\":\"f()\"}]}"

static void
test_exception(unused void **state)
{
	struct scene s = scene(0);

	made(&s, PASS_CLEAN, END_SELF, EXITED(1));
	begin_report(&s, PASS_CLEAN);
	record(&s, RECORD_SET, RECORD_RUN, "exception", EXCEPTION);
	end_report(&s);
	json_t *j = reply(&s);
	is_text(j, "exception.type", "ValueError");
	is_int(j, "exception.line", 2);
	assert_int_equal(json_array_size(at(j, "exception.traceback")), 1);
	no_notes(j);
	done(&s);
}

/* What a claimed exception is the sign of.  Numbers of errno: errno(3). */
static void
limit_met(const char *type, const char *message, const char *name, int allowed)
{
	struct scene s = scene(0);
	char json[256];

	snprintf(json, sizeof(json),
		"{\"type\":\"%s\",\"message\":\"%s\",\"phase\":\"run\","
		"\"line\":1,\"traceback\":[],\"text\":\"\"}",
		type, message);
	made(&s, PASS_CLEAN, END_SELF, EXITED(1));
	begin_report(&s, PASS_CLEAN);
	record(&s, RECORD_SET, RECORD_RUN, "exception", json);
	end_report(&s);
	json_t *j = reply(&s);
	is_text(j, "status", "error");
	if (name) {
		is_text(j, "exception.limit.name", name);
		is_int(j, "exception.limit.allowed", allowed);
		assert_int_equal(json_array_size(at(j, "notes")), 1);
	} else {
		assert_true(json_is_null(at(j, "exception.limit")));
		no_notes(j);
	}
	if (name && strcmp(name, "memory") == 0)
		is_int(j, "exception.limit.used", 9);
	else if (name)
		assert_true(json_is_null(at(j, "exception.limit.used")));
	done(&s);
}

static void
test_limits_met(unused void **state)
{
	limit_met("MemoryError", "", "memory", 256 * MIB);
	limit_met("OSError", "[Errno 12] Cannot allocate memory", "memory",
		256 * MIB);
	limit_met("RuntimeError", "can't start new thread", "processes", 64);
	limit_met("BlockingIOError",
		"[Errno 11] Resource temporarily unavailable", "processes", 64);
	limit_met("OSError", "[Errno 24] Too many open files: 'a'",
		"open_files", 256);
	limit_met("OSError", "[Errno 28] No space left on device", "disk",
		16 * MIB);
	limit_met("OSError", "[Errno 27] File too large", "disk", 16 * MIB);
	/* Not the sign of any. */
	limit_met("OSError", "[Errno 2] No such file", NULL, 0);
	limit_met("OSError", "[Errno 11] Resource temporarily unavailable",
		NULL, 0);
	limit_met("RuntimeError", "can't", NULL, 0);
	limit_met("ValueError", "", NULL, 0);
	limit_met("KeyError", "[Errno", NULL, 0);
	limit_met("KeyError", "[Errno 999999999999999999999]", NULL, 0);
}

/* A run that ended well had none, whatever it claims. */
static void
test_exception_of_ok(unused void **state)
{
	struct scene s = scene(0);

	begin_report(&s, PASS_CLEAN);
	record(&s, RECORD_SET, RECORD_RUN, "exception", EXCEPTION);
	end_report(&s);
	json_t *j = reply(&s);
	is_text(j, "status", "ok");
	assert_true(json_is_null(at(j, "exception")));
	done(&s);
}

static void
bad_exception(const char *json)
{
	struct scene s = scene(0);

	made(&s, PASS_CLEAN, END_SELF, EXITED(1));
	begin_report(&s, PASS_CLEAN);
	record(&s, RECORD_SET, RECORD_RUN, "exception", json);
	end_report(&s);
	json_t *j = reply(&s);
	is_text(j, "status", "error");
	if (!json_is_null(at(j, "exception")) ||
		json_array_size(at(j, "notes")) != 1)
		fail_msg("taken: %s", json);
	done(&s);
}

static void
test_bad_exceptions(unused void **state)
{
	bad_exception("{}");
	bad_exception("[]");
	bad_exception("\"ValueError\"");
	bad_exception("not json");
	bad_exception("{\"type\":1,\"message\":\"no\",\"phase\":\"run\","
		      "\"line\":2,\"text\":\"T\",\"traceback\":[]}");
	bad_exception("{\"type\":\"V\",\"message\":{},\"phase\":\"run\","
		      "\"line\":2,\"text\":\"T\",\"traceback\":[]}");
	bad_exception("{\"type\":\"V\",\"message\":\"\",\"phase\":\"ran\","
		      "\"line\":2,\"text\":\"T\",\"traceback\":[]}");
	bad_exception("{\"type\":\"V\",\"message\":\"\",\"phase\":\"run\","
		      "\"line\":-2,\"text\":\"T\",\"traceback\":[]}");
	bad_exception("{\"type\":\"V\",\"message\":\"\",\"phase\":\"run\","
		      "\"line\":2,\"text\":\"T\",\"traceback\":[1]}");
	bad_exception("{\"type\":\"V\",\"message\":\"\",\"phase\":\"run\","
		      "\"line\":2,\"text\":\"T\",\"traceback\":[{\"file\":1,"
		      "\"line\":1,\"function\":\"f\",\"text\":\"\"}]}");
	bad_exception("{\"type\":\"V\",\"message\":\"\",\"phase\":\"run\","
		      "\"line\":2,\"text\":\"T\",\"traceback\":{}}");
}

static void
test_lenses(unused void **state)
{
	struct scene s = scene(BIT(LENS_REFCOUNTS) | BIT(LENS_TIMING));

	made(&s, PASS_TRACE, END_SELF, 0);
	made(&s, PASS_LINES, END_SELF, 0);
	begin_report(&s, PASS_CLEAN);
	record(&s, RECORD_SET, RECORD_RUN, "compile_ns", "11");
	record(&s, RECORD_SET, RECORD_RUN, "exec_wall_ns", "22");
	record(&s, RECORD_SET, RECORD_RUN, "exec_cpu_ns", "33");
	end_report(&s);
	begin_report(&s, PASS_TRACE);
	record(&s, RECORD_ITEM, LENS_REFCOUNTS, "steps", "{\"step\":1}");
	record(&s, RECORD_ITEM, LENS_REFCOUNTS, "steps", "{\"step\":2}");
	record(&s, RECORD_SET, LENS_REFCOUNTS, "truncated", "true");
	record(&s, RECORD_SET, LENS_REFCOUNTS, "truncated", "false");
	end_report(&s);
	begin_report(&s, PASS_LINES);
	/* Times of the traced pass are not the ones shown. */
	record(&s, RECORD_SET, RECORD_RUN, "compile_ns", "99");
	record(&s, RECORD_SET, LENS_TIMING, "compile_ns", "99");
	record(&s, RECORD_SET, LENS_TIMING, "lines", "[{\"line\":1}]");
	end_report(&s);
	json_t *j = reply(&s);
	json_t *steps = at(j, "lenses.refcounts.steps");
	assert_int_equal(json_array_size(steps), 2);
	is_int(json_array_get(steps, 1), "step", 2);
	assert_true(json_is_false(at(j, "lenses.refcounts.truncated")));
	is_int(j, "lenses.timing.compile_ns", 11);
	is_int(j, "lenses.timing.exec_wall_ns", 22);
	is_int(j, "lenses.timing.exec_cpu_ns", 33);
	assert_true(json_is_true(at(j, "lenses.timing.lines_traced")));
	assert_int_equal(json_array_size(at(j, "lenses.timing.lines")), 1);
	no_notes(j);
	done(&s);
}

/* Every member of a lens is there when its pass was killed at once. */
static void
test_killed_lens(unused void **state)
{
	struct scene s = scene(BIT(LENS_COUNT) - 1);

	for (enum pass p = PASS_STATIC; p < PASS_COUNT; p++) {
		made(&s, p, END_KILLED, 0);
		s.r.pass[p].killed = KILL_WALL;
	}
	json_t *j = reply(&s);
	static const char *const arrays[] = {"bytecode.code_objects",
		"refcounts.steps", "gc.thresholds", "gc.collections",
		"gc.totals", "gc.pauses", "gc.films", "timing.lines",
		"ast.stages", "ast.tokens", "ast.tree", "ast.symbols",
		"ast.code", "memory.by_line", "frames.functions", "frames.tree",
		"frames.threads", "frames.marks", "threads.switch_intervals",
		"threads.threads", "threads.places", "threads.holds",
		"tasks.loops", "tasks.tasks", "tasks.spans", "tasks.waits",
		"tasks.blocked", "tasks.functions"};
	for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays); i++)
		assert_true(json_is_array(at(at(j, "lenses"), arrays[i])));
	assert_true(json_is_null(at(j, "lenses.gc.enabled")));
	assert_true(json_is_null(at(j, "lenses.gc.counts")));
	assert_true(json_is_null(at(j, "lenses.gc.filmed")));
	assert_true(json_is_null(at(j, "lenses.timing.compile_ns")));
	for (enum lens l = 0; l < LENS_COUNT; l++)
		assert_true(json_is_true(
			at(at(at(j, "lenses"), lens_name(l)), "truncated")));
	is_text(j, "status", "ok");
	assert_true(noted(j,
		"the lens refcounts was ended by the wall limit (10000 ms), "
		"unlike the run shown here, which ended with exit code 0"));
	done(&s);
}

/* A lens that had said all, in a pass that another ended; where nothing runs,
 * nothing more could have come. */
static void
test_lens_before(unused void **state)
{
	struct scene s =
		scene(BIT(LENS_BYTECODE) | BIT(LENS_AST) | BIT(LENS_REFCOUNTS));

	made(&s, PASS_STATIC, END_SELF, SIGSEGV);
	begin_report(&s, PASS_STATIC);
	record(&s, RECORD_ITEM, LENS_BYTECODE, "code_objects", "{}");
	record(&s, RECORD_SET, LENS_BYTECODE, "truncated", "false");
	record(&s, RECORD_SET, LENS_AST, "truncated", "true");
	record(&s, RECORD_ITEM, LENS_AST, "tokens", "{}");
	end_report(&s);
	made(&s, PASS_TRACE, END_SELF, SIGSEGV);
	begin_report(&s, PASS_TRACE);
	record(&s, RECORD_SET, LENS_REFCOUNTS, "truncated", "false");
	end_report(&s);
	json_t *j = reply(&s);
	assert_true(json_is_false(at(j, "lenses.bytecode.truncated")));
	assert_true(json_is_true(at(j, "lenses.ast.truncated")));
	assert_true(json_is_true(at(j, "lenses.refcounts.truncated")));
	assert_int_equal(json_array_size(at(j, "lenses.ast.tokens")), 1);
	done(&s);
}

/* The deadline came while one lens's pass went and another had to wait: the run
 * shown had ended by itself, and each of them has its own words. */
static void
test_deadline(unused void **state)
{
	struct scene s = scene(BIT(LENS_REFCOUNTS) | BIT(LENS_GC));
	struct pass_result *trace = &s.r.pass[PASS_TRACE];

	made(&s, PASS_TRACE, END_KILLED, 0);
	trace->killed = KILL_DEADLINE;
	trace->deadline_ms = 700;
	trace->deadline_used_ms = 703;
	s.r.pass[PASS_GC].killed = KILL_DEADLINE;
	json_t *j = reply(&s);
	is_text(j, "status", "ok");
	assert_true(json_is_null(at(j, "limit")));
	assert_int_equal(json_array_size(at(j, "notes")), 2);
	assert_true(noted(j,
		"the lens refcounts was ended by the deadline limit (700 ms), "
		"unlike the run shown here"));
	assert_true(noted(j,
		"the lens gc was not made, because the deadline was over "
		"before its turn"));
	assert_true(json_is_true(at(j, "lenses.refcounts.truncated")));
	assert_true(json_is_true(at(j, "lenses.gc.truncated")));
	done(&s);
}

static void
test_different(unused void **state)
{
	struct scene s = scene(BIT(LENS_REFCOUNTS) | BIT(LENS_GC));

	out(&s, PASS_CLEAN, "time 12\n", 8);
	made(&s, PASS_TRACE, END_SELF, EXITED(0));
	out(&s, PASS_TRACE, "time 14\n", 8);
	made(&s, PASS_GC, END_SELF, EXITED(1));
	out(&s, PASS_GC, "time 12\n", 8);
	json_t *j = reply(&s);
	assert_int_equal(json_array_size(at(j, "notes")), 2);
	assert_true(noted(j, "lens refcounts printed something else than the "
			     "run shown here, from byte 6"));
	assert_true(noted(j, "lens gc ended with exit code 1, unlike the run "
			     "shown here, which ended with exit code 0."));
	done(&s);
}

/* What both had time to write is the same: that is no difference. */
static void
test_killed_prefix(unused void **state)
{
	struct scene s = scene(BIT(LENS_REFCOUNTS) | BIT(LENS_GC));

	s.r.pass[PASS_CLEAN].killed = KILL_WALL;
	made(&s, PASS_TRACE, END_KILLED, 0);
	s.r.pass[PASS_TRACE].killed = KILL_WALL;
	made(&s, PASS_GC, END_CPU, 0);
	out(&s, PASS_CLEAN, "1\n2\n3\n", 6);
	out(&s, PASS_TRACE, "1\n2\n", 4);
	out(&s, PASS_GC, "1\n", 2);
	json_t *j = reply(&s);
	assert_int_equal(json_array_size(at(j, "notes")), 1);
	assert_true(noted(j, "for refcounts, gc took too long as well; what "
			     "was recorded until then is shown"));
	done(&s);
}

static void
code_objects(struct scene *s, enum pass p, const char *name, int n)
{
	char json[64];

	made(s, p, END_SELF, 0);
	begin_report(s, p);
	snprintf(json, sizeof(json), "{\"name\":\"%s\"}", name);
	for (int i = 0; i < n; i++)
		record(s, RECORD_ITEM, LENS_BYTECODE, "code_objects", json);
	end_report(s);
}

static void
test_adaptive(unused void **state)
{
	struct scene s = scene(BIT(LENS_BYTECODE));

	s.q.adaptive = true;
	code_objects(&s, PASS_STATIC, "plain", 2);
	code_objects(&s, PASS_ADAPTIVE, "warm", 2);
	json_t *j = reply(&s);
	is_text(json_array_get(at(j, "lenses.bytecode.code_objects"), 0),
		"name", "warm");
	no_notes(j);
	done(&s);

	s = scene(BIT(LENS_BYTECODE));
	s.q.adaptive = true;
	code_objects(&s, PASS_STATIC, "plain", 2);
	code_objects(&s, PASS_ADAPTIVE, "warm", 1);
	j = reply(&s);
	is_text(json_array_get(at(j, "lenses.bytecode.code_objects"), 0),
		"name", "plain");
	assert_true(noted(j, "as the compiler made it"));
	done(&s);
}

static void
test_hostile_records(unused void **state)
{
	struct scene s = scene(BIT(LENS_REFCOUNTS));
	char deep[201];

	made(&s, PASS_TRACE, END_SELF, 0);
	memset(deep, '[', 100);
	memset(deep + 100, ']', 100);
	deep[200] = '\0';
	begin_report(&s, PASS_TRACE);
	record(&s, RECORD_ITEM, LENS_REFCOUNTS, "steps", "{\"step\":1}");
	record(&s, RECORD_ITEM, LENS_REFCOUNTS, "steps", "{\"step\":1");
	record(&s, RECORD_ITEM, LENS_REFCOUNTS, "steps", "7");
	record(&s, RECORD_SET, LENS_REFCOUNTS, "steps", "7");
	record(&s, RECORD_SET, LENS_REFCOUNTS, "truncated", "7");
	record(&s, RECORD_SET, LENS_REFCOUNTS, "deep", deep);
	record(&s, RECORD_SET, LENS_REFCOUNTS, "a", "{\"b\":1,\"b\":1}");
	record(&s, RECORD_SET, LENS_REFCOUNTS, "", "1");
	record(&s, RECORD_SET, LENS_REFCOUNTS, "\xff", "1");
	/* Of a lens that this pass does not serve. */
	record(&s, RECORD_ITEM, LENS_GC, "collections", "{}");
	record(&s, RECORD_SET, LENS_REFCOUNTS, "more", "[\"welcome\"]");
	record(&s, RECORD_ITEM, LENS_REFCOUNTS, "more", "1");
	record(&s, RECORD_ITEM, LENS_REFCOUNTS, "truncated", "1");
	end_report(&s);
	json_t *j = reply(&s);
	assert_int_equal(json_array_size(at(j, "lenses.refcounts.steps")), 1);
	assert_int_equal(json_array_size(at(j, "lenses.refcounts.more")), 2);
	assert_null(at(j, "lenses.refcounts.deep"));
	assert_null(at(j, "lenses.gc"));
	assert_true(json_is_true(at(j, "lenses.refcounts.truncated")));
	assert_int_equal(json_array_size(at(j, "notes")), 1);
	assert_true(noted(j, "10 records that could not be read"));
	done(&s);
}

static void
test_many_members(unused void **state)
{
	struct scene s = scene(BIT(LENS_GC));
	char name[32];

	made(&s, PASS_GC, END_SELF, 0);
	begin_report(&s, PASS_GC);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "m%d", i);
		record(&s, RECORD_SET, LENS_GC, name, "1");
	}
	end_report(&s);
	json_t *j = reply(&s);
	/* The lens's own members beside them. */
	assert_true(json_object_size(at(j, "lenses.gc")) <= 32 + 9);
	assert_true(noted(j, "968 records"));
	done(&s);
}

static void
test_damaged_report(unused void **state)
{
	struct scene s = scene(BIT(LENS_GC));
	struct buf *b = &s.r.pass[PASS_GC].report;

	made(&s, PASS_GC, END_SELF, 0);
	begin_report(&s, PASS_GC);
	record(&s, RECORD_SET, LENS_GC, "enabled", "true");
	end_report(&s);
	buf_put(b, "garbage!", 8);
	json_t *j = reply(&s);
	assert_true(json_is_true(at(j, "lenses.gc.enabled")));
	assert_true(json_is_true(at(j, "lenses.gc.truncated")));
	assert_true(noted(j, "cannot be read to its end"));
	done(&s);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Seconds for the reply to a trace of so many steps. */
static double
reply_time(int steps)
{
	struct scene s = scene(BIT(LENS_REFCOUNTS));
	char json[128];

	made(&s, PASS_TRACE, END_SELF, 0);
	begin_report(&s, PASS_TRACE);
	for (int i = 0; i < steps; i++) {
		snprintf(json, sizeof(json),
			"{\"step\":%d,\"line\":3,\"function\":\"f\",\"event\":"
			"\"line\",\"counts\":{\"a\":2,\"b\":1}}",
			i);
		record(&s, RECORD_ITEM, LENS_REFCOUNTS, "steps", json);
	}
	end_report(&s);
	double began = seconds();
	json_t *j = reply(&s);
	double took = seconds() - began;
	assert_int_equal(
		json_array_size(at(j, "lenses.refcounts.steps")), steps);
	no_notes(j);
	done(&s);
	return took;
}

static double
least_time(int steps)
{
	double least = reply_time(steps);

	for (int i = 0; i < 2; i++) {
		double took = reply_time(steps);
		if (took < least)
			least = took;
	}
	return least;
}

/* Three times the steps take some three times as long; with a quadratic step
 * anywhere it would be nine times.  The least of some is what the work takes,
 * whatever else the machine does; both sizes are beyond its caches. */
static void
test_many_steps(unused void **state)
{
	double few = least_time(30000), many = least_time(90000);

	print_message(
		"# 30,000 steps in %.3f s, 90,000 in %.3f s\n", few, many);
	assert_true(many < 6 * few);
}

/* 16 MiB of empty objects would be gigabytes; the reply says what is missing,
 * and a pass after it that claims little has its room. */
static void
test_memory(unused void **state)
{
	struct scene s = scene(BIT(LENS_GC) | BIT(LENS_TIMING));
	size_t n = 900001;
	char *json = calloc(n + 1, 1);

	assert_non_null(json);
	json[0] = '[';
	for (size_t i = 1; i < n; i += 3)
		memcpy(json + i, "{},", 3);
	json[n - 1] = ']';
	made(&s, PASS_GC, END_SELF, 0);
	begin_report(&s, PASS_GC);
	for (int i = 0; i < 15; i++)
		record(&s, RECORD_ITEM, LENS_GC, "more", "[]");
	for (int i = 0; i < 15; i++) {
		char name[8];
		snprintf(name, sizeof(name), "m%d", i);
		record(&s, RECORD_SET, LENS_GC, name, json);
	}
	end_report(&s);
	made(&s, PASS_LINES, END_SELF, 0);
	begin_report(&s, PASS_LINES);
	record(&s, RECORD_SET, LENS_TIMING, "lines", json);
	end_report(&s);
	json_t *j = reply(&s);
	assert_int_equal(json_array_size(at(j, "lenses.timing.lines")), n / 3);
	assert_true(noted(j, "more than a reply may hold"));
	assert_true(json_is_true(at(j, "lenses.gc.truncated")));
	assert_int_equal(json_array_size(at(j, "lenses.gc.more")), 15);
	assert_true(json_object_size(at(j, "lenses.gc")) < 12);
	free(json);
	done(&s);
}

static void
test_start(unused void **state)
{
	struct scene s = scene(0);

	s.q.cold = true;
	json_t *j = reply(&s);
	is_text(j, "start", "cold");
	is_text(j, "hash_secret", "own");
	assert_true(json_is_null(at(j, "hash_seed")));
	json_decref(j);
	s.q.hash_seed = 0;
	j = reply(&s);
	is_text(j, "hash_secret", "fixed");
	is_int(j, "hash_seed", 0);
	done(&s);
}

static void
test_denied(unused void **state)
{
	struct scene s = scene(0);
	struct msg_exited *x = &s.r.pass[PASS_CLEAN].exit;

	x->denied[0] = (struct msg_denied){"socket", EPERM, 3};
	x->denied[1] = (struct msg_denied){"ptrace", EACCES, 1};
	json_t *j = reply(&s);
	assert_int_equal(json_array_size(at(j, "denied")), 2);
	json_t *first = json_array_get(at(j, "denied"), 0);
	is_text(first, "syscall", "socket");
	is_int(first, "count", 3);
	is_text(first, "errno", "EPERM");
	is_text(json_array_get(at(j, "denied"), 1), "errno", "EACCES");
	no_notes(j);
	done(&s);
}

static void
test_more_denied_than_named(unused void **state)
{
	struct scene s = scene(0);
	struct msg_exited *x = &s.r.pass[PASS_CLEAN].exit;

	for (int i = 0; i < MAX_DENIED; i++)
		x->denied[i] = (struct msg_denied){"socket", EPERM, 1};
	x->denied_others = 9;
	json_t *j = reply(&s);
	assert_int_equal(json_array_size(at(j, "denied")), MAX_DENIED);
	assert_true(noted(j, "refused 9 times"));
	done(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ok),
		cmocka_unit_test(test_denied),
		cmocka_unit_test(test_more_denied_than_named),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_c_stack),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_exception),
		cmocka_unit_test(test_limits_met),
		cmocka_unit_test(test_exception_of_ok),
		cmocka_unit_test(test_bad_exceptions),
		cmocka_unit_test(test_lenses),
		cmocka_unit_test(test_killed_lens),
		cmocka_unit_test(test_lens_before),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_different),
		cmocka_unit_test(test_killed_prefix),
		cmocka_unit_test(test_adaptive),
		cmocka_unit_test(test_hostile_records),
		cmocka_unit_test(test_many_members),
		cmocka_unit_test(test_damaged_report),
		cmocka_unit_test(test_many_steps),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_start),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
