// SPDX-License-Identifier: GPL-2.0-only
/* Bars of ledgers, legends and trends, cell by cell. */
#include <string.h>

#include "lib/mem.h"
#include "tui/bar.h"
#include "unit.h"

#define SECOND 1000000000ULL

/* The cells of a bar as letters. */
static const char *letters(const uint64_t ledger[VMP_STATES], unsigned int n, char *ret)
{
	unsigned int cells[VMP_STATES], at = 0;

	bar_cells(ledger, n, cells);
	for (unsigned int i = 0; i < VMP_STATES; i++)
		for (unsigned int k = 0; k < cells[bar_order[i]]; k++)
			ret[at++] = bar_letter(bar_order[i]);
	ret[at] = '\0';
	return ret;
}

START_TEST(known_bars)
{
	static const struct {
		uint64_t ledger[VMP_STATES]; /* guest kvm vmm poll idle blocked wait running */
		unsigned int n;
		const char *want;
	} cases[] = {
		{{1}, 4, "gggg"},
		{{1}, 0, ""},
		{{0}, 4, ""},
		{{1, 1}, 4, "ggkk"},
		{{2, 1}, 4, "gggk"},
		/* equal ones: the first has the rest */
		{{1, 1, 1}, 4, "ggkv"},
		{{50, 0, 0, 0, 50, 0, 0, 0}, 10, "gggggiiiii"},
		{{10, 10, 10, 10, 10, 10, 10, 10}, 8, "grkvbwpi"},
		/* less than half a cell */
		{{960, 40}, 10, "gggggggggg"},
		/* each has half a cell: it is seen */
		{{700, 50, 50, 50, 0, 50, 50, 50}, 10, "ggggrkvbwp"},
		/* more states than cells */
		{{10, 10, 10, 10, 10, 10, 10, 10}, 3, "gkv"},
		{{UINT64_MAX / 8, UINT64_MAX / 8, 0, 0, UINT64_MAX / 8 * 2, 0, 0, 0}, 8, "ggkkiiii"},
	};
	char got[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_str_eq(letters(cases[i].ledger, cases[i].n, got), cases[i].want);
}
END_TEST

/* Whatever the ledger: all cells are given, and what has half a cell is seen. */
START_TEST(adds_up)
{
	uint64_t seed = 88172645463325252ULL;

	for (unsigned int round = 0; round < 20000; round++) {
		uint64_t ledger[VMP_STATES], all = 0;
		unsigned int cells[VMP_STATES], n = round % 61, sum = 0, seen = 0;

		for (unsigned int k = 0; k < VMP_STATES; k++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			/* of very different sizes */
			ledger[k] = (seed >> 60) < 5 ? 0 : (seed & 0xffffffff) >> (seed >> 40) % 30;
			all += ledger[k];
		}
		bar_cells(ledger, n, cells);
		for (unsigned int k = 0; k < VMP_STATES; k++) {
			sum += cells[k];
			seen += all && 2 * ledger[k] * n >= all && ledger[k];
			ck_assert(ledger[k] || !cells[k]);
		}
		ck_assert_uint_eq(sum, all ? n : 0);
		for (unsigned int k = 0; n >= VMP_STATES && seen && k < VMP_STATES; k++)
			if (ledger[k] && 2 * ledger[k] * n >= all)
				ck_assert_uint_ge(cells[k], 1);
	}
}
END_TEST

static struct screen made(unsigned int w, bool utf8, bool colour)
{
	struct screen s = {.utf8 = utf8, .colour = colour};

	screen_resize(&s, w, 1);
	return s;
}

START_TEST(drawn)
{
	static const uint64_t ledger[VMP_STATES] = {2, 1, 0, 0, 1, 0, 0, 0};
	struct screen s = made(8, true, true);

	bar_draw(&s, 2, 0, 4, ledger);
	for (unsigned int x = 0; x < 8; x++) {
		bool in = x >= 2 && x < 6;

		ck_assert_uint_eq(s.cells[x].ch, x == 5 ? 0x2591 : in ? 0x2588 : ' ');
		if (in)
			ck_assert_int_eq(s.cells[x].style, STYLE_STATE + (x < 4    ? VMP_GUEST
									  : x == 4 ? VMP_KVM
										   : VMP_IDLE));
	}
	screen_free(&s);
	s = made(8, true, false);
	bar_draw(&s, 2, 0, 4, ledger);
	for (unsigned int x = 0; x < 8; x++)
		ck_assert_uint_eq(s.cells[x].ch, (uint32_t) "  ggki  "[x]);
	screen_free(&s);
}
END_TEST

static const char *line(const struct screen *s, char *ret)
{
	unsigned int end = 0;

	for (unsigned int x = 0; x < s->w; x++) {
		ret[x] = (char)s->cells[x].ch;
		if (ret[x] != ' ')
			end = x + 1;
	}
	ret[end] = '\0';
	return ret;
}

/* Shares are left out whole, the smallest first. */
START_TEST(legends)
{
	static const uint64_t ledger[VMP_STATES] = {500, 20, 0, 0, 470, 0, 10, 0};
	static const struct {
		unsigned int w;
		const char *want;
	} cases[] = {
		{60, "guest 50.0%  kvm 2.0%  wait 1.0%  idle 47.0%"},
		{44, "guest 50.0%  kvm 2.0%  wait 1.0%  idle 47.0%"},
		{43, "guest 50.0%  kvm 2.0%  idle 47.0%"},
		{24, "guest 50.0%  idle 47.0%"},
		{22, "guest 50.0%"},
		{10, ""},
		{0, ""},
	};
	char got[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct screen s = made(60, true, true);
		unsigned int end = bar_legend(&s, 0, 0, cases[i].w, ledger);

		ck_assert_str_eq(line(&s, got), cases[i].want);
		ck_assert_uint_eq(end, strlen(cases[i].want));
		screen_free(&s);
	}
}
END_TEST

static void add(struct history *h, uint64_t end, uint64_t ns, float busy)
{
	struct digest *d = mem_zalloc(1, sizeof(*d));

	d->real_ns = end * SECOND;
	d->interval_ns = ns * SECOND;
	d->busy = busy;
	d->vms = mem_zalloc(1, sizeof(*d->vms));
	d->nvms = 1;
	d->vms[0].pid = 7;
	d->vms[0].busy = busy / 2;
	history_add(h, d);
}

START_TEST(trends)
{
	struct history h = {0};
	float got[6];

	trend_busy(NULL, 0, 6, got);
	ck_assert(got[0] < 0 && got[5] < 0);
	trend_busy(&h, 0, 6, got);
	ck_assert(got[0] < 0 && got[5] < 0);
	/* parts of 10 s up to 1000 s: nothing is known of 960 to 970 and of the time before 945 */
	add(&h, 950, 5, 1);
	add(&h, 960, 10, 0.5F);
	add(&h, 980, 10, 0.25F);
	add(&h, 985, 5, 1);
	add(&h, 990, 5, 0);
	add(&h, 1000, 10, -1);
	trend_busy(&h, 0, 6, got);
	ck_assert_float_eq(got[0], 1);
	ck_assert_float_eq(got[1], 0.5F);
	ck_assert(got[2] < 0);
	ck_assert_float_eq(got[3], 0.25F);
	ck_assert_float_eq(got[4], 0.5F);
	ck_assert(got[5] < 0);
	trend_busy(&h, 7, 6, got);
	ck_assert_float_eq(got[0], 0.5F);
	trend_busy(&h, 8, 6, got);
	ck_assert(got[0] < 0);
	history_clear(&h);
}
END_TEST

/* One interval of a minute fills all parts; one that lies after the newest one, by a clock that was set back,
 * none. */
START_TEST(long_intervals)
{
	struct history h = {0};
	float got[4];

	add(&h, 5000, 1, 1);
	add(&h, 1000, 60, 0.5F);
	trend_busy(&h, 0, 4, got);
	for (int i = 0; i < 4; i++)
		ck_assert_float_eq(got[i], 0.5F);
	history_clear(&h);
}
END_TEST

START_TEST(trend_cells)
{
	static const float shares[] = {-1, 0, 0.125F, 0.126F, 0.5F, 0.99F, 1, 2};
	static const uint32_t utf8[] = {' ', 0x2581, 0x2581, 0x2582, 0x2584, 0x2588, 0x2588, 0x2588};
	struct screen s = made(8, true, true);

	trend_draw(&s, 0, 0, 8, shares);
	for (unsigned int x = 0; x < 8; x++)
		ck_assert_uint_eq(s.cells[x].ch, utf8[x]);
	ck_assert_int_eq(s.cells[1].style, STYLE_DIM);
	ck_assert_int_eq(s.cells[3].style, STYLE_SPARK);
	screen_free(&s);
	s = made(8, false, true);
	trend_draw(&s, 0, 0, 8, shares);
	for (unsigned int x = 0; x < 8; x++)
		ck_assert_uint_eq(s.cells[x].ch, (uint32_t) "   .-###"[x]);
	screen_free(&s);
}
END_TEST

START_TEST(heat)
{
	ck_assert_uint_eq(heat_step(1, 1, 8), 7);
	ck_assert_uint_eq(heat_step(1000, 1000, 8), 7);
	ck_assert_uint_eq(heat_step(1, 1000000, 8), 0);
	ck_assert_uint_eq(heat_step(1000, 1000000, 8), 4);
	for (uint64_t n = 1; n < 1000; n++)
		ck_assert_uint_le(heat_step(n, 1000, 8), heat_step(n + 1, 1000, 8));
}
END_TEST

int main(void)
{
	struct unit u = unit_new("bar");

	UNIT_ADD(u, known_bars);
	UNIT_ADD(u, adds_up);
	UNIT_ADD(u, drawn);
	UNIT_ADD(u, legends);
	UNIT_ADD(u, trends);
	UNIT_ADD(u, long_intervals);
	UNIT_ADD(u, trend_cells);
	UNIT_ADD(u, heat);
	return unit_run(u);
}
