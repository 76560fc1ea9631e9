// SPDX-License-Identifier: GPL-2.0-only
/*
 * made FILE [SEED]: writes a record of made-up samples: a dozen VMs, then, in
 * a session of their own, samples in which every member is random.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dozen.h"
#include "lib/log.h"
#include "random_sample.h"
#include "record/record.h"

#define DOZENS  90
#define RANDOMS 40

static bool add_dozens(struct record_writer *w, char error[RECORD_ERROR])
{
	bool ok = true;

	for (unsigned int i = 1; ok && i <= DOZENS; i++) {
		struct sample s;

		sample_host(&s, "kvm_amd", "x86_64", ALL_STATES);
		s.mono_ns += i * SECOND;
		s.begin_ns = s.mono_ns - 20 * US;
		s.real_ns += i * SECOND;
		dozen_sample(&s, i);
		ok = record_add(w, &s, error);
		sample_free(&s);
	}
	return ok;
}

static bool add_randoms(struct record_writer *w, uint64_t seed, char error[RECORD_ERROR])
{
	struct dice d = {seed + 1};
	struct sample before = {0}, s;
	bool ok = true;

	for (unsigned int i = 0; ok && i < RANDOMS; i++) {
		roll_sample(&d, &s);
		roll_identities(&d, &s, &before);
		/* a second apart, as somebody plays them */
		s.real_ns = (1800000000 + i) * SECOND;
		ok = record_add(w, &s, error);
		sample_free(&before);
		before = s;
	}
	sample_free(&before);
	return ok;
}

static struct record_writer *open_session(const char *path, char error[RECORD_ERROR])
{
	const struct record_options o = {.max_files = 1};
	uint64_t cut;

	return record_create(path, &o, &cut, error);
}

int main(int argc, char **argv)
{
	char error[RECORD_ERROR] = "";
	struct record_writer *w;

	if (argc < 2 || argc > 3) {
		fputs("Usage: made FILE [SEED]\n", stderr);
		return 2;
	}
	w = open_session(argv[1], error);
	if (w && add_dozens(w, error) && record_close(w, error)) {
		w = open_session(argv[1], error);
		if (w && add_randoms(w, argc > 2 ? strtoull(argv[2], NULL, 10) : 0, error) &&
		    record_close(w, error))
			return 0;
	}
	log_err("%s", error);
	return 1;
}
