// SPDX-License-Identifier: GPL-2.0-only
#include "units.h"

#include <math.h>
#include <stdio.h>

/* From this value on three digits round up to four. */
#define FOUR_DIGITS 999.5

static const char *digits(double v, const char *unit, char *ret)
{
	int decimals = v < 9.995 ? 2 : v < 99.95 ? 1 : 0;

	snprintf(ret, UNITS_SIZE, "%.*f%s", decimals, v, unit);
	return ret;
}

const char *units_ns(double ns, char ret[UNITS_SIZE])
{
	static const struct {
		double factor; /* how many of the unit before */
		const char *name;
	} units[] = {{1000, "us"}, {1000, "ms"}, {1000, "s"}, {60, "m"}, {60, "h"}, {24, "d"}, {365.25, "y"}};
	const char *name = "ns";

	if (!(ns >= 0)) {
		snprintf(ret, UNITS_SIZE, "-");
		return ret;
	}
	if (ns < FOUR_DIGITS) {
		snprintf(ret, UNITS_SIZE, "%.0fns", ns);
		return ret;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(*units) && ns >= FOUR_DIGITS; i++) {
		ns /= units[i].factor;
		name = units[i].name;
	}
	if (ns >= FOUR_DIGITS) {
		snprintf(ret, UNITS_SIZE, ">999y");
		return ret;
	}
	return digits(ns, name, ret);
}

const char *units_count(double n, char ret[UNITS_SIZE])
{
	static const char *const units[] = {"", "k", "M", "G", "T", "P", "E"};
	size_t i = 0;

	if (!(n >= 0)) {
		snprintf(ret, UNITS_SIZE, "-");
	} else if (n > 0 && n < 0.005) {
		snprintf(ret, UNITS_SIZE, "<0.01");
	} else if (n < FOUR_DIGITS && n == floor(n)) {
		snprintf(ret, UNITS_SIZE, "%.0f", n);
	} else {
		while (n >= FOUR_DIGITS && i + 1 < sizeof(units) / sizeof(*units)) {
			n /= 1000;
			i++;
		}
		if (n >= FOUR_DIGITS)
			snprintf(ret, UNITS_SIZE, ">999E");
		else
			digits(n, units[i], ret);
	}
	return ret;
}

const char *units_ratio(double r, char ret[UNITS_SIZE])
{
	double percent = r * 100;

	if (!(r >= 0))
		snprintf(ret, UNITS_SIZE, "-");
	else if (percent > 0 && percent < 0.05)
		snprintf(ret, UNITS_SIZE, "<0.1%%");
	else if (percent < 99.95)
		snprintf(ret, UNITS_SIZE, "%.1f%%", percent);
	else if (percent < 9999.5)
		snprintf(ret, UNITS_SIZE, "%.0f%%", percent);
	else
		snprintf(ret, UNITS_SIZE, ">999%%");
	return ret;
}
