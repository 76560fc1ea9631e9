// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>
#include <time.h>

#include "../lib/options.h"
#include "record.h"

#define SECOND 1000000000ULL

/* As it was written: a local time, without the day if there is none. */
struct clock {
	bool day;
	int year, month, mday, hour, min, sec;
};

/* n digits, at most max; moves on. */
static bool digits(const char **text, int n, int max, int *ret)
{
	*ret = 0;
	for (int i = 0; i < n; i++, ++*text) {
		if (!isdigit((unsigned char)**text))
			return false;
		*ret = *ret * 10 + (**text - '0');
	}
	return *ret <= max;
}

static bool sign(const char **text, const char *one_of)
{
	if (!**text || !strchr(one_of, **text))
		return false;
	++*text;
	return true;
}

static bool parse_clock(const char *text, struct clock *c)
{
	memset(c, 0, sizeof(*c));
	c->day = strchr(text, '-') != NULL;
	if (c->day &&
	    !(digits(&text, 4, 9999, &c->year) && sign(&text, "-") && digits(&text, 2, 12, &c->month) &&
	      sign(&text, "-") && digits(&text, 2, 31, &c->mday) && sign(&text, " T")))
		return false;
	if (!digits(&text, 2, 23, &c->hour) || !sign(&text, ":") || !digits(&text, 2, 59, &c->min))
		return false;
	return !*text || (sign(&text, ":") && digits(&text, 2, 59, &c->sec) && !*text);
}

/* That time with daylight saving (tm_isdst) or without; false: it is none there. */
static bool to_ns(const struct clock *c, int dst, uint64_t *ret)
{
	struct tm tm = {.tm_year = c->year - 1900,
			.tm_mon = c->month - 1,
			.tm_mday = c->mday,
			.tm_hour = c->hour,
			.tm_min = c->min,
			.tm_sec = c->sec,
			.tm_isdst = dst};
	time_t t = mktime(&tm);

	/* a day that the month does not have, or an hour that is left out, becomes another one */
	if (t < 0 || (uint64_t)t > UINT64_MAX / SECOND || tm.tm_mon != c->month - 1 ||
	    tm.tm_mday != c->mday || tm.tm_hour != c->hour || tm.tm_min != c->min)
		return false;
	*ret = (uint64_t)t * SECOND;
	return true;
}

static bool within(uint64_t ns, uint64_t first_ns, uint64_t last_ns)
{
	return ns >= first_ns && ns <= last_ns;
}

/* An hour that there is twice is the one that the record has, else the earlier one. */
static bool local(const struct clock *c, uint64_t first_ns, uint64_t last_ns, uint64_t *ret)
{
	uint64_t one, other;
	bool is_one = to_ns(c, 1, &one), is_other = to_ns(c, 0, &other);

	if (!is_one && !is_other)
		return false;
	if (is_one && is_other) {
		uint64_t early = one < other ? one : other, late = one < other ? other : one;

		*ret = !within(early, first_ns, last_ns) && within(late, first_ns, last_ns) ? late : early;
	} else {
		*ret = is_one ? one : other;
	}
	return true;
}

/* Without a day: of the day of the record's end, or of the one before if only that one is in the record. */
static bool clock_ns(struct clock *c, uint64_t first_ns, uint64_t last_ns, uint64_t *ret)
{
	time_t end = (time_t)(last_ns / SECOND);
	struct clock before = *c;
	uint64_t ns;
	struct tm tm;

	if (c->day)
		return local(c, first_ns, last_ns, ret);
	if (!localtime_r(&end, &tm))
		return false;
	c->year = tm.tm_year + 1900;
	c->month = tm.tm_mon + 1;
	c->mday = tm.tm_mday;
	/* noon: there is one on every day */
	tm.tm_mday--;
	tm.tm_hour = 12;
	tm.tm_isdst = -1;
	if (mktime(&tm) >= 0) {
		before.year = tm.tm_year + 1900;
		before.month = tm.tm_mon + 1;
		before.mday = tm.tm_mday;
	}
	if (!local(c, first_ns, last_ns, ret))
		return before.year && local(&before, first_ns, last_ns, ret);
	if (*ret > last_ns && before.year && local(&before, first_ns, last_ns, &ns) && ns >= first_ns)
		*ret = ns;
	return true;
}

static bool seconds(const char *text, uint64_t *ret)
{
	uint64_t n = 0;

	if (!*text)
		return false;
	for (; isdigit((unsigned char)*text); text++)
		if (__builtin_mul_overflow(n, 10U, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*text - '0'), &n))
			return false;
	return !*text && !__builtin_mul_overflow(n, SECOND, ret);
}

bool record_when(const char *text, uint64_t first_ns, uint64_t last_ns, uint64_t *real_ns)
{
	struct clock c;
	uint64_t d;

	if (!strcmp(text, "start")) {
		*real_ns = first_ns;
	} else if (!strcmp(text, "end")) {
		*real_ns = last_ns;
	} else if (*text == '@') {
		return seconds(text + 1, real_ns);
	} else if (*text == '+') {
		if (!options_duration(text + 1, &d))
			return false;
		*real_ns = d < UINT64_MAX - first_ns ? first_ns + d : UINT64_MAX;
	} else if (*text == '-') {
		if (!options_duration(text + 1, &d))
			return false;
		*real_ns = d < last_ns ? last_ns - d : 0;
	} else {
		return parse_clock(text, &c) && clock_ns(&c, first_ns, last_ns, real_ns);
	}
	return true;
}
