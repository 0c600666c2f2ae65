/*
 * Any bytes as a datagram between server and runner.  Byte 0 says how it came:
 * bit 0 from the runner, bit 1 before HELLO, the other six are its number of
 * descriptors; the datagram follows.
 *
 * Whatever is accepted is what the other side would have sealed, and came from
 * the only side, in the only state and with the only number of descriptors and
 * bytes that its type allows; whatever is refused has words and leaves nothing.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "wire/msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct arrival {
	size_t nfd;
	enum msg_side from;
	enum msg_state state;
};

static int
opens(struct msg *ret_m, const void *bytes, size_t n, struct arrival a)
{
	struct fail f;
	uint8_t before[sizeof(*ret_m)];
	const void *now = ret_m;

	memset(&f, 0xa5, sizeof(f));
	memset(before, 0xa5, sizeof(before));
	memcpy(ret_m, before, sizeof(before));
	int rc = msg_open(ret_m, bytes, n, a.nfd, a.from, a.state, &f);
	assert(rc == 0 || rc == -1);
	if (rc) {
		assert(memcmp(now, before, sizeof(before)) == 0);
		assert(f.err == 0 && f.text[0]);
		assert(memchr(f.text, '\0', sizeof(f.text)));
	}
	return rc;
}

/* The table of wire/msg.h once more, from docs/wire.md. */
static void
check_arrival(const struct msg *m, struct arrival a)
{
	bool starts = m->head.type == MSG_HELLO || m->head.type == MSG_FAILED;
	bool order = m->head.type == MSG_PASS;
	size_t nfd = order ? 5 : m->head.type == MSG_STARTED ? 1 : 0;

	assert(m->head.type < 5);
	assert(a.from == (order ? SIDE_SERVER : SIDE_RUNNER));
	assert(a.state == (starts ? STATE_START : STATE_READY));
	assert(a.nfd == nfd);
	assert((m->head.pass_id == 0) == starts);
}

#define ENDS(member) assert(memchr(member, '\0', sizeof(member)))

/* Rows without a gap; others only after a full table. */
static void
check_denied(const struct msg_exited *x)
{
	int n = 0;

	while (n < MAX_DENIED && x->denied[n].count) {
		ENDS(x->denied[n].syscall);
		assert(x->denied[n].syscall[0] && x->denied[n].error > 0);
		n++;
	}
	for (int i = n; i < MAX_DENIED; i++)
		assert(!x->denied[i].syscall[0] && !x->denied[i].error &&
			!x->denied[i].count);
	assert(n == MAX_DENIED || !x->denied_others);
	assert(!x->unused);
}

static void
check_values(const struct msg *m)
{
	switch ((enum msg_type)m->head.type) {
	case MSG_HELLO:
		ENDS(m->hello.id);
		ENDS(m->hello.version);
		ENDS(m->hello.numpy);
		ENDS(m->hello.build);
		ENDS(m->hello.workdir);
		ENDS(m->hello.flags);
		for (int i = 0; i < LENS_COUNT; i++)
			ENDS(m->hello.lens_note[i]);
		assert(m->hello.workdir[0] == '/');
		for (int i = 0; i < LAYER_COUNT; i++)
			ENDS(m->hello.layer_note[i]);
		assert(m->hello.lenses >> LENS_COUNT == 0);
		assert(m->hello.layers >> LAYER_COUNT == 0);
		assert(m->hello.standby <= MAX_STANDBY);
		return;
	case MSG_FAILED:
		ENDS(m->failed.text);
		assert(m->failed.layer <= LAYER_COUNT);
		return;
	case MSG_PASS:
		assert(m->pass.pass < PASS_COUNT);
		assert(m->pass.lenses >> LENS_COUNT == 0);
#define X(member, fallback, low, high)                                         \
	assert(m->pass.limits.member >= (low) &&                               \
		m->pass.limits.member <= (high));
		LIMITS_TABLE(X)
#undef X
		return;
	case MSG_STARTED:
		assert(m->started.standby <= 1);
		return;
	case MSG_EXITED:
		ENDS(m->exited.text);
		check_denied(&m->exited);
		assert(m->exited.cause < END_COUNT);
		if (m->exited.cause == END_SELF)
			assert(WIFEXITED(m->exited.wait_status) !=
				WIFSIGNALED(m->exited.wait_status));
		else
			assert(m->exited.wait_status == 0);
		return;
	case MSG_COUNT:
		break;
	}
	abort();
}

/* The same bytes, not as they came. */
static void
check_strict(const uint8_t *bytes, size_t n, struct arrival a)
{
	struct msg m;
	uint8_t *more = malloc(n + 1);

	if (!more)
		abort();
	memcpy(more, bytes, n);
	more[n] = 0;
	assert(opens(&m, more, n + 1, a));
	free(more);
	assert(opens(&m, bytes, n - 1, a));
	assert(opens(&m, bytes, n, (struct arrival){a.nfd, !a.from, a.state}));
	assert(opens(&m, bytes, n, (struct arrival){a.nfd, a.from, !a.state}));
	assert(opens(
		&m, bytes, n, (struct arrival){a.nfd + 1, a.from, a.state}));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct msg m;

	if (size == 0)
		return 0;
	const struct arrival a = {
		.from = data[0] & 1 ? SIDE_RUNNER : SIDE_SERVER,
		.state = data[0] & 2 ? STATE_START : STATE_READY,
		.nfd = data[0] >> 2,
	};
	/* Exactly as long as it is, so that a read past the end shows. */
	size_t n = size - 1;
	uint8_t *bytes = malloc(n ? n : 1);
	if (!bytes)
		abort();
	memcpy(bytes, data + 1, n);
	if (opens(&m, bytes, n, a) == 0) {
		struct msg again = m;
		check_arrival(&m, a);
		check_values(&m);
		assert(msg_seal(&again, (enum msg_type)m.head.type,
			       m.head.pass_id) == n);
		assert(memcmp(&again, bytes, n) == 0);
		check_strict(bytes, n, a);
	}
	free(bytes);
	return 0;
}
