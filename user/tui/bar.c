// SPDX-License-Identifier: GPL-2.0-only
#include "bar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../lib/units.h"

#define FULL_BLOCK 0x2588
#define SHADE      0x2591 /* idle: calmer than a block */
#define LOW_BLOCK  0x2581 /* and seven higher ones */
#define LEVELS     8

const enum vmp_state bar_order[VMP_STATES] = {
	VMP_GUEST, VMP_RUNNING, VMP_KVM, VMP_VMM, VMP_BLOCKED, VMP_WAIT, VMP_POLL, VMP_IDLE,
};

char bar_letter(enum vmp_state s)
{
	return "gkvpibwr"[s];
}

const char *bar_word(enum vmp_state s)
{
	static const char *const words[VMP_STATES] = {
		[VMP_GUEST] = "guest", [VMP_KVM] = "kvm",       [VMP_VMM] = "vmm",   [VMP_POLL] = "poll",
		[VMP_IDLE] = "idle",   [VMP_BLOCKED] = "block", [VMP_WAIT] = "wait", [VMP_RUNNING] = "run",
	};

	return words[s];
}

/* The state with the most cells more than its part; it keeps one. */
static unsigned int richest(const uint64_t part[VMP_STATES], uint64_t all, unsigned int n,
			    const unsigned int cells[VMP_STATES])
{
	unsigned int ret = VMP_STATES;
	double most = 0;

	for (unsigned int k = 0; k < VMP_STATES; k++) {
		double over = cells[k] - (double)part[k] * n / (double)all;

		if (cells[k] > 1 && (ret == VMP_STATES || over > most)) {
			most = over;
			ret = k;
		}
	}
	return ret;
}

void bar_cells(const uint64_t ledger[VMP_STATES], unsigned int n, unsigned int ret[VMP_STATES])
{
	uint64_t part[VMP_STATES], rest[VMP_STATES], all = 0;
	unsigned int given = 0, shift = 0;

	/* small enough for the products below */
	for (unsigned int k = 0; k < VMP_STATES; k++)
		while (ledger[k] >> shift >= 1ULL << 40)
			shift++;
	for (unsigned int k = 0; k < VMP_STATES; k++) {
		part[k] = ledger[k] >> shift;
		all += part[k];
		ret[k] = 0;
	}
	if (!all)
		return;
	for (unsigned int k = 0; k < VMP_STATES; k++) {
		ret[k] = (unsigned int)(part[k] * n / all);
		rest[k] = part[k] * n % all;
		given += ret[k];
	}
	for (; given < n; given++) {
		unsigned int most = 0;

		for (unsigned int k = 1; k < VMP_STATES; k++)
			if (rest[k] > rest[most])
				most = k;
		rest[most] = 0;
		ret[most]++;
	}
	for (unsigned int k = 0; k < VMP_STATES; k++) {
		unsigned int from;

		if (ret[k] || 2 * part[k] * n < all)
			continue;
		from = richest(part, all, n, ret);
		if (from == VMP_STATES)
			break;
		ret[from]--;
		ret[k]++;
	}
}

void bar_draw(struct screen *s, unsigned int x, unsigned int y, unsigned int w,
	      const uint64_t ledger[VMP_STATES])
{
	unsigned int cells[VMP_STATES];
	bool blocks = s->colour && s->utf8;

	bar_cells(ledger, w, cells);
	for (unsigned int i = 0; i < VMP_STATES; i++) {
		enum vmp_state k = bar_order[i];

		screen_fill(s, x, y, cells[k], (enum style)(STYLE_STATE + k),
			    !blocks         ? (uint32_t)bar_letter(k)
			    : k == VMP_IDLE ? SHADE
					    : FULL_BLOCK);
		x += cells[k];
	}
}

unsigned int bar_legend(struct screen *s, unsigned int x, unsigned int y, unsigned int w,
			const uint64_t ledger[VMP_STATES])
{
	char text[VMP_STATES][UNITS_SIZE * 2];
	unsigned int width[VMP_STATES] = {0}, all = 0, begin = x;
	uint64_t sum = 0;

	for (unsigned int k = 0; k < VMP_STATES; k++)
		sum += ledger[k];
	for (unsigned int k = 0; k < VMP_STATES; k++) {
		char share[UNITS_SIZE];

		if (!ledger[k])
			continue;
		units_ratio((double)ledger[k] / (double)sum, share);
		snprintf(text[k], sizeof(text[k]), "%s %s", bar_word((enum vmp_state)k), share);
		width[k] = (unsigned int)strlen(text[k]);
		all += width[k] + 2;
	}
	while (all > w + 2) {
		unsigned int least = VMP_STATES;

		for (unsigned int k = 0; k < VMP_STATES; k++)
			if (width[k] && (least == VMP_STATES || ledger[k] < ledger[least]))
				least = k;
		if (least == VMP_STATES)
			break;
		all -= width[least] + 2;
		width[least] = 0;
	}
	for (unsigned int i = 0; i < VMP_STATES; i++) {
		enum vmp_state k = bar_order[i];

		if (!width[k])
			continue;
		if (x > begin)
			x += 2;
		x = screen_text(s, x, y, width[k], (enum style)(STYLE_STATE + k), text[k]);
	}
	return x;
}

static float busy_at(const struct digest *d, uint32_t pid)
{
	const struct digest_vm *vm;

	if (!pid)
		return d->busy;
	vm = digest_vm(d, pid);
	return vm ? vm->busy : -1;
}

void trend_busy(const struct history *h, uint32_t pid, unsigned int w, float *ret)
{
	const struct digest *d, *last = h ? history_at(h, 0) : NULL;

	for (unsigned int i = 0; i < w; i++)
		ret[i] = -1;
	if (!last || !w)
		return;
	for (unsigned int i = 0; i < w; i++) {
		/* how long before the newest end the part begins and ends */
		double step = (double)TREND_NS / w, end = step * (w - 1 - i), begin = end + step;
		double sum = 0, time = 0;

		for (unsigned int age = 0; (d = history_at(h, age)); age++) {
			double to = (double)last->real_ns - (double)d->real_ns;
			double from = to + (double)d->interval_ns, both;
			float busy;

			both = fmin(from, begin) - fmax(to, end);
			if (both <= 0)
				continue;
			busy = busy_at(d, pid);
			if (busy < 0)
				continue;
			sum += busy * both;
			time += both;
		}
		if (time > 0)
			ret[i] = (float)(sum / time);
	}
}

void trend_draw(struct screen *s, unsigned int x, unsigned int y, unsigned int w, const float *shares)
{
	static const char ascii[] = " .:-=+*#";

	for (unsigned int i = 0; i < w; i++) {
		int level = (int)ceilf(shares[i] * LEVELS) - 1;

		if (shares[i] < 0)
			continue;
		if (level < 0)
			level = 0;
		if (level >= LEVELS)
			level = LEVELS - 1;
		screen_fill(s, x + i, y, 1, level ? STYLE_SPARK : STYLE_DIM,
			    s->utf8 ? LOW_BLOCK + (uint32_t)level : (uint32_t)ascii[level]);
	}
}

unsigned int heat_step(uint64_t n, uint64_t largest, unsigned int steps)
{
	unsigned int step;

	if (n >= largest)
		return steps - 1;
	step = (unsigned int)(log1p((double)n) / log1p((double)largest) * steps);
	return step < steps ? step : steps - 1;
}
