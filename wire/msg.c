/* The message codec: one table, checked before any body is looked at. */
#include "wire/msg.h"

#include <assert.h>
#include <string.h>
#include <sys/wait.h>

static const struct {
	const char *name;
	size_t length;
	enum msg_side sender;
	enum msg_state state;
	size_t nfd;
} messages[] = {
#define X(id, type, sender, state, nfd)                                        \
	{#id, sizeof(type), SIDE_##sender, STATE_##state, nfd},
	MESSAGE_TABLE(X)
#undef X
};

const char *
msg_name(enum msg_type t)
{
	assert(t < MSG_COUNT);
	return messages[t].name;
}

size_t
msg_seal(struct msg *m, enum msg_type t, uint64_t pass_id)
{
	assert(t < MSG_COUNT);
	m->head = (struct wire_head){
		.magic = WIRE_MAGIC,
		.type = t,
		.length = (uint32_t)messages[t].length,
		.pass_id = pass_id,
	};
	return sizeof(m->head) + messages[t].length;
}

static bool
terminated(const char *s, size_t n)
{
	return memchr(s, '\0', n) != NULL;
}

static bool
set_within(uint32_t set, unsigned count)
{
	return set < (1u << count);
}

#define X(member, usual, low, high) LOW_##member = (low),
enum { LIMITS_TABLE(X) };
#undef X
static_assert(LENS_COUNT <= MAX_LENSES, "each has its note");
static_assert(LOW_disk_bytes == MIN_DISK_BYTES, "what there is serves a run");

static int
check_hello(const struct msg_hello *h, struct fail *f)
{
	bool strings = terminated(h->id, sizeof(h->id)) &&
		       terminated(h->version, sizeof(h->version)) &&
		       terminated(h->numpy, sizeof(h->numpy)) &&
		       terminated(h->build, sizeof(h->build)) &&
		       terminated(h->workdir, sizeof(h->workdir)) &&
		       terminated(h->flags, sizeof(h->flags));

	for (int i = 0; i < LAYER_COUNT; i++)
		strings = strings && terminated(h->layer_note[i],
					     sizeof(h->layer_note[i]));
	for (int i = 0; i < MAX_LENSES; i++)
		strings = strings &&
			  terminated(h->lens_note[i], sizeof(h->lens_note[i]));
	if (!strings)
		return fail_set(f, "HELLO has a string without an end");
	if (h->protocol != WIRE_VERSION)
		return fail_set(f,
			"HELLO speaks version %u of the wire, not %u",
			h->protocol, WIRE_VERSION);
	if (h->gil > 1 || h->hash_fixed > 1 || h->standby > MAX_STANDBY)
		return fail_set(f, "HELLO has a number out of range");
	if (!set_within(h->lenses, LENS_COUNT) ||
		!set_within(h->layers, LAYER_COUNT))
		return fail_set(f, "HELLO names a lens or layer that is none");
	if (!h->id[0] || !h->version[0])
		return fail_set(f, "HELLO has no version");
	if (h->workdir[0] != '/')
		return fail_set(f, "HELLO has no directory for runs");
	if (h->root_bytes > INT64_MAX)
		return fail_set(f, "HELLO has a root that cannot be");
	if (h->disk_bytes > INT64_MAX ||
		(h->disk_bytes && h->disk_bytes < MIN_DISK_BYTES))
		return fail_set(f, "HELLO has no room for a run's files");
	return 0;
}

static int
check_failed(const struct msg_failed *m, struct fail *f)
{
	if (m->layer > LAYER_COUNT)
		return fail_set(f, "FAILED names a layer that is none");
	if (!terminated(m->text, sizeof(m->text)))
		return fail_set(f, "FAILED has a text without an end");
	return 0;
}

static int
check_pass(const struct msg_pass *p, struct fail *f)
{
	if (p->pass >= PASS_COUNT)
		return fail_set(f, "PASS asks for a pass that is none");
	if (!set_within(p->lenses, LENS_COUNT))
		return fail_set(f, "PASS names a lens that is none");
	if (p->zygote >= ZYGOTE_COUNT || p->unused)
		return fail_set(f, "PASS has a number out of range");
#define X(member, fallback, low, high)                                         \
	if (p->limits.member < (low) || p->limits.member > (high))             \
		return fail_set(f, "PASS has " #member " out of range");
	LIMITS_TABLE(X)
#undef X
	return 0;
}

static int
check_started(const struct msg_started *s, struct fail *f)
{
	if (s->standby > 1 || s->zygote >= ZYGOTE_COUNT)
		return fail_set(f, "STARTED has a number out of range");
	return 0;
}

static int
check_denied(const struct msg_exited *x, struct fail *f)
{
	static const struct msg_denied none;
	bool over = false;

	for (int i = 0; i < MAX_DENIED; i++) {
		const struct msg_denied *d = &x->denied[i];
		over = over || !d->count;
		if (over ? memcmp(d, &none, sizeof(none)) != 0
			 : !d->syscall[0] || d->error <= 0 ||
					!terminated(
						d->syscall, sizeof(d->syscall)))
			return fail_set(
				f, "EXITED has a refusal that cannot be");
	}
	if (x->denied_others && over)
		return fail_set(f,
			"EXITED has further refusals before the table is full");
	if (x->unused)
		return fail_set(f, "EXITED with a spare field in use");
	return 0;
}

static int
check_exited(const struct msg_exited *x, struct fail *f)
{
	if (x->cause >= END_COUNT)
		return fail_set(f, "EXITED has a cause that is none");
	if (x->cause == END_SELF ? !WIFEXITED(x->wait_status) &&
					   !WIFSIGNALED(x->wait_status)
				 : x->wait_status != 0)
		return fail_set(f, "EXITED has a status that cannot be");
	if (x->disk_bytes && x->cause != END_DISK)
		return fail_set(f, "EXITED has files that ended nothing");
	if (!terminated(x->text, sizeof(x->text)))
		return fail_set(f, "EXITED has a text without an end");
	return check_denied(x, f);
}

static int
check_body(const struct msg *m, struct fail *f)
{
	switch ((enum msg_type)m->head.type) {
	case MSG_HELLO:
		return check_hello(&m->hello, f);
	case MSG_FAILED:
		return check_failed(&m->failed, f);
	case MSG_PASS:
		return check_pass(&m->pass, f);
	case MSG_STARTED:
		return check_started(&m->started, f);
	case MSG_EXITED:
		return check_exited(&m->exited, f);
	case MSG_COUNT:
		break;
	}
	return fail_set(f, "no such message");
}

int
msg_open(struct msg *ret_m, const void *bytes, size_t n, size_t nfd,
	enum msg_side from, enum msg_state state, struct fail *f)
{
	struct msg m = {0};

	if (n < sizeof(m.head) || n > sizeof(m))
		return fail_set(f, "a message of %zu bytes", n);
	memcpy(&m, bytes, n);
	if (m.head.magic != WIRE_MAGIC || m.head.type >= MSG_COUNT)
		return fail_set(f, "not a message of this wire");
	const char *name = messages[m.head.type].name;
	if (messages[m.head.type].sender != from)
		return fail_set(f, "%s from the wrong side", name);
	if (messages[m.head.type].state != state)
		return fail_set(f, "%s out of turn", name);
	if (m.head.length != messages[m.head.type].length ||
		n != sizeof(m.head) + m.head.length)
		return fail_set(f, "%s of %zu bytes", name, n);
	if (nfd != messages[m.head.type].nfd)
		return fail_set(f, "%s with %zu descriptors", name, nfd);
	if (m.head.spare)
		return fail_set(f, "%s with a spare field in use", name);
	if ((m.head.pass_id != 0) != (state == STATE_READY))
		return fail_set(f, "%s about pass %llu", name,
			(unsigned long long)m.head.pass_id);
	if (check_body(&m, f))
		return -1;
	*ret_m = m;
	return 0;
}
