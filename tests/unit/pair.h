/* SPDX-License-Identifier: GPL-2.0-only */
/* Two samples, a second apart, and what the tests of views ask of one. */
#ifndef VMPERF_TESTS_PAIR_H
#define VMPERF_TESTS_PAIR_H

#include "model/view.h"
#include "samples.h"
#include "unit.h"

static struct sample a, b;

static inline void fresh(uint32_t visible)
{
	sample_host(&a, "kvm_amd", "x86_64", visible);
	sample_host(&b, "kvm_amd", "x86_64", visible);
	b.mono_ns += SECOND;
	b.real_ns += SECOND;
}

static inline struct view *build(void)
{
	return view_build(&a, &b);
}

static inline void done(struct view *v)
{
	view_free(v);
	sample_free(&a);
	sample_free(&b);
}

static inline const struct view_exit *find(const struct view_set *s, uint64_t code)
{
	for (uint32_t i = 0; i < s->nexits; i++)
		if (s->exits[i].code == code)
			return &s->exits[i];
	return NULL;
}

static inline void balanced(const struct view_set *s)
{
	uint64_t total = 0;

	for (int i = 0; i < VMP_STATES; i++)
		total += s->ledger[i];
	ck_assert_uint_eq(total, s->observed_ns);
}

#endif
