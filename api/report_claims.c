/*
 * What a pass claimed, read record by record.  The bytes were written by a
 * process that also ran a stranger's code: a record that cannot be read is
 * left out with a note, what nests deeper than our writer can is not ours, and
 * the memory that all of it may take is bounded before it is parsed.
 */
#include "api/report_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/jsonw.h"
#include "base/scope.h"
#include "base/utf8.h"
#include "wire/record.h"

/* Members that one lens may have: ours have fewer than ten. */
#define MAX_MEMBERS 32

void
report_note(json_t *notes, const char *fmt, ...)
{
	scope_free char *text = NULL;
	va_list args;

	va_start(args, fmt);
	int n = vasprintf(&text, fmt, args);
	va_end(args);
	if (n < 0)
		abort();
	text_append(notes, text_json(text, (size_t)n));
}

/* The member's name as a string; false when it cannot be one. */
static bool
member_name(const struct record *r, char name[MAX_MEMBER_BYTES])
{
	if (r->member_len == 0 || r->member_len >= MAX_MEMBER_BYTES ||
		memchr(r->member, '\0', r->member_len) ||
		utf8_valid_prefix(r->member, r->member_len) < r->member_len)
		return false;
	memcpy(name, r->member, r->member_len);
	name[r->member_len] = '\0';
	return true;
}

/* Puts a value in its place and takes over the reference; false when it has
 * none. */
static bool
place_value(json_t *into, enum record_kind kind, unsigned lens,
	const char *name, json_t *value)
{
	json_t *have = json_object_get(into, name);

	if (!report_shape_ok(lens, name, value, kind == RECORD_ITEM) ||
		(!have && json_object_size(into) >= MAX_MEMBERS) ||
		(kind == RECORD_ITEM && have && !json_is_array(have))) {
		json_decref(value);
		return false;
	}
	if (kind == RECORD_SET) {
		text_set(into, name, value);
		return true;
	}
	if (!have) {
		have = text_need(json_array());
		text_set(into, name, have);
	}
	text_append(have, value);
	return true;
}

enum taken { TAKEN, TAKEN_BAD, TAKEN_TOO_MUCH };

static enum taken
take_record(struct claims *c, const struct record *r, size_t *memory)
{
	json_t *into = r->lens == RECORD_RUN ? c->run : c->lens[r->lens];
	char name[MAX_MEMBER_BYTES];
	bool deep;

	if (!into || !member_name(r, name))
		return TAKEN_BAD;
	size_t cost = text_weight(r->json, r->json_len, JSONW_DEPTH, &deep);
	if (deep)
		return TAKEN_BAD;
	if (cost > *memory)
		return TAKEN_TOO_MUCH;
	json_t *value = json_loadb(r->json, r->json_len,
		JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
		NULL);
	if (!value || !place_value(into, r->kind, r->lens, name, value))
		return TAKEN_BAD;
	*memory -= cost;
	return TAKEN;
}

static void
note_losses(enum pass pass, size_t bad, size_t too_much, json_t *notes)
{
	if (bad)
		report_note(notes,
			"The %s pass left %zu record%s that could not be read, "
			"which %s left out.",
			pass_name(pass), bad, bad == 1 ? "" : "s",
			bad == 1 ? "was" : "were");
	if (too_much)
		report_note(notes,
			"The %s pass recorded more than a reply may hold; %zu "
			"record%s left out.",
			pass_name(pass), too_much,
			too_much == 1 ? " was" : "s were");
}

void
report_claims_read(struct claims *ret_c, enum pass pass,
	const struct buf *report, uint32_t lenses, size_t *memory,
	json_t *notes)
{
	size_t at = 0, bad = 0, too_much = 0;
	struct record r;
	struct fail f;
	int got;

	*ret_c = (struct claims){.run = text_need(json_object())};
	for (enum lens l = 0; l < LENS_COUNT; l++)
		if (lenses & BIT(l))
			ret_c->lens[l] = text_need(json_object());
	while ((got = record_next(report->data, report->len, &at, &r, &f)) ==
		1) {
		enum taken t = take_record(ret_c, &r, memory);
		bad += t == TAKEN_BAD;
		too_much += t == TAKEN_TOO_MUCH;
	}
	bool cut = record_was_cut(report->data, report->len);
	note_losses(pass, bad, too_much, notes);
	if (got < 0)
		report_note(notes,
			"What the %s pass recorded cannot be read to its end "
			"(%s); what came before is shown.",
			pass_name(pass), f.text);
	else if (cut)
		report_note(notes,
			"The %s pass recorded more than its report holds "
			"(%llu MiB); the rest is missing.",
			pass_name(pass), REPORT_BYTES / MIB);
	ret_c->cut = got < 0 || cut || bad || too_much;
}

void
report_claims_clear(struct claims *c)
{
	json_decref(c->run);
	for (int l = 0; l < LENS_COUNT; l++)
		json_decref(c->lens[l]);
	*c = (struct claims){0};
}
