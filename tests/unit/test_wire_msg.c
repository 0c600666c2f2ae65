/* Messages: what each may be, at, under and over each edge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "wire/msg.h"

#define ignored __attribute__((unused))

/* Who may send what, when, with what: docs/wire.md. */
static const struct {
	enum msg_side from;
	enum msg_state state;
	size_t nfd, body;
} rules[MSG_COUNT] = {
	[MSG_HELLO] = {SIDE_RUNNER, STATE_START, 0, 3448},
	[MSG_FAILED] = {SIDE_RUNNER, STATE_START, 0, 512},
	[MSG_PASS] = {SIDE_SERVER, STATE_READY, 5, 64},
	[MSG_STARTED] = {SIDE_RUNNER, STATE_READY, 1, 8},
	[MSG_EXITED] = {SIDE_RUNNER, STATE_READY, 0, 1328},
};

/* A valid one of each type. */
static struct msg
valid(enum msg_type t)
{
	struct msg m = {0};

	switch (t) {
	case MSG_HELLO:
		m.hello = (struct msg_hello){
			.protocol = 4,
			.gil = 1,
			.lenses = BIT(LENS_COUNT) - 1,
			.layers = BIT(LAYER_COUNT) - 1,
			.standby = 4,
			.id = "3.11",
			.version = "3.11.2",
			.build = "3.11.2 (main)",
			.workdir = "/box",
		};
		break;
	case MSG_FAILED:
		m.failed = (struct msg_failed){LAYER_SECCOMP, "words"};
		break;
	case MSG_PASS:
		m.pass = (struct msg_pass){.pass = PASS_GC,
			.lenses = BIT(LENS_GC),
			.zygote = ZYGOTE_LIBRARY,
			.limits = limits_default()};
		break;
	case MSG_STARTED:
		m.started.standby = 1;
		break;
	case MSG_EXITED:
		m.exited.wait_status = 3 << 8;
		m.exited.wall_ns = UINT64_MAX;
		m.exited.denied[0] = (struct msg_denied){"socket", 1, 3};
		m.exited.denied[1] = (struct msg_denied){"ptrace", 13, 1};
		break;
	case MSG_COUNT:
		break;
	}
	msg_seal(&m, t, rules[t].state == STATE_READY ? 77 : 0);
	return m;
}

/* msg_open on a block of just that size; a refusal has words and leaves the
 * output as it was. */
static bool
opens_as(const struct msg *m, size_t n, size_t nfd, enum msg_side from,
	enum msg_state state, struct fail *f)
{
	struct msg got, before;
	char *exact = malloc(n ? n : 1);

	assert_non_null(exact);
	memcpy(exact, m, n < sizeof(*m) ? n : sizeof(*m));
	memset(&got, 0xa5, sizeof(got));
	before = got;
	*f = (struct fail){.err = 1};
	int rc = msg_open(&got, exact, n, nfd, from, state, f);
	free(exact);
	if (rc) {
		assert_int_equal(rc, -1);
		assert_memory_equal(&got, &before, sizeof(got));
		assert_true(f->err == 0 && f->text[0]);
		return false;
	}
	assert_memory_equal(&got, m, n);
	return true;
}

static bool
opens(const struct msg *m)
{
	enum msg_type t = (enum msg_type)m->head.type;
	struct fail f;

	return opens_as(m, sizeof(m->head) + rules[t].body, rules[t].nfd,
		rules[t].from, rules[t].state, &f);
}

#define TAKES(type, change)                                                    \
	do {                                                                   \
		struct msg m = valid(MSG_##type);                              \
		change;                                                        \
		assert_true(opens(&m));                                        \
	} while (0)
#define REFUSES(type, change)                                                  \
	do {                                                                   \
		struct msg m = valid(MSG_##type);                              \
		change;                                                        \
		assert_false(opens(&m));                                       \
	} while (0)

static void
test_each(ignored void **state)
{
	assert_int_equal(MSG_COUNT, 5);
	assert_string_equal(msg_name(MSG_HELLO), "HELLO");
	assert_string_equal(msg_name(MSG_EXITED), "EXITED");
	for (enum msg_type t = 0; t < MSG_COUNT; t++) {
		struct msg m = valid(t);
		assert_true(opens(&m));
		assert_int_equal(m.head.magic, 0x31525456);
		assert_int_equal(m.head.length, rules[t].body);
		assert_int_equal(msg_seal(&m, t, 1), 24 + rules[t].body);
	}
	assert_int_equal(MSG_MAX_BYTES, 24 + 3448);
}

/* Every type from every side, in every state, with every number of descriptors
 * and of nearly every length: only one of them is taken. */
static void
test_arrivals(ignored void **state)
{
	for (enum msg_type t = 0; t < MSG_COUNT; t++) {
		struct msg m = valid(t);
		size_t n = 24 + rules[t].body, taken = 0;
		struct fail f;

		for (int side = 0; side < 2; side++)
			for (int s = 0; s < 2; s++)
				for (size_t nfd = 0; nfd < 10; nfd++)
					taken += opens_as(&m, n, nfd,
						(enum msg_side)side,
						(enum msg_state)s, &f);
		assert_int_equal(taken, 1);
		for (size_t len = 0; len < 24 + 3448 + 100; len++)
			taken += opens_as(&m, len, rules[t].nfd, rules[t].from,
				rules[t].state, &f);
		assert_int_equal(taken, 2);
	}
}

/* The words name the message and what is wrong with it. */
static void
test_words(ignored void **state)
{
	struct msg m = valid(MSG_PASS);
	struct fail f;

	opens_as(&m, 88, 4, SIDE_SERVER, STATE_READY, &f);
	assert_string_equal(f.text, "PASS with 4 descriptors");
	opens_as(&m, 87, 5, SIDE_SERVER, STATE_READY, &f);
	assert_string_equal(f.text, "PASS of 87 bytes");
	opens_as(&m, 88, 5, SIDE_RUNNER, STATE_READY, &f);
	assert_string_equal(f.text, "PASS from the wrong side");
	opens_as(&m, 88, 5, SIDE_SERVER, STATE_START, &f);
	assert_string_equal(f.text, "PASS out of turn");
	m.pass.limits.wall_ms = 0;
	opens_as(&m, 88, 5, SIDE_SERVER, STATE_READY, &f);
	assert_string_equal(f.text, "PASS has wall_ms out of range");
}

static void
test_head(ignored void **state)
{
	for (int bit = 0; bit < 32; bit++) {
		REFUSES(EXITED, m.head.magic ^= BIT(bit));
		REFUSES(EXITED, m.head.length ^= BIT(bit));
		REFUSES(EXITED, m.head.spare ^= BIT(bit));
	}
	TAKES(EXITED, m.head.pass_id = UINT64_MAX);
	TAKES(EXITED, m.head.pass_id = 1);
	REFUSES(EXITED, m.head.pass_id = 0);
	REFUSES(PASS, m.head.pass_id = 0);
	REFUSES(HELLO, m.head.pass_id = 1);
	REFUSES(FAILED, m.head.pass_id = 1ULL << 63);
}

/* A type that is none, whatever else is right. */
static void
test_types(ignored void **state)
{
	static const uint32_t none[] = {
		MSG_COUNT, 6, 255, 256, 0x80000000, UINT32_MAX};

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		for (enum msg_type t = 0; t < MSG_COUNT; t++) {
			struct msg m = valid(t);
			struct fail f;
			m.head.type = none[i];
			assert_false(
				opens_as(&m, 24 + rules[t].body, rules[t].nfd,
					rules[t].from, rules[t].state, &f));
		}
}

#define FULL(member) memset(member, 'x', sizeof(member))
#define LAST(member) (member)[sizeof(member) - 1] = '\0'

static void
test_hello(ignored void **state)
{
	REFUSES(HELLO, m.hello.protocol = 0);
	REFUSES(HELLO, m.hello.protocol = 1);
	TAKES(HELLO, m.hello.gil = 0);
	REFUSES(HELLO, m.hello.gil = 2);
	TAKES(HELLO, m.hello.hash_fixed = 1);
	REFUSES(HELLO, m.hello.hash_fixed = 2);
	TAKES(HELLO, m.hello.standby = 0);
	TAKES(HELLO, m.hello.standby = MAX_STANDBY);
	REFUSES(HELLO, m.hello.standby = MAX_STANDBY + 1);
	REFUSES(HELLO, m.hello.standby = UINT32_MAX);
	TAKES(HELLO, m.hello.lenses = 0);
	TAKES(HELLO, m.hello.layers = 0);
	for (int bit = LENS_COUNT; bit < 32; bit++)
		REFUSES(HELLO, m.hello.lenses = BIT(bit));
	for (int bit = LAYER_COUNT; bit < 32; bit++)
		REFUSES(HELLO, m.hello.layers |= BIT(bit));
	REFUSES(HELLO, m.hello.id[0] = '\0');
	REFUSES(HELLO, m.hello.version[0] = '\0');
	TAKES(HELLO, m.hello.build[0] = '\0');
	REFUSES(HELLO, m.hello.workdir[0] = '\0');
	REFUSES(HELLO, m.hello.workdir[0] = 'b');
	TAKES(HELLO, m.hello.workdir[1] = '\0');
	TAKES(HELLO, m.hello.root_bytes = INT64_MAX);
	REFUSES(HELLO, m.hello.root_bytes = INT64_MAX + 1ULL);
	TAKES(HELLO, m.hello.disk_bytes = INT64_MAX);
	REFUSES(HELLO, m.hello.disk_bytes = INT64_MAX + 1ULL);
	TAKES(HELLO, m.hello.disk_bytes = 64 << 10);
	REFUSES(HELLO, m.hello.disk_bytes = (64 << 10) - 1);
	REFUSES(HELLO, m.hello.disk_bytes = 1);
}

static void
test_texts(ignored void **state)
{
	REFUSES(HELLO, FULL(m.hello.id));
	TAKES(HELLO, FULL(m.hello.id); LAST(m.hello.id));
	REFUSES(HELLO, FULL(m.hello.version));
	TAKES(HELLO, FULL(m.hello.version); LAST(m.hello.version));
	REFUSES(HELLO, FULL(m.hello.numpy));
	TAKES(HELLO, FULL(m.hello.numpy); LAST(m.hello.numpy));
	REFUSES(HELLO, FULL(m.hello.flags));
	TAKES(HELLO, FULL(m.hello.flags); LAST(m.hello.flags));
	for (int i = 0; i < LENS_COUNT; i++) {
		REFUSES(HELLO, FULL(m.hello.lens_note[i]));
		TAKES(HELLO, FULL(m.hello.lens_note[i]);
			LAST(m.hello.lens_note[i]));
	}
	REFUSES(HELLO, FULL(m.hello.build));
	TAKES(HELLO, FULL(m.hello.build); LAST(m.hello.build));
	REFUSES(HELLO, memset(m.hello.workdir, '/', sizeof(m.hello.workdir)));
	TAKES(HELLO, memset(m.hello.workdir, '/', sizeof(m.hello.workdir));
		LAST(m.hello.workdir));
	for (int i = 0; i < LAYER_COUNT; i++) {
		REFUSES(HELLO, FULL(m.hello.layer_note[i]));
		TAKES(HELLO, FULL(m.hello.layer_note[i]);
			LAST(m.hello.layer_note[i]));
	}
	REFUSES(FAILED, FULL(m.failed.text));
	TAKES(FAILED, FULL(m.failed.text); LAST(m.failed.text));
	REFUSES(EXITED, FULL(m.exited.text));
	TAKES(EXITED, FULL(m.exited.text); LAST(m.exited.text));
}

static void
test_failed(ignored void **state)
{
	for (uint32_t layer = 0; layer <= LAYER_COUNT; layer++)
		TAKES(FAILED, m.failed.layer = layer);
	REFUSES(FAILED, m.failed.layer = LAYER_COUNT + 1);
	REFUSES(FAILED, m.failed.layer = UINT32_MAX);
}

static void
test_pass(ignored void **state)
{
	for (uint32_t pass = 0; pass < PASS_COUNT; pass++)
		TAKES(PASS, m.pass.pass = pass);
	REFUSES(PASS, m.pass.pass = PASS_COUNT);
	REFUSES(PASS, m.pass.pass = UINT32_MAX);
	TAKES(PASS, m.pass.lenses = 0);
	TAKES(PASS, m.pass.lenses = BIT(LENS_COUNT) - 1);
	REFUSES(PASS, m.pass.lenses = BIT(LENS_COUNT));
	REFUSES(PASS, m.pass.lenses = UINT32_MAX);
#define X(member, fallback, low, high)                                         \
	TAKES(PASS, m.pass.limits.member = (low));                             \
	TAKES(PASS, m.pass.limits.member = (high));                            \
	REFUSES(PASS, m.pass.limits.member = (low)-1);                         \
	REFUSES(PASS, m.pass.limits.member = (high) + 1);                      \
	REFUSES(PASS, m.pass.limits.member = 0);                               \
	REFUSES(PASS, m.pass.limits.member += 1ULL << 32);                     \
	REFUSES(PASS, m.pass.limits.member = UINT64_MAX);
	LIMITS_TABLE(X)
#undef X
}

static void
test_started(ignored void **state)
{
	TAKES(STARTED, m.started.standby = 0);
	REFUSES(STARTED, m.started.standby = 2);
	TAKES(STARTED, m.started.zygote = ZYGOTE_COUNT - 1);
	REFUSES(STARTED, m.started.zygote = ZYGOTE_COUNT);
	REFUSES(STARTED, m.started.zygote = UINT32_MAX);
}

/* A status that waitpid gives: an exit, or a signal, with or without a core;
 * neither a stop nor a continuation, for which nobody asks. */
static void
test_exited(ignored void **state)
{
	for (int code = 0; code < 256; code++)
		TAKES(EXITED, m.exited.wait_status = W_EXITCODE(code, 0));
	for (int sig = 1; sig < 0x7f; sig++) {
		TAKES(EXITED, m.exited.wait_status = W_EXITCODE(0, sig));
		TAKES(EXITED, m.exited.wait_status = sig | WCOREFLAG);
		REFUSES(EXITED, m.exited.wait_status = W_STOPCODE(sig));
	}
	REFUSES(EXITED, m.exited.wait_status = __W_CONTINUED);
	for (uint32_t cause = END_CPU; cause < END_COUNT; cause++) {
		TAKES(EXITED, m.exited.cause = cause; m.exited.wait_status = 0);
		REFUSES(EXITED, m.exited.cause = cause);
	}
	REFUSES(EXITED, m.exited.disk_bytes = 1);
	TAKES(EXITED, m.exited.cause = END_DISK; m.exited.wait_status = 0;
		m.exited.disk_bytes = UINT64_MAX);
	REFUSES(EXITED, m.exited.cause = END_COUNT; m.exited.wait_status = 0);
	REFUSES(EXITED, m.exited.cause = UINT32_MAX; m.exited.wait_status = 0);
}

/* Rows from the first on without a gap, each with all that it takes; more than
 * fit only when they do not fit. */
static void
test_denied(ignored void **state)
{
	const struct msg_denied one = {"socket", 1, 1};

	REFUSES(EXITED, FULL(m.exited.denied[0].syscall));
	TAKES(EXITED, FULL(m.exited.denied[0].syscall);
		LAST(m.exited.denied[0].syscall));
	REFUSES(EXITED, m.exited.denied[1].syscall[0] = '\0');
	REFUSES(EXITED, m.exited.denied[1].error = 0);
	REFUSES(EXITED, m.exited.denied[1].error = -1);
	REFUSES(EXITED, m.exited.denied[1].count = 0);
	TAKES(EXITED, m.exited.denied[1].count = UINT32_MAX);
	REFUSES(EXITED, m.exited.denied[3] = one);
	REFUSES(EXITED, m.exited.denied[MAX_DENIED - 1] = one);
	REFUSES(EXITED, m.exited.denied[2].error = 1);
	REFUSES(EXITED, m.exited.denied_others = 1);
	TAKES(EXITED,
		for (int i = 0; i < MAX_DENIED; i++) m.exited.denied[i] = one;
		m.exited.denied_others = UINT32_MAX);
	REFUSES(EXITED, for (int i = 0; i < MAX_DENIED - 1; i++)
				m.exited.denied[i] = one;
		m.exited.denied_others = 1);
	REFUSES(EXITED, m.exited.unused = 1);
}

/* The same over a socket, with descriptors: what arrives is what was sent, and
 * one descriptor less or more is noticed. */
static void
test_over_a_socket(ignored void **state)
{
	int pair[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	for (enum msg_type t = 0; t < MSG_COUNT; t++)
		for (size_t n = 0; n <= IO_MAX_FDS; n++) {
			struct msg m = valid(t), got;
			char bytes[MSG_MAX_BYTES];
			int fds[IO_MAX_FDS];
			size_t nfd = IO_MAX_FDS;
			const int out[] = {0, 1, 2, 0, 1, 2, 0, 1};

			assert_int_equal(io_send_fds(pair[0], &m,
						 24 + rules[t].body, out, n),
				0);
			ssize_t len = io_recv_fds(
				pair[1], bytes, sizeof(bytes), fds, &nfd);
			assert_int_equal(len, 24 + rules[t].body);
			int rc = msg_open(&got, bytes, (size_t)len, nfd,
				rules[t].from, rules[t].state, NULL);
			assert_int_equal(rc, n == rules[t].nfd ? 0 : -1);
			if (rc == 0)
				assert_memory_equal(&got, &m, (size_t)len);
			while (nfd > 0)
				close(fds[--nfd]);
		}
	close(pair[0]);
	close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_arrivals),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_hello),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_failed),
		cmocka_unit_test(test_pass),
		cmocka_unit_test(test_started),
		cmocka_unit_test(test_exited),
		cmocka_unit_test(test_denied),
		cmocka_unit_test(test_over_a_socket),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
