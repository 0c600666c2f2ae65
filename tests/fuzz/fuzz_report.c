/*
 * Any bytes as the report of a child.  Byte 0 is the pass that wrote it, byte 1
 * how that pass ended, byte 2 the lenses asked for; the report follows.
 *
 * There is always a reply: it can be written as JSON and read again, has every
 * lens that was asked for and no other, and nests no deeper than our own
 * writer does, so that no claim makes it unreadable to others.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/report.h"
#include "base/jsonw.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct msg_hello hello = {
	.workdir = "/box",
	.gil = 1,
	.layers = BIT(LAYER_COUNT) - 1,
	.id = "3.11",
	.version = "3.11.2",
};

static unsigned
depth(const json_t *j)
{
	unsigned most = 0;
	const char *key;
	json_t *v;
	size_t i;

	if (json_is_array(j))
		json_array_foreach(j, i, v)
		{
			unsigned d = depth(v);
			most = d > most ? d : most;
		}
	else if (json_is_object(j))
		json_object_foreach((json_t *)j, key, v)
		{
			unsigned d = depth(v);
			most = d > most ? d : most;
		}
	else
		return 0;
	return most + 1;
}

static void
check_reply(json_t *j, uint32_t lenses)
{
	json_t *have = json_object_get(j, "lenses");
	json_t *exception = json_object_get(j, "exception");
	char *text = json_dumps(j, 0);

	assert(text);
	json_t *again = json_loads(text, JSON_ALLOW_NUL, NULL);
	assert(again && json_equal(j, again));
	json_decref(again);
	free(text);
	for (enum lens l = 0; l < LENS_COUNT; l++) {
		json_t *value = json_object_get(have, lens_name(l));
		assert(!value == !(lenses & BIT(l)));
		assert(!value ||
			json_is_boolean(json_object_get(value, "truncated")));
	}
	assert(json_is_null(exception) ||
		json_is_array(json_object_get(exception, "traceback")));
	/* The reply, its lenses, one of them, the array of a member. */
	assert(depth(j) <= JSONW_DEPTH + 4);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run_request q = {.hash_seed = -1, .limits = limits_default()};
	struct run_result r = {.id = "run_x", .runtime = &hello};

	if (size < 3)
		return 0;
	struct pass_result *p = &r.pass[data[0] % PASS_COUNT];
	q.lenses = data[2] % BIT(LENS_COUNT);
	q.adaptive = data[2] & 0x80;
	for (int i = 0; i < PASS_COUNT; i++)
		r.pass[i].made = true;
	r.pass[PASS_CLEAN].exit.wait_status = 1 << 8;
	p->made = !(data[1] & 0x40);
	p->killed = data[2] & 0x40 ? KILL_DEADLINE : data[1] & 3;
	p->exit.cause = (data[1] >> 2 & 3) % END_COUNT;
	if (data[1] & 0x80)
		p->exit.wait_status = data[1] & 0x7f;
	/* Exactly as long as it is, so that a read past the end shows. */
	char *report = malloc(size - 3 + 1);
	if (!report)
		abort();
	memcpy(report, data + 3, size - 3);
	p->report = (struct buf){.data = report, .len = size - 3};
	json_t *j = report_json(&q, &r);
	check_reply(j, q.lenses);
	json_decref(j);
	run_result_clear(&r);
	return 0;
}
