// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>

#include "csv.h"
#include "profile.h"

static void titles(struct csv_row *row, uint32_t keys)
{
	for (int k = 0; k < PROFILE_KEYS; k++) {
		if (!(keys & 1U << k))
			continue;
		/* a VM has its pid with it */
		if (k == PROFILE_BY_PID && keys & 1U << PROFILE_BY_VM)
			continue;
		csv_field(row, profile_key_name((enum profile_key)k));
		if (k == PROFILE_BY_VM) {
			csv_field(row, "uuid");
			csv_field(row, "pid");
		}
	}
	csv_end(row);
}

static void keys_of(struct csv_row *row, const struct profile_rows *r, const struct profile_row *at)
{
	const struct profile *p = r->profile;
	const struct profile_vm *vm = &p->vms[p->threads[at->like.thread].vm];

	for (int k = 0; k < PROFILE_KEYS; k++) {
		struct buf text = {0};

		if (!(r->keys & 1U << k) || (k == PROFILE_BY_PID && r->keys & 1U << PROFILE_BY_VM))
			continue;
		if (k == PROFILE_BY_VM) {
			csv_name(row, vm->name);
			csv_name(row, vm->uuid);
			csv_number(row, vm->pid);
			continue;
		}
		profile_row_text(r, at, (enum profile_key)k, &text);
		csv_name(row, text.data);
		buf_free(&text);
	}
	csv_end(row);
}

static void number(struct csv_row *row, uint64_t n)
{
	char s[24];

	snprintf(s, sizeof(s), "%" PRIu64, n);
	csv_field(row, s);
}

static void share(struct csv_row *row, double n)
{
	char s[32];

	snprintf(s, sizeof(s), "%.9g", n);
	csv_field(row, s);
}

void out_profile_csv(struct buf *b, const struct profile_rows *r)
{
	struct csv_row row = {.b = b};

	csv_field(&row, "share");
	csv_field(&row, "samples");
	csv_field(&row, "period");
	titles(&row, r->keys);
	for (size_t i = 0; i < r->n; i++) {
		const struct profile_row *at = &r->rows[i];

		share(&row, profile_rows_share(r, at->like.event, &at->sum));
		number(&row, at->sum.samples);
		number(&row, at->sum.period);
		keys_of(&row, r, at);
	}
}

static void side(struct csv_row *row, const struct profile_row *at, double part)
{
	if (at) {
		share(row, part);
		number(row, at->sum.samples);
	} else {
		csv_field(row, "");
		csv_field(row, "");
	}
}

void out_profile_diff_csv(struct buf *b, const struct profile_diff *d)
{
	struct csv_row row = {.b = b};

	csv_field(&row, "before");
	csv_field(&row, "before_samples");
	csv_field(&row, "after");
	csv_field(&row, "after_samples");
	csv_field(&row, "change");
	titles(&row, d->a.keys);
	for (size_t i = 0; i < d->n; i++) {
		const struct profile_diff_row *at = &d->rows[i];

		side(&row, at->a, at->share_a);
		side(&row, at->b, at->share_b);
		share(&row, at->share_b - at->share_a);
		if (at->b)
			keys_of(&row, &d->b, at->b);
		else
			keys_of(&row, &d->a, at->a);
	}
}
