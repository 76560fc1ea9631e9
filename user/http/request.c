// SPDX-License-Identifier: GPL-2.0-only
#include "request.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t request_unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from;) {
		int hi = *from == '%' ? digit(from[1]) : -1;
		int lo = hi < 0 ? -1 : digit(from[2]);

		if (lo >= 0 && hi + lo > 0) {
			*to++ = (char)(hi * 16 + lo);
			from += 3;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	return (size_t)(to - text);
}

struct request_rate request_rate(uint64_t interval_ns, uint32_t burst, uint64_t now)
{
	return (struct request_rate){interval_ns, burst, burst, now};
}

bool request_rate_take(struct request_rate *r, uint64_t now)
{
	if (!r->interval_ns)
		return true;
	r->tokens += (double)(now - r->filled) / (double)r->interval_ns;
	r->filled = now;
	if (r->tokens > r->burst)
		r->tokens = r->burst;
	if (r->tokens < 1)
		return false;
	r->tokens--;
	return true;
}
