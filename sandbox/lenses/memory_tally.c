/*
 * The numbers: what each row was given and has, the peak, and the course of the
 * whole.
 *
 * What each row had at the peak is not copied at each new one, of which there
 * may be as many as allocations: a row that changes first notes what it had,
 * when there was a peak since it last changed.
 */
#include "sandbox/lenses/memory.h"

#include "wire/limits.h"

#define MAX_SAMPLES 512
/* Rows that are told: those that were given the most. */
#define MAX_SHOWN 2000

struct row {
	struct memory_sums sums;
	uint64_t peak_bytes; /* before its last change, if `peak` is current */
	uint64_t peak;	     /* number of the peak that this is of */
};

static struct {
	struct row *rows; /* MEMORY_MAX_ROWS */
	struct memory_sums total;
	uint64_t events, dropped;
	struct {
		uint64_t number; /* of how many, so far */
		uint64_t bytes, blocks, event;
		uint16_t row;
	} peak;
	/* Each sample is of `every` events, the last may be of fewer. */
	struct {
		uint64_t bytes[MAX_SAMPLES], most[MAX_SAMPLES];
		uint64_t every;
	} course;
} tally;

int
memory_tally_begin(void)
{
	tally.rows = memory_map(MEMORY_MAX_ROWS * sizeof(*tally.rows));
	tally.course.every = 1;
	return tally.rows ? 0 : -1;
}

/* The row, about to change. */
static struct memory_sums *
changing(uint16_t row)
{
	struct row *r = &tally.rows[row];

	if (r->peak < tally.peak.number) {
		r->peak_bytes = r->sums.live_bytes;
		r->peak = tally.peak.number;
	}
	return &r->sums;
}

static void
halve(void)
{
	for (size_t i = 0; i < MAX_SAMPLES / 2; i++) {
		uint64_t a = tally.course.most[2 * i];
		uint64_t b = tally.course.most[2 * i + 1];
		tally.course.most[i] = a > b ? a : b;
		tally.course.bytes[i] = tally.course.bytes[2 * i + 1];
	}
	for (size_t i = MAX_SAMPLES / 2; i < MAX_SAMPLES; i++)
		tally.course.most[i] = 0;
	tally.course.every *= 2;
}

/* Something was allocated or freed. */
static void
event(void)
{
	uint64_t now = tally.total.live_bytes;
	size_t i = tally.events / tally.course.every;

	if (i == MAX_SAMPLES) {
		halve();
		i /= 2;
	}
	tally.course.bytes[i] = now;
	if (now > tally.course.most[i])
		tally.course.most[i] = now;
	tally.events++;
}

static void
enter(struct memory_sums *s, const struct memory_block *b)
{
	s->live_blocks++;
	s->live_bytes += b->bytes;
}

static void
leave(struct memory_sums *s, const struct memory_block *b)
{
	s->freed++;
	s->live_blocks--;
	s->live_bytes -= b->bytes;
}

static void
given(struct memory_sums *s, const struct memory_block *b, bool again)
{
	if (again)
		s->reallocations++;
	else
		s->allocations++;
	s->bytes += b->bytes;
}

void
memory_tally_new(const struct memory_block *b, bool again, bool noted)
{
	struct memory_sums *row = changing(b->row);

	given(row, b, again);
	given(&tally.total, b, again);
	if (noted) {
		enter(row, b);
		enter(&tally.total, b);
	} else {
		tally.dropped++;
	}
	event();
	if (tally.total.live_bytes <= tally.peak.bytes)
		return;
	tally.peak.number++;
	tally.peak.bytes = tally.total.live_bytes;
	tally.peak.blocks = tally.total.live_blocks;
	tally.peak.event = tally.events;
	tally.peak.row = b->row;
}

void
memory_tally_leave(const struct memory_block *b)
{
	leave(changing(b->row), b);
	leave(&tally.total, b);
}

void
memory_tally_gone(const struct memory_block *b)
{
	memory_tally_leave(b);
	event();
}

void
memory_tally_move(const struct memory_block *b, uint16_t row)
{
	leave(changing(b->row), b);
	struct memory_sums *to = changing(row);
	to->reused++;
	enter(to, b);
	tally.total.reused++;
	tally.total.freed++;
}

uint64_t
memory_tally_events(void)
{
	return tally.events;
}

uint64_t
memory_tally_dropped(void)
{
	return tally.dropped;
}

static void
number(struct jsonw *w, const char *key, uint64_t n)
{
	jsonw_key(w, key);
	jsonw_uint(w, n);
}

static void
write_sums(struct jsonw *w, const struct memory_sums *s)
{
	number(w, "allocations", s->allocations);
	number(w, "reallocations", s->reallocations);
	jsonw_key(w, "reused");
	/* What tells of them begins with 3.13. */
	if (PY_VERSION_HEX >= PY_3_13)
		jsonw_uint(w, s->reused);
	else
		jsonw_null(w);
	number(w, "bytes", s->bytes);
	number(w, "freed", s->freed);
	number(w, "live_blocks", s->live_blocks);
	number(w, "live_bytes", s->live_bytes);
}

static void
write_peak(struct jsonw *w)
{
	jsonw_object(w);
	number(w, "bytes", tally.peak.bytes);
	number(w, "blocks", tally.peak.blocks);
	number(w, "event", tally.peak.event);
	memory_places_write(w, tally.peak.row);
	jsonw_end(w);
}

static void
write_course(struct jsonw *w, const char *key, const uint64_t *values)
{
	uint64_t every = tally.course.every;
	size_t n = (tally.events + every - 1) / every;

	jsonw_key(w, key);
	jsonw_array(w);
	for (size_t i = 0; i < n; i++)
		jsonw_uint(w, values[i]);
	jsonw_end(w);
}

void
memory_tally_write(struct record_writer *r)
{
	struct jsonw *w = record_begin(r, RECORD_SET, LENS_MEMORY, "totals");

	jsonw_object(w);
	write_sums(w, &tally.total);
	number(w, "events", tally.events);
	number(w, "dropped", tally.dropped);
	jsonw_end(w);
	record_commit(r);
	write_peak(record_begin(r, RECORD_SET, LENS_MEMORY, "peak"));
	record_commit(r);
	w = record_begin(r, RECORD_SET, LENS_MEMORY, "timeline");
	jsonw_object(w);
	number(w, "every", tally.course.every);
	write_course(w, "bytes", tally.course.bytes);
	write_course(w, "most", tally.course.most);
	jsonw_end(w);
	record_commit(r);
}

static bool
has_any(const struct row *r)
{
	return r->sums.allocations || r->sums.reallocations || r->sums.reused;
}

static size_t
count_from(uint64_t bytes)
{
	size_t n = memory_places_rows(), found = 0;

	for (size_t i = 0; i < n; i++)
		found += has_any(&tally.rows[i]) &&
			 tally.rows[i].sums.bytes >= bytes;
	return found;
}

/* Rows with more bytes than this are shown, and of those with as many the first
 * that fit. */
static uint64_t
least_shown(void)
{
	uint64_t least = 0;

	if (count_from(0) <= MAX_SHOWN)
		return 0;
	for (uint64_t bit = 1ULL << 45; bit; bit >>= 1)
		if (count_from(least + bit) > MAX_SHOWN)
			least += bit;
	return least;
}

static void
write_row(struct jsonw *w, uint16_t row, bool types)
{
	const struct row *r = &tally.rows[row];

	jsonw_object(w);
	memory_places_write(w, row);
	write_sums(w, &r->sums);
	number(w, "peak_bytes",
		r->peak < tally.peak.number ? r->sums.live_bytes
					    : r->peak_bytes);
	jsonw_key(w, "types");
	jsonw_array(w);
	if (types)
		memory_types_write(w, row);
	jsonw_end(w);
	jsonw_end(w);
}

bool
memory_tally_write_rows(struct record_writer *r, bool types)
{
	struct jsonw *w = record_begin(r, RECORD_SET, LENS_MEMORY, "by_line");
	size_t n = memory_places_rows(), left_out = 0;
	uint64_t least = least_shown();
	size_t room = MAX_SHOWN - count_from(least + 1);

	jsonw_array(w);
	for (size_t i = 0; i < n; i++) {
		uint64_t bytes = tally.rows[i].sums.bytes;
		if (!has_any(&tally.rows[i]))
			continue;
		if (bytes < least || (bytes == least && !room)) {
			left_out++;
			continue;
		}
		room -= bytes == least;
		write_row(w, (uint16_t)i, types);
	}
	jsonw_end(w);
	return record_commit(r) && !left_out;
}
