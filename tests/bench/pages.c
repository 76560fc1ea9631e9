// SPDX-License-Identifier: GPL-2.0-only
/*
 * pages RECORD: what a scrape does with each sample of a record once it is
 * taken, as vmperf export does it, and prints the medians:
 * "SERIES BYTES GZIP-BYTES", then CPU time in microseconds of the view (the
 * difference to the sample before), the tally (totals), the text and gzip.
 */
#include <stdio.h>
#include <stdlib.h>

#include "http/gzip.h"
#include "lib/clock.h"
#include "out/prom.h"
#include "record/record.h"

enum { VIEW, TALLY, TEXT, ZIP, PARTS };

#define TIMES 100

struct run {
	struct tally *tally;
	struct tally_options o;
	uint64_t took[PARTS][TIMES];
	unsigned int n;
	size_t series, bytes, zipped;
};

static uint64_t now(void)
{
	return clock_now(CLOCK_THREAD_CPUTIME_ID);
}

static size_t count_series(const struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->len; i++)
		if ((!i || b->data[i - 1] == '\n') && b->data[i] != '#')
			n++;
	return n;
}

static void page(struct run *r, const struct sample *from, const struct sample *to)
{
	struct prom_options o = {.tally = &r->o};
	uint64_t at[PARTS + 1], counted;
	struct buf b = {0}, zipped = {0};
	struct view *v;

	at[VIEW] = now();
	v = view_build(from, to);
	at[TALLY] = now();
	tally_add(r->tally, v);
	at[TEXT] = now();
	out_prom(&b, tally_view(r->tally), &o);
	at[ZIP] = now();
	r->series = count_series(&b);
	r->bytes = b.len;
	counted = now() - at[ZIP];
	gzip_buf(&b, &zipped);
	at[PARTS] = now() - counted;
	r->zipped = zipped.len;
	for (int i = 0; i < PARTS; i++)
		r->took[i][r->n] = at[i + 1] - at[i];
	r->n++;
	buf_free(&b);
	buf_free(&zipped);
	view_free(v);
}

static int larger(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	struct run r = {.o = {.exits = TALLY_ALL}};
	struct sample from = {0}, to = {0};
	struct record_reader *record;
	char error[RECORD_ERROR];
	uint64_t cut;

	if (argc != 2) {
		fprintf(stderr, "usage: pages RECORD\n");
		return 2;
	}
	record = record_open(argv[1], &cut, error);
	if (!record || !record_read(record, 0, &from, error)) {
		fprintf(stderr, "pages: %s\n", error);
		return 1;
	}
	r.tally = tally_new(&r.o);
	for (uint32_t i = 1; i < record_count(record) && r.n < TIMES; i++) {
		if (!record_read(record, i, &to, error)) {
			fprintf(stderr, "pages: %s\n", error);
			return 1;
		}
		page(&r, &from, &to);
		sample_free(&from);
		from = to;
	}
	printf("%zu %zu %zu", r.series, r.bytes, r.zipped);
	for (int i = 0; r.n && i < PARTS; i++) {
		qsort(r.took[i], r.n, sizeof(*r.took[i]), larger);
		printf(" %lu", r.took[i][r.n / 2] / 1000);
	}
	putchar('\n');
	/* what the tally shows is of the last sample */
	tally_free(r.tally);
	sample_free(&from);
	record_reader_free(record);
	return r.n ? 0 : 1;
}
